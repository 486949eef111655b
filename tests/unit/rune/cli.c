// SPDX-License-Identifier: Apache-2.0
/*
 * rune's view of command lines, and the correction of the low-level runtime's output.  Both must leave
 * what is not rune's exactly as it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rune/args.h"
#include "rune/container.h"

enum { BUNDLE, DETACH, FDS, COUNT };

struct parsed {
	struct arg_option options[COUNT];
	struct args args;
};

static struct parsed *parse(bool is_ordered, char **words)
{
	static struct parsed p;

	p = (struct parsed){
		.options = { [BUNDLE] = { "bundle", "b", ARG_VALUE, NULL },
		             [DETACH] = { "detach", "d", ARG_FLAG, NULL },
		             [FDS] = { "preserve-fds", NULL, ARG_VALUE, NULL } },
	};
	p.args = (struct args){ .options = p.options,
		                .option_count = COUNT,
		                .is_ordered = is_ordered };
	assert_int_equal(args_parse(&p.args, words), 0);
	return &p;
}

static void release(struct parsed *p)
{
	args_release(&p->args);
}

#define WORDS(...) ((char *[]){ __VA_ARGS__, NULL })

static void every_spelling_of_an_option_is_understood(void **state)
{
	char **spellings[] = {
		WORDS("-b", "/x", "id"),      WORDS("--b", "/x", "id"),
		WORDS("-bundle", "/x", "id"), WORDS("--bundle", "/x", "id"),
		WORDS("-b=/x", "id"),         WORDS("--bundle=/x", "id"),
		WORDS("-bundle=/x", "id"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		struct parsed *p = parse(false, spellings[i]);

		assert_string_equal(p->options[BUNDLE].value, "/x");
		assert_string_equal(p->args.positional, "id");
		release(p);
	}
}

static void options_may_follow_the_id(void **state)
{
	struct parsed *p = parse(false, WORDS("id", "--detach", "-b", "/x"));

	(void)state;
	assert_string_equal(p->args.positional, "id");
	assert_true(args_is_set(&p->options[DETACH]));
	assert_string_equal(p->options[BUNDLE].value, "/x");
	release(p);
}

static void words_behind_the_first_are_not_options_where_order_counts(void **state)
{
	struct parsed *p = parse(true, WORDS("-d", "id", "ls", "-b", "/x"));

	(void)state;
	assert_true(args_is_set(&p->options[DETACH]));
	assert_null(p->options[BUNDLE].value);
	assert_int_equal(p->args.first, 1);
	release(p);
}

static void a_double_dash_ends_the_options(void **state)
{
	struct parsed *p = parse(false, WORDS("--", "-d"));

	(void)state;
	assert_string_equal(p->args.positional, "-d");
	assert_null(p->options[DETACH].value);
	release(p);
}

static void the_last_value_counts_and_false_is_false(void **state)
{
	struct parsed *p = parse(false, WORDS("-b", "/x", "--bundle=/y", "--detach=false", "id"));

	(void)state;
	assert_string_equal(p->options[BUNDLE].value, "/y");
	assert_false(args_is_set(&p->options[DETACH]));
	release(p);
}

static void a_flags_value_is_read_as_go_reads_it(void **state)
{
	static const char *const no[] = { "0", "f", "F", "false", "False", "FALSE" };
	static const char *const yes[] = { "1", "t", "T", "true", "True", "TRUE" };

	(void)state;
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		assert_false(args_is_set(&(struct arg_option){ .value = no[i] }));
		assert_true(args_is_set(&(struct arg_option){ .value = yes[i] }));
	}
	assert_false(args_is_set(&(struct arg_option){ .value = NULL }));
}

static void an_unknown_option_is_left_where_it_is(void **state)
{
	struct parsed *p = parse(false, WORDS("--new", "-b", "/x", "id"));

	(void)state;
	assert_string_equal(p->args.words[0], "--new");
	assert_null(p->args.owner[0]);
	assert_string_equal(p->args.positional, "id");
	release(p);
}

static void removing_an_option_takes_its_values_with_it(void **state)
{
	struct parsed *p =
		parse(false, WORDS("--preserve-fds", "2", "id", "--preserve-fds=3", "-d"));

	(void)state;
	args_remove(&p->args, &p->options[FDS]);
	assert_null(p->args.words[0]);
	assert_null(p->args.words[1]);
	assert_string_equal(p->args.words[2], "id");
	assert_null(p->args.words[3]);
	assert_string_equal(p->args.words[4], "-d");
	assert_string_equal(p->options[FDS].value, "3");
	release(p);
}

static void an_option_without_its_value_is_no_crash(void **state)
{
	struct parsed *p = parse(false, WORDS("id", "--bundle"));

	(void)state;
	assert_null(p->options[BUNDLE].value);
	release(p);
}

/* Container c waits for start. */
static bool is_c(void *arg, const char *id)
{
	++*(int *)arg;
	return strcmp(id, "c") == 0;
}

static void expect_json(int depth, const char *before, const char *after)
{
	char *text = strdup(before);
	int asked = 0;

	container_correct_json(text, depth, is_c, &asked);
	assert_string_equal(text, after);
	free(text);
}

static void a_state_is_corrected_and_nothing_else(void **state)
{
	(void)state;
	expect_json(
		1, "{\n  \"id\": \"c\",\n  \"status\": \"running\",\n  \"bundle\": \"/running\"\n}",
		"{\n  \"id\": \"c\",\n  \"status\": \"created\",\n  \"bundle\": \"/running\"\n}");
	expect_json(1, "{\"id\":\"other\",\"status\":\"running\"}",
	            "{\"id\":\"other\",\"status\":\"running\"}");
	expect_json(1, "{\"id\":\"c\",\"status\":\"stopped\"}",
	            "{\"id\":\"c\",\"status\":\"stopped\"}");
}

static void annotations_that_look_like_a_status_stay(void **state)
{
	(void)state;
	expect_json(1,
	            "{\"id\":\"c\",\"annotations\":{\"id\":\"x\",\"status\":\"running\"},"
	            "\"a\":\"\\\"status\\\":\\\"running\\\"\",\"status\":\"running\"}",
	            "{\"id\":\"c\",\"annotations\":{\"id\":\"x\",\"status\":\"running\"},"
	            "\"a\":\"\\\"status\\\":\\\"running\\\"\",\"status\":\"created\"}");
}

static void each_container_of_a_list_is_judged_by_its_own_id(void **state)
{
	(void)state;
	expect_json(
		2, "[{\"status\":\"running\",\"id\":\"c\"},{\"id\":\"d\",\"status\":\"running\"}]",
		"[{\"status\":\"created\",\"id\":\"c\"},{\"id\":\"d\",\"status\":\"running\"}]");
	expect_json(2, "null", "null");
	expect_json(2, "[{\"id\":\"c\",\"status\":\"runn", "[{\"id\":\"c\",\"status\":\"runn");
}

static void only_running_containers_are_asked(void **state)
{
	char text[] =
		"[{\"id\":\"c\",\"status\":\"stopped\"},{\"id\":\"d\",\"status\":\"running\"}]";
	int asked = 0;

	(void)state;
	container_correct_json(text, 2, is_c, &asked);
	assert_int_equal(asked, 1);
}

static void a_table_keeps_its_columns(void **state)
{
	char text[] = "ID          PID         STATUS      BUNDLE\n"
		      "c           12          running     /running\n"
		      "running     13          running     /x\n"
		      "d           0           stopped     /x\n";
	int asked = 0;

	(void)state;
	container_correct_table(text, is_c, &asked);
	assert_string_equal(text, "ID          PID         STATUS      BUNDLE\n"
	                          "c           12          created     /running\n"
	                          "running     13          running     /x\n"
	                          "d           0           stopped     /x\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_of_an_option_is_understood),
		cmocka_unit_test(options_may_follow_the_id),
		cmocka_unit_test(words_behind_the_first_are_not_options_where_order_counts),
		cmocka_unit_test(a_double_dash_ends_the_options),
		cmocka_unit_test(the_last_value_counts_and_false_is_false),
		cmocka_unit_test(a_flags_value_is_read_as_go_reads_it),
		cmocka_unit_test(an_unknown_option_is_left_where_it_is),
		cmocka_unit_test(removing_an_option_takes_its_values_with_it),
		cmocka_unit_test(an_option_without_its_value_is_no_crash),
		cmocka_unit_test(a_state_is_corrected_and_nothing_else),
		cmocka_unit_test(annotations_that_look_like_a_status_stay),
		cmocka_unit_test(each_container_of_a_list_is_judged_by_its_own_id),
		cmocka_unit_test(only_running_containers_are_asked),
		cmocka_unit_test(a_table_keeps_its_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
