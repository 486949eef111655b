// SPDX-License-Identifier: Apache-2.0
/* Programs and their table. */
#include "pal/process.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "enclave/abi.h"

static char name[] = "name", two[] = "two words", empty[] = "", var[] = "A=b c";
static const struct pal_stdio_fds stdio = { 0, 1, 2 };

static void strings_are_copied_with_their_zero_bytes(void **state)
{
	char *argv[] = { name, two, empty, NULL }, *env[] = { var, NULL };
	struct process *p;

	(void)state;
	assert_int_equal(process_new(argv, env, &stdio, &p), 0);
	assert_int_equal(p->argc, 3);
	assert_int_equal(p->envc, 1);
	assert_int_equal(p->strings_size, 5 + 10 + 1 + 6);
	assert_memory_equal(p->strings, "name\0two words\0\0A=b c", p->strings_size);
	process_free(p);
}

static void descriptors_are_duplicates_above_the_standard_ones(void **state)
{
	char *argv[] = { name, NULL };
	struct process *p;
	int fd[3];

	(void)state;
	assert_int_equal(process_new(argv, NULL, &stdio, &p), 0);
	for (int i = 0; i < 3; i++) {
		fd[i] = p->fd[i];
		assert_true(fd[i] > 2);
		assert_int_equal(fcntl(fd[i], F_GETFD), FD_CLOEXEC);
	}
	process_free(p);
	for (int i = 0; i < 3; i++)
		assert_int_equal(fcntl(fd[i], F_GETFD), -1);
}

static void a_closed_descriptor_or_no_argument_is_refused(void **state)
{
	static const struct pal_stdio_fds closed = { 0, 1, 1000 };
	char *argv[] = { name, NULL }, *none[] = { NULL };
	struct process *p = NULL;
	int before = dup(0), after;

	(void)state;
	close(before);
	assert_int_equal(process_new(none, NULL, &stdio, &p), -EINVAL);
	assert_int_equal(process_new(argv, NULL, &closed, &p), -EBADF);
	assert_null(p);
	after = dup(0);
	close(after);
	assert_int_equal(before, after);
}

static void what_the_enclave_would_not_take_is_too_big(void **state)
{
	char **many = calloc(ENCL_ARGC_MAX + 2, sizeof(*many));
	char *large = malloc(ENCL_ARGS_MAX + 1), *argv[] = { large, NULL };
	struct process *p = NULL;

	(void)state;
	for (int i = 0; i < ENCL_ARGC_MAX; i++)
		many[i] = name;
	assert_int_equal(process_new(many, NULL, &stdio, &p), 0);
	process_free(p);
	p = NULL;
	assert_int_equal(process_new(many, many, &stdio, &p), -E2BIG);
	many[ENCL_ARGC_MAX] = name;
	assert_int_equal(process_new(many, NULL, &stdio, &p), -E2BIG);
	memset(large, 'x', ENCL_ARGS_MAX);
	large[ENCL_ARGS_MAX] = '\0';
	assert_int_equal(process_new(argv, NULL, &stdio, &p), -E2BIG);
	assert_null(p);
	large[ENCL_ARGS_MAX - 1] = '\0';
	assert_int_equal(process_new(argv, NULL, &stdio, &p), 0);
	process_free(p);
	free(large);
	free(many);
}

static struct process *added(struct process_table *table)
{
	char *argv[] = { name, NULL };
	struct process *p;

	assert_int_equal(process_new(argv, NULL, &stdio, &p), 0);
	process_add(table, p);
	return p;
}

static void pids_count_from_1_and_are_not_used_again(void **state)
{
	struct process_table table = { 0 };
	struct process *a = added(&table), *b = added(&table), *c;

	(void)state;
	assert_int_equal(a->pid, 1);
	assert_int_equal(b->pid, 2);
	process_remove(&table, b);
	c = added(&table);
	assert_int_equal(c->pid, 3);
	assert_ptr_equal(process_find(&table, 1), a);
	assert_null(process_find(&table, 2));
	assert_null(process_find(&table, 0));
	process_remove(&table, a);
	process_remove(&table, c);
	assert_null(table.first);
	process_free(a);
	process_free(b);
	process_free(c);
}

static void pid_0_is_the_one_that_was_executed_first(void **state)
{
	struct process_table table = { 0 };
	struct process *a = added(&table), *b = added(&table);

	(void)state;
	assert_true(process_matches(&table, a, 0) && !process_matches(&table, b, 0));
	table.main_pid = 2;
	assert_true(!process_matches(&table, a, 0) && process_matches(&table, b, 0));
	assert_true(process_matches(&table, a, -1) && process_matches(&table, b, -1));
	assert_true(process_matches(&table, a, 1) && !process_matches(&table, b, 1));
	process_remove(&table, b);
	assert_false(process_matches(&table, a, 0));
	process_free(a);
	process_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_copied_with_their_zero_bytes),
		cmocka_unit_test(descriptors_are_duplicates_above_the_standard_ones),
		cmocka_unit_test(a_closed_descriptor_or_no_argument_is_refused),
		cmocka_unit_test(what_the_enclave_would_not_take_is_too_big),
		cmocka_unit_test(pids_count_from_1_and_are_not_used_again),
		cmocka_unit_test(pid_0_is_the_one_that_was_executed_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
