// SPDX-License-Identifier: Apache-2.0
/*
 * The closure of this host's programs, held against what the dynamic loader says itself, and of small
 * libraries that the build has linked in awkward ways.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "rune/closure.h"
#include "rune/ldcache.h"

/* Below the build's folder: this program is tests/unit/rune/closure. */
static char build[PATH_MAX];

static int find_build(void **state)
{
	ssize_t n = readlink("/proc/self/exe", build, sizeof(build) - 1);

	(void)state;
	for (int i = 0; i < 4 && n > 0; i++) {
		while (n > 0 && build[n - 1] != '/')
			n--;
		n--;
	}
	if (n <= 0)
		return -1;
	build[n] = '\0';
	return 0;
}

static const char *built(const char *name)
{
	static char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", build, name);
	return path;
}

static const char *library(const char *name)
{
	static char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s/tests/unit/rune/closure-libs/%s", build, name);
	return path;
}

static const struct closure_file *find(const struct closure *c, const char *name)
{
	for (size_t i = 0; i < c->count; i++) {
		if (c->files[i].path && strcmp(c->files[i].name, name) == 0)
			return &c->files[i];
	}
	return NULL;
}

static void assert_file(const struct closure *c, const char *name, const char *path)
{
	_cleanup_(freep) char *file = realpath(path, NULL);

	assert_non_null(file);
	if (!find(c, name))
		fail_msg("%s: not in the closure", name);
	assert_string_equal(find(c, name)->path, file);
}

/* Each "NAME => PATH (...)" of ldd, and nothing else but the unwinder. */
static void assert_as_ldd_says(const char *program)
{
	_cleanup_(closure_release) struct closure c = { 0 };
	char command[2 * PATH_MAX], line[PATH_MAX], name[256], path[PATH_MAX];
	size_t lines = 0, count = 0;
	struct err e = { "" };
	bool has_unwinder = false;
	FILE *ldd;

	snprintf(command, sizeof(command), "ldd '%s'", program);
	ldd = popen(command, "re");
	assert_non_null(ldd);
	if (closure_add_program(&c, program, &e) < 0)
		fail_msg("%s", e.text);
	while (fgets(line, sizeof(line), ldd)) {
		if (sscanf(line, " %255s => %4095s (", name, path) != 2)
			continue;
		assert_file(&c, name, path);
		has_unwinder |= strcmp(name, "libgcc_s.so.1") == 0;
		lines++;
	}
	assert_int_equal(pclose(ldd), 0);
	for (size_t i = 0; i < c.count; i++)
		count += c.files[i].path ? 1 : 0;
	if (!has_unwinder && find(&c, "libgcc_s.so.1"))
		count--;
	assert_true(lines > 0);
	assert_int_equal(count, lines);
	assert_null(find(&c, "ld-linux-x86-64.so.2"));
	assert_non_null(realpath("/lib64/ld-linux-x86-64.so.2", path));
	assert_string_equal(c.loader, path);
}

static void the_closure_of_ls_is_what_the_loader_says(void **state)
{
	(void)state;
	assert_as_ldd_says("/bin/ls");
}

static void the_closure_of_runelet_is_what_the_loader_says(void **state)
{
	(void)state;
	assert_as_ldd_says(built("libexec/rune/runelet"));
}

static void a_library_brings_itself_and_its_libraries(void **state)
{
	_cleanup_(closure_release) struct closure c = { 0 };
	struct err e = { "" };

	(void)state;
	assert_int_equal(closure_add_library(&c, library("runpath.so"), &e), 0);
	assert_file(&c, "runpath.so", library("runpath.so"));
	assert_file(&c, "libbase.so", library("below/libbase.so"));
	assert_null(c.loader);
}

static void rpath_is_for_the_whole_tree_and_runpath_for_one(void **state)
{
	_cleanup_(closure_release) struct closure c = { 0 };
	_cleanup_(closure_release) struct closure d = { 0 };
	struct err e = { "" };
	char text[3 * PATH_MAX];

	(void)state;
	if (closure_add_library(&c, library("rpath-tree.so"), &e) < 0)
		fail_msg("%s", e.text);
	assert_file(&c, "libmiddle.so", library("below/libmiddle.so"));
	assert_file(&c, "libbase.so", library("below/libbase.so"));
	assert_int_equal(closure_add_library(&d, library("runpath-tree.so"), &e), -ENOENT);
	snprintf(text, sizeof(text), "%s: needs libbase.so, which is not on this host",
	         library("below/libmiddle.so"));
	assert_string_equal(e.text, text);
}

static void of_two_files_with_one_name_the_first_stays(void **state)
{
	_cleanup_(closure_release) struct closure c = { 0 };
	struct err e = { "" };

	(void)state;
	assert_int_equal(closure_add_library(&c, library("other/libbase.so"), &e), 0);
	assert_int_equal(closure_add_library(&c, library("runpath.so"), &e), 0);
	assert_int_equal(closure_add_library(&c, library("below/libbase.so"), &e), 0);
	assert_file(&c, "libbase.so", library("other/libbase.so"));
	for (size_t i = 0, seen = 0; i < c.count; i++) {
		seen += strcmp(c.files[i].name, "libbase.so") == 0 ? 1 : 0;
		assert_true(seen <= 1);
	}
}

static void a_dlopen_note_counts_as_a_need(void **state)
{
	static const struct {
		const char *library;
		bool has_base;
	} rows[] = {
		{ "note-required.so", true },   { "note-second.so", true },
		{ "note-suggested.so", false }, { "note-silent.so", false },
		{ "note-broken.so", false },    { "note-odd.so", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		_cleanup_(closure_release) struct closure c = { 0 };
		struct err e = { "" };

		if (closure_add_library(&c, library(rows[i].library), &e) < 0)
			fail_msg("%s", e.text);
		if (!!find(&c, "libbase.so") != rows[i].has_base)
			fail_msg("%s", rows[i].library);
	}
}

static void what_is_missing_is_named_with_who_needs_it(void **state)
{
	static const struct {
		const char *library, *error;
		int code;
	} rows[] = {
		{ "lost.so", "needs libbase.so, which is not on this host", -ENOENT },
		{ "note-lost.so", "needs libnowhere.so.2 (dlopen), which is not on this host",
		  -ENOENT },
		{ "by-path.so", "needs ./libbase.so by its path; a container has only names",
		  -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		_cleanup_(closure_release) struct closure c = { 0 };
		char text[3 * PATH_MAX];
		struct err e = { "" };

		assert_int_equal(closure_add_library(&c, library(rows[i].library), &e),
		                 rows[i].code);
		snprintf(text, sizeof(text), "%s: %s", library(rows[i].library), rows[i].error);
		assert_string_equal(e.text, text);
	}
}

static void programs_and_libraries_are_not_taken_for_each_other(void **state)
{
	_cleanup_(closure_release) struct closure c = { 0 };
	char text[3 * PATH_MAX];
	struct err e = { "" };

	(void)state;
	assert_int_equal(closure_add_library(&c, "/bin/ls", &e), -ENOEXEC);
	assert_string_equal(e.text, "/bin/ls: not a shared library (a program)");
	assert_int_equal(closure_add_program(&c, library("runpath.so"), &e), -ENOEXEC);
	snprintf(text, sizeof(text), "%s: names no dynamic loader", library("runpath.so"));
	assert_string_equal(e.text, text);
	assert_int_equal(closure_add_library(&c, "/etc/passwd", &e), -ENOEXEC);
	assert_int_equal(closure_add_library(&c, "/nowhere/x.so", &e), -ENOENT);
	assert_int_equal(c.count, 0);
}

static void libc_brings_the_unwinder(void **state)
{
	_cleanup_(closure_release) struct closure c = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(closure_add_library(&c, "/lib/x86_64-linux-gnu/libm.so.6", &e), 0);
	assert_non_null(find(&c, "libc.so.6"));
	assert_non_null(find(&c, "libgcc_s.so.1"));
}

/* One entry of /etc/ld.so.cache: libx.so.1 at /x, for x86-64 and any processor. */
struct cache {
	char magic[20];
	uint32_t counts[2], unused[5];
	struct {
		uint32_t flags, name, path, version;
		uint64_t hwcap;
	} entries[2];
	char texts[16];
};

static const struct cache good = {
	.magic = "glibc-ld.so.cache1.1",
	.counts = { 2, 16 },
	.entries = { { 0x303, 96, 106, 0, UINT64_C(1) << 62 }, { 0x303, 96, 106, 0, 0 } },
	.texts = "libx.so.1\0/x\0",
};

static void the_cache_is_read_within_its_bounds(void **state)
{
	struct cache broken = good;

	(void)state;
	assert_string_equal(ldcache_find(&good, sizeof(good), "libx.so.1", 0), "/x");
	assert_null(ldcache_find(&good, sizeof(good), "libx.so.1", 1));
	assert_null(ldcache_find(&good, sizeof(good), "libx.so", 0));
	/* The last text's zero byte is three bytes before the end. */
	for (size_t size = 0; size < sizeof(good) - 3; size++) {
		char *copy = malloc(size ? size : 1);

		assert_non_null(copy);
		memcpy(copy, &good, size);
		assert_null(ldcache_find(copy, size, "libx.so.1", 0));
		free(copy);
	}
	broken.counts[0] = UINT32_MAX;
	assert_null(ldcache_find(&broken, sizeof(broken), "libx.so.1", 0));
	broken = good;
	broken.entries[1].path = UINT32_MAX;
	assert_null(ldcache_find(&broken, sizeof(broken), "libx.so.1", 0));
	broken = good;
	broken.entries[1].flags = 0x803; /* x32 */
	assert_null(ldcache_find(&broken, sizeof(broken), "libx.so.1", 0));
	broken = good;
	memset(broken.texts, 'x', sizeof(broken.texts));
	assert_null(ldcache_find(&broken, sizeof(broken), "libx.so.1", 0));
}

static void an_old_table_in_front_of_the_cache_is_passed_over(void **state)
{
	struct {
		char magic[12];
		uint32_t count;
		uint32_t entries[3]; /* one, of 12 bytes; then padding to 8 */
		uint32_t padding;
		struct cache cache;
	} old = { .magic = "ld.so-1.7.0", .count = 1, .cache = good };

	(void)state;
	assert_string_equal(ldcache_find(&old, sizeof(old), "libx.so.1", 0), "/x");
	old.count = UINT32_MAX;
	assert_null(ldcache_find(&old, sizeof(old), "libx.so.1", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_closure_of_ls_is_what_the_loader_says),
		cmocka_unit_test(the_closure_of_runelet_is_what_the_loader_says),
		cmocka_unit_test(a_library_brings_itself_and_its_libraries),
		cmocka_unit_test(rpath_is_for_the_whole_tree_and_runpath_for_one),
		cmocka_unit_test(of_two_files_with_one_name_the_first_stays),
		cmocka_unit_test(a_dlopen_note_counts_as_a_need),
		cmocka_unit_test(what_is_missing_is_named_with_who_needs_it),
		cmocka_unit_test(programs_and_libraries_are_not_taken_for_each_other),
		cmocka_unit_test(libc_brings_the_unwinder),
		cmocka_unit_test(the_cache_is_read_within_its_bounds),
		cmocka_unit_test(an_old_table_in_front_of_the_cache_is_passed_over),
	};

	return cmocka_run_group_tests(tests, find_build, NULL);
}
