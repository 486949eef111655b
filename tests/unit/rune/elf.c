// SPDX-License-Identifier: Apache-2.0
/*
 * Reading libraries of this host, and the same libraries broken: cut off anywhere, bits turned over.
 * The broken ones are judged by the sanitizers' build; here they must at least not crash.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/io.h"
#include "rune/elf.h"

#define LIBM   "/lib/x86_64-linux-gnu/libm.so.6"
#define BROKEN "broken.so"

static char folder[] = "/tmp/elf-test-XXXXXX";

static int enter_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? chdir(folder) : -1;
}

static int leave_folder(void **state)
{
	(void)state;
	unlink(BROKEN);
	return chdir("/") == 0 ? rmdir(folder) : -1;
}

static void put_file(const void *bytes, size_t size)
{
	struct err e = { "" };

	if (io_write_file(BROKEN, bytes, size, 0644, &e) < 0)
		fail_msg("%s", e.text);
}

static void assert_refused(const char *path, const char *error)
{
	struct elf elf = { 0 };
	struct err e = { "" };

	assert_true(elf_open(path, &elf, &e) < 0);
	assert_string_equal(e.text, error);
	assert_null(elf.bytes);
}

static void a_library_says_what_it_needs_and_gives(void **state)
{
	struct elf elf = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(elf_open(LIBM, &elf, &e), 0);
	assert_string_equal(elf_text(&elf, DT_SONAME, 0), "libm.so.6");
	assert_string_equal(elf_text(&elf, DT_NEEDED, 0), "libc.so.6");
	assert_null(elf_text(&elf, DT_NEEDED, 9));
	assert_null(elf_text(&elf, DT_RUNPATH, 0));
	assert_true(elf_defines(&elf, "cos"));
	assert_true(elf_defines(&elf, "fmaf"));
	assert_false(elf_defines(&elf, "pal_init"));
	assert_false(elf_defines(&elf, "malloc"));
	assert_false(elf_defines(&elf, ""));
	assert_null(elf_interpreter(&elf));
	assert_false(elf_is_program(&elf));
	elf_close(&elf);
	assert_null(elf.bytes);
}

static void a_program_names_its_loader(void **state)
{
	struct elf elf = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(elf_open("/bin/ls", &elf, &e), 0);
	assert_string_equal(elf_interpreter(&elf), "/lib64/ld-linux-x86-64.so.2");
	assert_true(elf_is_program(&elf));
	elf_close(&elf);
}

static void what_is_no_library_is_refused_by_name(void **state)
{
	Elf64_Ehdr h = { .e_ident = ELFMAG, .e_type = ET_DYN, .e_machine = EM_X86_64 };

	(void)state;
	assert_refused("/nowhere/x.so", "/nowhere/x.so: No such file or directory");
	assert_refused("/etc", "/etc: not a shared library (not a regular file)");
	assert_refused("/dev/null", "/dev/null: not a shared library (not a regular file)");
	put_file("", 0);
	assert_refused(BROKEN, "broken.so: not a shared library (an empty file)");
	put_file("#!/bin/sh\n", 10);
	assert_refused(BROKEN, "broken.so: not a shared library (not an ELF file)");
	put_file(&h, sizeof(h));
	assert_refused(BROKEN, "broken.so: not a shared library (not for x86-64)");
	h.e_ident[EI_CLASS] = ELFCLASS64;
	h.e_ident[EI_DATA] = ELFDATA2LSB;
	h.e_machine = EM_AARCH64;
	put_file(&h, sizeof(h));
	assert_refused(BROKEN, "broken.so: not a shared library (not for x86-64)");
	h.e_machine = EM_X86_64;
	h.e_type = ET_REL;
	put_file(&h, sizeof(h));
	assert_refused(BROKEN, "broken.so: not a shared library (an object file, not linked)");
	h.e_type = ET_EXEC;
	put_file(&h, sizeof(h));
	assert_refused(BROKEN, "broken.so: not a shared library (a program at a fixed address)");
	h.e_type = ET_DYN;
	h.e_phentsize = sizeof(Elf64_Phdr);
	h.e_phoff = UINT64_MAX - 8;
	h.e_phnum = 1;
	put_file(&h, sizeof(h));
	assert_refused(BROKEN, "broken.so: not a shared library (cut off, or its program headers "
	                       "are broken)");
	h.e_phnum = 0;
	h.e_phoff = 0;
	put_file(&h, sizeof(h));
	assert_refused(BROKEN, "broken.so: not a shared library (no dynamic section)");
}

static void a_pipe_does_not_hold_anybody_up(void **state)
{
	(void)state;
	unlink(BROKEN);
	assert_int_equal(mkfifo(BROKEN, 0600), 0);
	assert_refused(BROKEN, "broken.so: not a shared library (not a regular file)");
	unlink(BROKEN);
}

/*
 * Ask everything of a copy of just this size, so that reading over its end is seen; the answers may be
 * anything that is text.  Whether it was a library.
 */
static bool read_all(const char *bytes, size_t size)
{
	_cleanup_(freep) char *copy = malloc(size);
	struct elf elf = { 0 };
	const char *text;
	size_t sum = 0, n;
	struct err e;

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	if (elf_read("copy", copy, size, &elf, &e) < 0)
		return false;
	for (size_t i = 0; i < 64 && (text = elf_text(&elf, DT_NEEDED, i)); i++)
		sum += strlen(text);
	for (size_t i = 0; i < 64 && (text = elf_dlopen_note(&elf, i, &n)); i++)
		sum += strnlen(text, n);
	text = elf_interpreter(&elf);
	sum += text ? strlen(text) : 0;
	sum += elf_defines(&elf, "cos") ? 1 : 0;
	sum += elf_defines(&elf, "pal_init") ? 1 : 0;
	assert_true(sum < SIZE_MAX);
	elf_close(&elf);
	return true;
}

static void a_library_cut_off_anywhere_is_refused(void **state)
{
	struct err e = { "" };
	_cleanup_(freep) char *bytes = NULL;
	size_t size;

	(void)state;
	assert_int_equal(io_read_file(LIBM, 16 << 20, &bytes, &size, &e), 0);
	assert_true(read_all(bytes, size));
	/* Behind the last segment are only section headers. */
	for (size_t cut = size - size % 64; cut > 0; cut -= 64)
		assert_false(read_all(bytes, cut) && cut < size * 9 / 10);
}

/* xorshift64: the same bytes each time. */
static uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* Most turns hit what is read: the headers, the dynamic section and the tables behind the headers. */
static size_t pick(uint64_t *x, const struct elf *elf, size_t size)
{
	switch (next_random(x) % 4) {
	case 0: return next_random(x) % (64 + 56 * (size_t)elf->program_header_count);
	case 1: return elf->dynamic + next_random(x) % (elf->dynamic_count * 16);
	case 2: return next_random(x) % 8192;
	default: return next_random(x) % size;
	}
}

static void a_library_with_turned_bits_crashes_nobody(void **state)
{
	struct err e = { "" };
	_cleanup_(freep) char *bytes = NULL;
	struct elf elf = { 0 };
	size_t size, opened = 0;
	uint64_t x = 88172645463325252u;

	(void)state;
	assert_int_equal(io_read_file(LIBM, 16 << 20, &bytes, &size, &e), 0);
	assert_int_equal(elf_open(LIBM, &elf, &e), 0);
	for (int round = 0; round < 2000; round++) {
		size_t at[4];
		char was[4];

		for (int i = 0; i < 4; i++) {
			at[i] = pick(&x, &elf, size);
			was[i] = bytes[at[i]];
			bytes[at[i]] = (char)next_random(&x);
		}
		opened += read_all(bytes, size) ? 1 : 0;
		for (int i = 3; i >= 0; i--)
			bytes[at[i]] = was[i];
	}
	elf_close(&elf);
	/* Neither all refused nor all taken, or nothing was tried. */
	assert_in_range(opened, 50, 1950);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_library_says_what_it_needs_and_gives),
		cmocka_unit_test(a_program_names_its_loader),
		cmocka_unit_test(what_is_no_library_is_refused_by_name),
		cmocka_unit_test(a_pipe_does_not_hold_anybody_up),
		cmocka_unit_test(a_library_cut_off_anywhere_is_refused),
		cmocka_unit_test(a_library_with_turned_bits_crashes_nobody),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
