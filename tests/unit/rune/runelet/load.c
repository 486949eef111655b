// SPDX-License-Identifier: Apache-2.0
/* Which PAL libraries runelet takes, and that the reason of each failure reaches the user, once. */
#include "tests/unit/rune/runelet/harness.h"

#include <poll.h>
#include <sys/stat.h>

static struct container c;

/* It ends with 1, and its error line is this, on the status descriptor or else on stderr. */
static void assert_refused(const char *pal, char **options, const char *line)
{
	char want[1024];

	container_begin(&c, pal, WITH_STATUS, options, ARGS("exit", "0"));
	snprintf(want, sizeof(want), "%s\n", line);
	assert_string_equal(text_from(&c, c.status), want);
	assert_string_equal(text_from(&c, c.err), "");
	assert_int_equal(container_end(&c), 1);

	container_begin(&c, pal, 0, options, ARGS("exit", "0"));
	snprintf(want, sizeof(want), "runelet: %s\n", line);
	assert_string_equal(text_from(&c, c.err), want);
	assert_int_equal(container_end(&c), 1);
}

static void every_version_runs_the_program_with_its_exact_arguments(void **state)
{
	static const char *const versions[] = { "1", "2", "3" };

	(void)state;
	for (int i = 0; i < 3; i++) {
		container_begin(&c, versions[i], WITH_STATUS, ARGS("--pal-args", "show-v3"),
		                ARGS("echo", "one two", "", "a\nb", "*"));
		assert_string_equal(text_from(&c, c.status), "ready\n");
		assert_string_equal(text_from(&c, c.out), "[one two]\n[]\n[a\nb]\n[*]\n");
		assert_string_equal(text_from(&c, c.err), "");
		assert_int_equal(container_end(&c), 0);
	}
}

static void pal_init_gets_arguments_and_log_level(void **state)
{
	(void)state;
	container_begin(&c, "2", 0, ARGS("--pal-args", "show-init x,y", "--log-level", "off"),
	                ARGS("exit", "0"));
	assert_string_equal(text_from(&c, c.err), "args=show-init x,y log_level=off\n");
	assert_int_equal(container_end(&c), 0);
}

static void a_version_above_three_is_refused(void **state)
{
	char line[1024];

	(void)state;
	snprintf(line, sizeof(line), "%s: PAL version 4 is not supported, only 1 to 3",
	         built("tests/integration/runelet-pal-4.so"));
	assert_refused("4", ARGS("--notice", "x"), line);
}

static void a_version_below_one_is_refused(void **state)
{
	char line[1024];

	(void)state;
	snprintf(line, sizeof(line), "%s: PAL version 0 is not supported, only 1 to 3",
	         built("tests/integration/runelet-pal-0.so"));
	assert_refused("0", ARGS("--notice", "x"), line);
}

static void a_missing_symbol_is_named(void **state)
{
	char line[1024];

	(void)state;
	snprintf(line, sizeof(line), "%s: PAL version 2 without the symbol pal_kill",
	         built("tests/integration/runelet-pal-nokill.so"));
	assert_refused("nokill", ARGS("--notice", "x"), line);
}

static void what_is_no_library_is_refused_by_name(void **state)
{
	char folder[] = "/tmp/runelet-test.XXXXXX", fifo[64];

	(void)state;
	assert_refused("/nonexistent/pal.so", ARGS("--notice", "x"),
	               "/nonexistent/pal.so: cannot open shared object file: No such file or "
	               "directory");
	assert_refused("/etc/passwd", ARGS("--notice", "x"), "/etc/passwd: invalid ELF header");
	assert_refused("/etc", ARGS("--notice", "x"), "/etc: not a regular file");
	assert_non_null(mkdtemp(folder));
	snprintf(fifo, sizeof(fifo), "%s/fifo", folder);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	snprintf(c.text, sizeof(c.text), "%s: not a regular file", fifo);
	char *line = strdup(c.text);
	assert_refused(fifo, ARGS("--notice", "x"), line);
	free(line);
	unlink(fifo);
	rmdir(folder);
}

static void an_unresolved_symbol_is_named_with_the_library(void **state)
{
	const char *path = built("tests/integration/runelet-pal-unresolved.so");
	char line[1024];

	(void)state;
	snprintf(line, sizeof(line), "%s: undefined symbol: nobody_has_this", path);
	assert_refused("unresolved", ARGS("--notice", "x"), line);
}

static void the_last_line_a_pal_prints_says_why_pal_init_failed(void **state)
{
	(void)state;
	assert_refused("2", ARGS("--pal-args", "fail-line"),
	               "pal_init: encl.ss: signature differs");
	assert_refused("3", ARGS("--pal-args", "print-much,fail-line"),
	               "pal_init: encl.ss: signature differs");
}

static void a_silent_failure_of_pal_init_shows_its_errno(void **state)
{
	(void)state;
	assert_refused("2", ARGS("--pal-args", "fail-quiet"),
	               "pal_init: No such file or directory");
}

static void with_log_level_debug_everything_printed_is_shown_as_well(void **state)
{
	(void)state;
	container_begin(&c, "2", WITH_STATUS,
	                ARGS("--pal-args", "fail-line", "--log-level", "debug"), ARGS("exit", "0"));
	assert_string_equal(text_from(&c, c.status), "pal_init: encl.ss: signature differs\n");
	assert_ptr_equal(strstr(text_from(&c, c.err), "first\n"), c.text);
	assert_int_equal(container_end(&c), 1);
}

static void a_library_that_calls_exit_is_reported(void **state)
{
	char line[1024];

	(void)state;
	snprintf(line, sizeof(line), "%s: the library called exit(1): no device",
	         built("tests/integration/runelet-pal-exit.so"));
	assert_refused("exit", ARGS("--notice", "x"), line);
	snprintf(line, sizeof(line), "%s: the library called exit(3): encl.bin: gone",
	         built("tests/integration/runelet-pal-2.so"));
	assert_refused("2", ARGS("--pal-args", "init-exits"), line);
}

static void a_library_that_aborts_is_reported(void **state)
{
	char line[1024];

	(void)state;
	container_begin(&c, "2", WITH_STATUS, ARGS("--pal-args", "init-aborts"), ARGS("exit", "0"));
	snprintf(line, sizeof(line), "%s: the library called abort(): v2.c:12: assertion failed\n",
	         built("tests/integration/runelet-pal-2.so"));
	assert_string_equal(text_from(&c, c.status), line);
	assert_string_equal(text_from(&c, c.err), "");
	assert_int_equal(container_end(&c), 128 + SIGABRT);
}

static void what_a_pal_prints_while_it_succeeds_is_all_passed_on(void **state)
{
	const char *at;

	(void)state;
	container_begin(&c, "2", WITH_STATUS, ARGS("--pal-args", "print-much", "--notice", "note"),
	                ARGS("exit", "9"));
	at = text_from(&c, c.err);
	for (int i = 0; i < 1024 * 1024 / 64; i++, at += 64)
		assert_int_equal(atoi(at), i);
	assert_string_equal(at, "note\n");
	assert_int_equal(container_end(&c), 9);
}

static void more_than_can_be_held_back_is_passed_on_and_the_last_line_still_told(void **state)
{
	(void)state;
	container_begin(&c, "2", 0, ARGS("--pal-args", "print-much,print-more,fail-line"),
	                ARGS("exit", "0"));
	text_from(&c, c.err);
	assert_true(strlen(c.text) > 4000000);
	assert_non_null(strstr(c.text, "runelet: pal_init: encl.ss: signature differs\n"));
	assert_int_equal(container_end(&c), 1);
	container_begin(&c, "2", 0, ARGS("--pal-args", "print-much,print-more"), ARGS("exit", "0"));
	assert_int_equal(strlen(text_from(&c, c.err)), 5 * 1024 * 1024);
	for (int i = 0; i < 5 * 1024 * 1024 / 64; i++)
		assert_int_equal(atoi(c.text + 64 * (size_t)i), i);
	assert_int_equal(container_end(&c), 0);
}

static void a_duplicate_of_stderr_kept_by_the_pal_goes_on_working(void **state)
{
	(void)state;
	container_begin(&c, "2", 0, ARGS("--pal-args", "keep-stderr"), ARGS("print-kept"));
	assert_string_equal(text_from(&c, c.err), "late words\n");
	assert_int_equal(container_end(&c), 0);
}

static void the_notice_is_printed_once_before_the_program_runs(void **state)
{
	(void)state;
	container_begin(&c, "2", WITH_WAIT | WITH_STATUS, ARGS("--notice", "simulated"),
	                ARGS("exit", "0"));
	assert_string_equal(text_from(&c, c.status), "ready\n");
	/* Engines attach between create and start: what is said before, nobody may hear. */
	assert_int_equal(poll(&(struct pollfd){ c.err, POLLIN, 0 }, 1, 100), 0);
	ask(&c, AGENT_START);
	assert_string_equal(text_from(&c, c.err), "simulated\n");
	assert_int_equal(container_end(&c), 0);
}

static void bad_command_lines_are_refused_in_one_line(void **state)
{
	(void)state;
	assert_refused("2", ARGS("--nonsense"), "unknown option: --nonsense");
	assert_refused("2", ARGS("--agent-fd", "77"),
	               "--agent-fd: 77: not an open descriptor above 2");
	assert_refused("2", ARGS("--agent-fd", "x"),
	               "--agent-fd: x: not an open descriptor above 2");
	assert_refused("2", ARGS("--agent-fd", "1"),
	               "--agent-fd: 1: not an open descriptor above 2");
	assert_refused("2", ARGS("--wait"), "--wait: without --agent-fd nobody could start it");
	assert_refused("pal.so", ARGS("--pal", "pal.so"),
	               "pal.so: not a path to a PAL library: it has no slash");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_version_runs_the_program_with_its_exact_arguments),
		cmocka_unit_test(pal_init_gets_arguments_and_log_level),
		cmocka_unit_test(a_version_above_three_is_refused),
		cmocka_unit_test(a_version_below_one_is_refused),
		cmocka_unit_test(a_missing_symbol_is_named),
		cmocka_unit_test(what_is_no_library_is_refused_by_name),
		cmocka_unit_test(an_unresolved_symbol_is_named_with_the_library),
		cmocka_unit_test(the_last_line_a_pal_prints_says_why_pal_init_failed),
		cmocka_unit_test(a_silent_failure_of_pal_init_shows_its_errno),
		cmocka_unit_test(with_log_level_debug_everything_printed_is_shown_as_well),
		cmocka_unit_test(a_library_that_calls_exit_is_reported),
		cmocka_unit_test(a_library_that_aborts_is_reported),
		cmocka_unit_test(what_a_pal_prints_while_it_succeeds_is_all_passed_on),
		cmocka_unit_test(
			more_than_can_be_held_back_is_passed_on_and_the_last_line_still_told),
		cmocka_unit_test(a_duplicate_of_stderr_kept_by_the_pal_goes_on_working),
		cmocka_unit_test(the_notice_is_printed_once_before_the_program_runs),
		cmocka_unit_test(bad_command_lines_are_refused_in_one_line),
	};

	return cmocka_run_group_tests_name("runelet-load", tests, NULL, NULL);
}
