// SPDX-License-Identifier: Apache-2.0
/* Whole reads and writes, and files that are replaced as a whole or not at all. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/io.h"

static char folder[64];

/* folder/name, in a static buffer. */
static const char *in_folder(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static unsigned int count_files(void)
{
	DIR *dir = opendir(folder);
	unsigned int count = 0;
	struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

static int setup(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	snprintf(folder, sizeof(folder), "%s/unit-XXXXXX", base ? base : P_tmpdir);
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	unlink(in_folder("file"));
	rmdir(in_folder("directory"));
	return rmdir(folder);
}

static void expect_content(const char *path, const char *expected)
{
	char *content = NULL;
	size_t size;
	struct err e;

	assert_int_equal(io_read_file(path, 1000, &content, &size, &e), 0);
	assert_int_equal(size, strlen(expected));
	assert_string_equal(content, expected);
	free(content);
}

static void a_short_file_is_no_exact_read(void **state)
{
	char buf[4];
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(io_write_all(fds[1], "abcdef", 6), 0);
	close(fds[1]);
	assert_int_equal(io_read_exact(fds[0], buf, 4), 0);
	assert_memory_equal(buf, "abcd", 4);
	assert_int_equal(io_read_exact(fds[0], buf, 4), -ENODATA);
	assert_int_equal(io_read_exact(fds[0], buf, 0), 0);
	close(fds[0]);
	assert_int_equal(io_read_exact(-1, buf, 1), -EBADF);
	assert_int_equal(io_write_all(-1, buf, 1), -EBADF);
}

/* The pipe holds less than what is written, so both sides see short transfers. */
static void short_transfers_are_continued(void **state)
{
	static char sent[1 << 20], received[1 << 20];
	int fds[2], status;
	pid_t child;

	(void)state;
	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = (char)(i % 251);
	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		close(fds[0]);
		_exit(io_write_all(fds[1], sent, sizeof(sent)) == 0 ? 0 : 1);
	}
	close(fds[1]);
	assert_int_equal(io_read_exact(fds[0], received, sizeof(received)), 0);
	close(fds[0]);
	assert_memory_equal(sent, received, sizeof(sent));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void a_file_is_read_whole_up_to_its_limit(void **state)
{
	static char large[100000];
	char *content = NULL;
	size_t size = 7;
	struct err e;

	(void)state;
	memset(large, 'l', sizeof(large));
	assert_int_equal(io_write_file(in_folder("file"), large, sizeof(large), 0644, &e), 0);
	assert_int_equal(io_read_file(in_folder("file"), sizeof(large), &content, &size, &e), 0);
	assert_int_equal(size, sizeof(large));
	assert_memory_equal(content, large, sizeof(large));
	assert_int_equal(content[size], '\0');
	free(take_ptr(content));
	assert_int_equal(io_read_file(in_folder("file"), sizeof(large) - 1, &content, &size, &e),
	                 -EFBIG);
	assert_non_null(strstr(e.text, "file: larger than 99999 bytes"));
	assert_null(content);
	assert_int_equal(size, sizeof(large));
	assert_int_equal(io_write_file(in_folder("file"), "", 0, 0644, &e), 0);
	expect_content(in_folder("file"), "");
}

static void a_file_of_proc_is_read_though_its_size_is_0(void **state)
{
	char *content = NULL;
	size_t size;
	struct err e;

	(void)state;
	assert_int_equal(io_read_file("/proc/self/status", 1 << 20, &content, &size, &e), 0);
	assert_true(size > 100);
	assert_memory_equal(content, "Name:", 5);
	free(content);
}

static void what_cannot_be_read_is_named(void **state)
{
	char *content = NULL;
	size_t size;
	struct err e;

	(void)state;
	assert_int_equal(io_read_file("no/such", 10, &content, &size, &e), -ENOENT);
	assert_string_equal(e.text, "open no/such: No such file or directory");
	assert_int_equal(io_read_file(folder, 10, &content, &size, &e), -EISDIR);
	assert_null(content);
}

static void a_write_replaces_the_file_and_sets_its_mode(void **state)
{
	struct stat st;
	struct err e;

	(void)state;
	assert_int_equal(io_write_file(in_folder("file"), "old", 3, 0644, &e), 0);
	expect_content(in_folder("file"), "old");
	assert_int_equal(io_write_file(in_folder("file"), "newer", 5, 0600, &e), 0);
	expect_content(in_folder("file"), "newer");
	assert_int_equal(stat(in_folder("file"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(count_files(), 1);
}

static void a_reader_of_the_old_file_keeps_it(void **state)
{
	char buf[3];
	struct err e;

	(void)state;
	assert_int_equal(io_write_file(in_folder("file"), "old", 3, 0644, &e), 0);
	_cleanup_(closep) int fd = open(in_folder("file"), O_RDONLY);
	assert_int_equal(io_write_file(in_folder("file"), "new", 3, 0644, &e), 0);
	assert_int_equal(io_read_exact(fd, buf, 3), 0);
	assert_memory_equal(buf, "old", 3);
}

/* The disk is "full" after 4 bytes. */
static void a_failed_write_leaves_the_old_file_alone(void **state)
{
	const struct rlimit small = { 4, RLIM_INFINITY };
	struct rlimit before;
	struct err e;
	int r;

	(void)state;
	assert_int_equal(io_write_file(in_folder("file"), "old", 3, 0644, &e), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	r = io_write_file(in_folder("file"), "too long", 8, 0644, &e);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(r, -EFBIG);
	assert_non_null(strstr(e.text, "/file: File too large"));
	expect_content(in_folder("file"), "old");
	assert_int_equal(count_files(), 1);
}

static void a_failed_rename_leaves_nothing_behind(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(mkdir(in_folder("directory"), 0755), 0);
	assert_int_equal(io_write_file(in_folder("directory"), "x", 1, 0644, &e), -EISDIR);
	assert_int_equal(io_write_file(in_folder("none/file"), "x", 1, 0644, &e), -ENOENT);
	assert_int_equal(rmdir(in_folder("directory")), 0);
	assert_int_equal(count_files(), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_file_is_no_exact_read),
		cmocka_unit_test(short_transfers_are_continued),
		cmocka_unit_test(a_file_is_read_whole_up_to_its_limit),
		cmocka_unit_test(a_file_of_proc_is_read_though_its_size_is_0),
		cmocka_unit_test(what_cannot_be_read_is_named),
		cmocka_unit_test(a_write_replaces_the_file_and_sets_its_mode),
		cmocka_unit_test(a_reader_of_the_old_file_keeps_it),
		cmocka_unit_test(a_failed_write_leaves_the_old_file_alone),
		cmocka_unit_test(a_failed_rename_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
