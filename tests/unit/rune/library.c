// SPDX-License-Identifier: Apache-2.0
/* Whose files rune takes for libraries, and whose folders it finds them in. */
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

#include "rune/library.h"

#define LIBM     "/lib/x86_64-linux-gnu/libm.so.6"
#define STRANGER 4242

static char top[] = "/tmp/library-test-XXXXXX";
static char folder[64], path[80], text[256];

static int enter(void **state)
{
	int fd;

	(void)state;
	unsetenv("SUDO_UID");
	if (!mkdtemp(top))
		return -1;
	snprintf(folder, sizeof(folder), "%s/folder", top);
	snprintf(path, sizeof(path), "%s/x.so", folder);
	if (mkdir(folder, 0755) < 0)
		return -1;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	return fd < 0 ? -1 : close(fd);
}

static int leave(void **state)
{
	(void)state;
	unlink(path);
	rmdir(folder);
	rmdir(top);
	memcpy(top + strlen(top) - 6, "XXXXXX", 6);
	return 0;
}

static void assert_check(const char *file, int code, const char *line)
{
	struct err e = { "" };

	assert_int_equal(library_check(file, &e), code);
	assert_string_equal(e.text, line);
}

static void a_file_of_roots_or_the_callers_is_taken(void **state)
{
	(void)state;
	assert_check(path, 0, "");
	assert_check(LIBM, 0, "");
}

static void what_is_no_file_is_refused(void **state)
{
	(void)state;
	assert_check("x.so", -EINVAL, "x.so: not an absolute path");
	assert_check("/nowhere/x.so", -ENOENT, "/nowhere/x.so: No such file or directory");
	assert_check("/etc", -ENOEXEC, "/etc: not a regular file");
	assert_check("/dev/null", -ENOEXEC, "/dev/null: not a regular file");
}

static void a_file_that_everybody_may_write_to_is_refused(void **state)
{
	(void)state;
	assert_int_equal(chmod(path, 0646), 0);
	snprintf(text, sizeof(text), "%s: everybody may write to it", path);
	assert_check(path, -EPERM, text);
}

static void a_folder_that_everybody_may_write_to_must_be_sticky(void **state)
{
	(void)state;
	assert_int_equal(chmod(folder, 0777), 0);
	snprintf(text, sizeof(text), "%s: everybody may write to its folder %s", path, folder);
	assert_check(path, -EPERM, text);
	assert_int_equal(chmod(folder, 01777), 0);
	assert_check(path, 0, "");
}

static void a_folder_above_counts_as_well_and_a_link_is_followed(void **state)
{
	char link[96];

	(void)state;
	snprintf(link, sizeof(link), "/tmp/library-test-link-%d", getpid());
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(chmod(top, 0777), 0);
	snprintf(text, sizeof(text), "%s: everybody may write to its folder %s", link, top);
	assert_check(link, -EPERM, text);
	unlink(link);
}

static void must_be_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("# needs root: files of another user\n");
	skip();
}

static void a_strangers_file_is_refused(void **state)
{
	(void)state;
	must_be_root();
	assert_int_equal(chown(path, STRANGER, 0), 0);
	snprintf(text, sizeof(text), "%s: belongs to user 4242, neither root nor the caller", path);
	assert_check(path, -EPERM, text);
}

static void a_file_in_a_strangers_folder_is_refused(void **state)
{
	(void)state;
	must_be_root();
	assert_int_equal(chown(top, STRANGER, 0), 0);
	snprintf(text, sizeof(text),
	         "%s: its folder %s belongs to user 4242, neither root nor the caller", path, top);
	assert_check(path, -EPERM, text);
}

static void who_calls_by_sudo_is_no_stranger(void **state)
{
	(void)state;
	must_be_root();
	assert_int_equal(chown(path, STRANGER, 0), 0);
	assert_int_equal(chown(top, STRANGER, 0), 0);
	setenv("SUDO_UID", "4242", 1);
	assert_check(path, 0, "");
	setenv("SUDO_UID", "4242x", 1);
	snprintf(text, sizeof(text), "%s: belongs to user 4242, neither root nor the caller", path);
	assert_check(path, -EPERM, text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_of_roots_or_the_callers_is_taken),
		TEST(what_is_no_file_is_refused),
		TEST(a_file_that_everybody_may_write_to_is_refused),
		TEST(a_folder_that_everybody_may_write_to_must_be_sticky),
		TEST(a_folder_above_counts_as_well_and_a_link_is_followed),
		TEST(a_strangers_file_is_refused),
		TEST(a_file_in_a_strangers_folder_is_refused),
		TEST(who_calls_by_sudo_is_no_stranger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
