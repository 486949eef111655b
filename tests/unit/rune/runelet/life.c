// SPDX-License-Identifier: Apache-2.0
/* The container's life: exit codes, signals before, during and after the program, and its end. */
#include "tests/unit/rune/runelet/harness.h"

#include <time.h>

static struct container c;

static void assert_exit(const char *pal, char **options, char **program, int code)
{
	container_begin(&c, pal, 0, options, program);
	assert_int_equal(container_end(&c), code);
}

static void the_exit_code_is_the_programs_with_every_version(void **state)
{
	static const char *const versions[] = { "1", "2", "3" };

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_exit(versions[i], ARGS("--pal-args", "x"), ARGS("exit", "0"), 0);
		assert_exit(versions[i], ARGS("--pal-args", "x"), ARGS("exit", "7"), 7);
		assert_exit(versions[i], ARGS("--pal-args", "x"), ARGS("exit", "255"), 255);
	}
}

static void an_exit_value_out_of_range_is_no_success(void **state)
{
	(void)state;
	assert_exit("2", ARGS("--pal-args", "x"), ARGS("exit", "256"), 255);
	assert_exit("2", ARGS("--pal-args", "x"), ARGS("exit", "-1"), 255);
}

static void a_program_that_cannot_run_is_one_line_and_exit_1(void **state)
{
	(void)state;
	container_begin(&c, "1", 0, ARGS("--pal-args", "x"), ARGS("nonesuch"));
	assert_string_equal(text_from(&c, c.err),
	                    "runelet: pal_exec: nonesuch: Exec format error\n");
	assert_int_equal(container_end(&c), 1);
	container_begin(&c, "2", 0, ARGS("--pal-args", "create-fails"), ARGS("exit", "0"));
	assert_string_equal(text_from(&c, c.err),
	                    "runelet: pal_create_process: exit: Argument list too long\n");
	assert_int_equal(container_end(&c), 1);
}

static void pal_destroy_runs_once_and_stdio_is_flushed(void **state)
{
	(void)state;
	container_begin(&c, "3", 0, ARGS("--pal-args", "destroy-line"), ARGS("exit", "4"));
	assert_string_equal(text_from(&c, c.out), "destroyed\n");
	assert_int_equal(container_end(&c), 4);
}

static void what_pal_destroy_does_to_the_process_leaves_the_exit_code(void **state)
{
	(void)state;
	assert_exit("1", ARGS("--pal-args", "destroy-closes"), ARGS("exit", "3"), 3);
	assert_exit("1", ARGS("--pal-args", "destroy-exits"), ARGS("exit", "3"), 3);
	assert_exit("2", ARGS("--pal-args", "destroy-exits"), ARGS("exit", "0"), 0);
}

static void a_pal_destroy_that_hangs_is_left_after_some_seconds(void **state)
{
	time_t begin = time(NULL);

	(void)state;
	assert_exit("2", ARGS("--pal-args", "destroy-hangs"), ARGS("exit", "6"), 6);
	assert_in_range(time(NULL) - begin, 4, 15);
}

static void streams_that_are_closed_do_not_stop_the_program(void **state)
{
	(void)state;
	container_begin(&c, "2", WITH_CLOSED_STDIO | WITH_STATUS, ARGS("--pal-args", "x"),
	                ARGS("exit", "8"));
	assert_string_equal(text_from(&c, c.status), "ready\n");
	assert_int_equal(container_end(&c), 8);
	container_begin(&c, "2", WITH_CLOSED_STDIO, ARGS("--pal-args", "x"), ARGS("cat"));
	assert_int_equal(container_end(&c), 2); /* read: EBADF */
}

static void processes_of_the_pal_inherit_only_the_streams(void **state)
{
	(void)state;
	container_begin(&c, "2", WITH_WAIT | WITH_STATUS, ARGS("--pal-args", "x"), ARGS("fds"));
	assert_string_equal(text_from(&c, c.status), "ready\n");
	ask(&c, AGENT_START);
	assert_string_equal(text_from(&c, c.out), "0  1  2  3\n");
	assert_int_equal(container_end(&c), 0);
}

static void hidden_variables_are_not_the_programs(void **state)
{
	(void)state;
	harness_env = ARGS("A=1 2", "SECRET=x", "SECRETS=y");
	container_begin(&c, "2", 0, ARGS("--hide-env", "SECRET", "--hide-env", "OTHER"),
	                ARGS("env"));
	harness_env = NULL;
	assert_string_equal(text_from(&c, c.out), "A=1 2\nSECRETS=y\n");
	assert_int_equal(container_end(&c), 0);
}

static void signals_reach_the_program_in_order(void **state)
{
	static const int sent[] = { SIGHUP,  SIGUSR1, SIGINT,  SIGQUIT, SIGWINCH,
		                    SIGPIPE, SIGTSTP, SIGABRT, SIGCONT, SIGTERM };
	char line[32];

	(void)state;
	container_begin(&c, "2", 0, ARGS("--pal-args", "x"), ARGS("signals"));
	assert_string_equal(line_from(&c, c.out), "ready");
	for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++) {
		kill(c.pid, sent[i]);
		snprintf(line, sizeof(line), "signal %d", sent[i]);
		assert_string_equal(line_from(&c, c.out), line);
	}
	assert_int_equal(container_end(&c), 5);
}

static void a_signal_that_comes_before_the_program_runs_is_kept_for_it(void **state)
{
	(void)state;
	container_begin(&c, "2", WITH_STATUS, ARGS("--pal-args", "create-slow"), ARGS("block"));
	assert_string_equal(text_from(&c, c.status), "ready\n");
	kill(c.pid, SIGTERM);
	assert_int_equal(container_end(&c), 128 + SIGTERM);
}

static void a_program_that_ignores_signals_goes_on_until_sigkill(void **state)
{
	(void)state;
	container_begin(&c, "2", WITH_WAIT, ARGS("--pal-args", "kill-ignored"), ARGS("block"));
	ask(&c, AGENT_START);
	assert_string_equal(line_from(&c, c.out), "blocks");
	kill(c.pid, SIGTERM);
	usleep(100 * 1000);
	assert_int_equal(ask(&c, AGENT_STATE), AGENT_STATE_RUNNING);
	kill(c.pid, SIGKILL);
	assert_int_equal(container_end(&c), 128 + SIGKILL);
}

static void a_pal_kill_that_hangs_leaves_the_agent_answering(void **state)
{
	(void)state;
	container_begin(&c, "2", WITH_WAIT, ARGS("--pal-args", "kill-hangs"), ARGS("cat"));
	ask(&c, AGENT_START);
	kill(c.pid, SIGTERM);
	usleep(50 * 1000);
	assert_int_equal(ask(&c, AGENT_STATE), AGENT_STATE_RUNNING);
	close(c.in);
	c.in = -1;
	assert_int_equal(container_end(&c), 0);
}

static void version_1_ends_by_signals_that_end_programs_and_no_others(void **state)
{
	(void)state;
	container_begin(&c, "1", 0, ARGS("--pal-args", "x"), ARGS("cat"));
	assert_int_equal(write(c.in, "x\n", 2), 2);
	assert_string_equal(line_from(&c, c.out), "x");
	kill(c.pid, SIGWINCH);
	kill(c.pid, SIGCONT);
	kill(c.pid, SIGTSTP);
	assert_int_equal(write(c.in, "y\n", 2), 2);
	assert_string_equal(line_from(&c, c.out), "y");
	kill(c.pid, SIGTERM);
	assert_int_equal(container_end(&c), 128 + SIGTERM);
}

static void a_created_container_is_destroyed_by_sigterm(void **state)
{
	(void)state;
	container_begin(&c, "2", WITH_WAIT | WITH_STATUS, ARGS("--pal-args", "destroy-line"),
	                ARGS("exit", "0"));
	assert_string_equal(text_from(&c, c.status), "ready\n");
	kill(c.pid, SIGWINCH);
	assert_int_equal(ask(&c, AGENT_STATE), AGENT_STATE_CREATED);
	kill(c.pid, SIGTERM);
	assert_string_equal(text_from(&c, c.out), "destroyed\n");
	assert_int_equal(container_end(&c), 128 + SIGTERM);
}

static void sigterm_ends_a_pal_init_that_hangs_and_says_so(void **state)
{
	char line[1024];

	(void)state;
	container_begin(&c, "2", WITH_STATUS, ARGS("--pal-args", "keep-stderr,init-hangs"),
	                ARGS("exit", "0"));
	assert_string_equal(line_from(&c, c.out), "hangs");
	kill(c.pid, SIGTERM);
	snprintf(line, sizeof(line), "%s: stopped by signal 15 while loading\n",
	         built("tests/integration/runelet-pal-2.so"));
	assert_string_equal(text_from(&c, c.status), line);
	assert_int_equal(container_end(&c), 128 + SIGTERM);
}

static void children_of_pal_init_stay_the_pals_to_wait_for(void **state)
{
	(void)state;
	assert_exit("2", ARGS("--pal-args", "fork-child"), ARGS("wait-child"), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_exit_code_is_the_programs_with_every_version),
		cmocka_unit_test(an_exit_value_out_of_range_is_no_success),
		cmocka_unit_test(a_program_that_cannot_run_is_one_line_and_exit_1),
		cmocka_unit_test(pal_destroy_runs_once_and_stdio_is_flushed),
		cmocka_unit_test(what_pal_destroy_does_to_the_process_leaves_the_exit_code),
		cmocka_unit_test(a_pal_destroy_that_hangs_is_left_after_some_seconds),
		cmocka_unit_test(streams_that_are_closed_do_not_stop_the_program),
		cmocka_unit_test(processes_of_the_pal_inherit_only_the_streams),
		cmocka_unit_test(hidden_variables_are_not_the_programs),
		cmocka_unit_test(signals_reach_the_program_in_order),
		cmocka_unit_test(a_signal_that_comes_before_the_program_runs_is_kept_for_it),
		cmocka_unit_test(a_program_that_ignores_signals_goes_on_until_sigkill),
		cmocka_unit_test(a_pal_kill_that_hangs_leaves_the_agent_answering),
		cmocka_unit_test(version_1_ends_by_signals_that_end_programs_and_no_others),
		cmocka_unit_test(a_created_container_is_destroyed_by_sigterm),
		cmocka_unit_test(sigterm_ends_a_pal_init_that_hangs_and_says_so),
		cmocka_unit_test(children_of_pal_init_stay_the_pals_to_wait_for),
	};

	return cmocka_run_group_tests_name("runelet-life", tests, NULL, NULL);
}
