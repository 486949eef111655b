// SPDX-License-Identifier: Apache-2.0
/* pal_init's options and log levels. */
#include "pal/args.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "pal/log.h"

static void text_without_options_is_fine(void **state)
{
	static const char *const empty[] = { NULL, "", " ", ",", " ,\t, ", "\n" };
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
		struct args args = { .is_debug = true };

		assert_int_equal(args_parse(empty[i], &args, &e), 0);
		assert_false(args.is_debug);
	}
}

static void debug_is_found_between_separators(void **state)
{
	static const char *const good[] = { "debug", " debug", "debug,", ",,debug ,",
		                            "debug debug" };
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct args args = { 0 };

		assert_int_equal(args_parse(good[i], &args, &e), 0);
		assert_true(args.is_debug);
	}
}

static void an_unknown_option_is_named_and_changes_nothing(void **state)
{
	static const char *const bad[] = { "debu", "debugg", "Debug", "debug=1", "debug turbo" };
	struct args args = { .is_debug = true };
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(args_parse(bad[i], &args, &e), -EINVAL);
	assert_true(args.is_debug);
	assert_int_equal(args_parse("debug,turbo,x", &args, &e), -EINVAL);
	assert_non_null(strstr(e.text, "\"turbo\""));
}

static void every_level_of_the_contract_is_known(void **state)
{
	static const char *const names[] = { "off",     "panic", "fatal", "error",
		                             "warning", "info",  "debug", "trace" };
	enum log_level level;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(log_level_parse(names[i], &level, &e), 0);
		assert_int_equal(level, i);
	}
	assert_int_equal(log_level_parse(NULL, &level, &e), 0);
	assert_int_equal(level, LOG_WARNING);
	assert_int_equal(log_level_parse("loud", &level, &e), -EINVAL);
	assert_non_null(strstr(e.text, "\"loud\""));
	assert_int_equal(level, LOG_WARNING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_without_options_is_fine),
		cmocka_unit_test(debug_is_found_between_separators),
		cmocka_unit_test(an_unknown_option_is_named_and_changes_nothing),
		cmocka_unit_test(every_level_of_the_contract_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
