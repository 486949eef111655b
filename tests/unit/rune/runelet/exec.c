// SPDX-License-Identifier: Apache-2.0
/* runelet exec stands for a program in the enclave: its streams, signals and exit code. */
#include "tests/unit/rune/runelet/harness.h"

static struct container c, e;

static void assert_failure(int code, const char *line)
{
	assert_string_equal(text_from(&e, e.err), line);
	assert_int_equal(container_end(&e), code);
}

static void exit_code_arguments_and_environment_are_the_programs(void **state)
{
	(void)state;
	running_begin(&c, "2", "x");
	exec_begin(&e, &c, ARGS("--hide-env", "B"), ARGS("exit", "42"));
	assert_int_equal(container_end(&e), 42);
	exec_begin(&e, &c, ARGS("--hide-env", "B"), ARGS("sh", "-c"));
	assert_failure(255, "runelet: exec: pal_exec: sh: Exec format error\n");
	exec_begin(&e, &c, ARGS("--hide-env", "B"), ARGS("echo", "-c", "echo \"one two\"", ""));
	assert_string_equal(text_from(&e, e.out), "[-c]\n[echo \"one two\"]\n[]\n");
	assert_int_equal(container_end(&e), 0);
	harness_env = ARGS("A=1 2", "B=3");
	exec_begin(&e, &c, ARGS("--hide-env", "B"), ARGS("env"));
	harness_env = NULL;
	assert_string_equal(text_from(&e, e.out), "A=1 2\n");
	assert_int_equal(container_end(&e), 0);
	running_end(&c);
}

static void the_programs_streams_are_its_own(void **state)
{
	(void)state;
	running_begin(&c, "2", "x");
	exec_begin(&e, &c, ARGS("--hide-env", "B"), ARGS("cat"));
	assert_int_equal(write(e.in, "some\n", 5), 5);
	assert_string_equal(line_from(&e, e.out), "some");
	close(e.in);
	e.in = -1;
	assert_int_equal(container_end(&e), 0);
	running_end(&c);
}

static void signals_are_passed_on_to_the_program(void **state)
{
	static const int sent[] = { SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGTERM };
	char line[32];

	(void)state;
	running_begin(&c, "2", "x");
	exec_begin(&e, &c, ARGS("--hide-env", "B"), ARGS("signals"));
	assert_string_equal(line_from(&e, e.out), "ready");
	kill(e.pid, SIGURG);
	usleep(20 * 1000);
	for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++) {
		kill(e.pid, sent[i]);
		snprintf(line, sizeof(line), "signal %d", sent[i]);
		assert_string_equal(line_from(&e, e.out), line);
	}
	assert_int_equal(container_end(&e), 5);
	running_end(&c);
}

static void a_program_ended_by_a_signal_is_128_and_the_signal(void **state)
{
	(void)state;
	running_begin(&c, "2", "x");
	exec_begin(&e, &c, ARGS("--hide-env", "B"), ARGS("block"));
	assert_string_equal(line_from(&e, e.out), "blocks");
	kill(e.pid, SIGTERM);
	assert_int_equal(container_end(&e), 128 + SIGTERM);
	running_end(&c);
}

static void killing_exec_kills_the_program(void **state)
{
	(void)state;
	running_begin(&c, "2", "x");
	exec_begin(&e, &c, ARGS("--hide-env", "B"), ARGS("signals"));
	assert_string_equal(line_from(&e, e.out), "ready");
	kill(e.pid, SIGKILL);
	assert_string_equal(text_from(&e, e.out), "signal 9\n");
	assert_int_equal(container_end(&e), 128 + SIGKILL);
	running_end(&c);
}

static void the_containers_end_ends_exec(void **state)
{
	(void)state;
	running_begin(&c, "2", "x");
	exec_begin(&e, &c, ARGS("--hide-env", "B"), ARGS("block"));
	assert_string_equal(line_from(&e, e.out), "blocks");
	kill(c.pid, SIGTERM);
	assert_int_equal(container_end(&e), 128 + SIGKILL);
	assert_int_equal(container_end(&c), 128 + SIGTERM);
}

static void a_container_that_dies_is_one_line_and_255(void **state)
{
	(void)state;
	running_begin(&c, "2", "x");
	exec_begin(&e, &c, ARGS("--hide-env", "B"), ARGS("block"));
	assert_string_equal(line_from(&e, e.out), "blocks");
	kill(c.pid, SIGKILL);
	assert_failure(255, "runelet: exec: the container has ended\n");
	assert_int_equal(container_end(&c), 128 + SIGKILL);
}

static void a_created_container_refuses(void **state)
{
	(void)state;
	container_begin(&c, "2", WITH_WAIT, ARGS("--pal-args", "x"), ARGS("exit", "1"));
	exec_begin(&e, &c, ARGS("--hide-env", "B"), ARGS("block"));
	assert_failure(255, "runelet: exec: container is created, not started\n");
	kill(c.pid, SIGTERM);
	assert_int_equal(container_end(&c), 128 + SIGTERM);
}

static void until_the_program_runs_a_signal_ends_exec(void **state)
{
	(void)state;
	running_begin(&c, "2", "create-slow");
	exec_begin(&e, &c, ARGS("--hide-env", "B"), ARGS("block"));
	usleep(100 * 1000);
	kill(e.pid, SIGINT);
	assert_int_equal(container_end(&e), 128 + SIGINT);
	running_end(&c);
}

static void too_large_an_environment_is_named_with_its_size(void **state)
{
	static char large[100 * 1024], a[sizeof(large) + 2], b[sizeof(large) + 2];

	(void)state;
	running_begin(&c, "2", "x");
	memset(large, 'x', sizeof(large) - 1);
	snprintf(a, sizeof(a), "A=%s", large);
	snprintf(b, sizeof(b), "B=%s", large);
	harness_env = ARGS(a, b);
	exec_begin(&e, &c, ARGS("--hide-env", "C"), ARGS("echo", large));
	assert_failure(255, "runelet: exec: echo: arguments and environment take 307209 bytes, "
	                    "at most 262144 can be passed\n");
	exec_begin(&e, &c, ARGS("--hide-env", "A"), ARGS("echo", large));
	assert_int_equal(strlen(text_from(&e, e.out)), sizeof(large) - 1 + 3);
	assert_int_equal(container_end(&e), 0);
	harness_env = NULL;
	running_end(&c);
}

static void a_long_socket_path_works(void **state)
{
	char path[300];

	(void)state;
	running_begin(&c, "2", "x");
	snprintf(path, sizeof(path), "%s/%0200d", c.folder, 0);
	for (char *at = path + strlen(c.folder) + 1; *at; at += 2) {
		at[0] = '.';
		at[1] = '/';
	}
	strcat(path, "agent.sock");
	assert_true(strlen(path) > 200);
	exec_begin(&e, NULL, ARGS("--socket", path), ARGS("exit", "13"));
	assert_int_equal(container_end(&e), 13);
	running_end(&c);
}

static void mistakes_are_one_line_and_255(void **state)
{
	(void)state;
	exec_begin(&e, NULL, ARGS("--socket", "/nonexistent"), ARGS("x"));
	assert_failure(255, "runelet: exec: /nonexistent: No such file or directory\n");
	exec_begin(&e, NULL, ARGS("--socket", "/dev/null"), ARGS("x"));
	assert_failure(255, "runelet: exec: connect /dev/null: Connection refused\n");
	exec_begin(&e, NULL, ARGS("--nonsense"), ARGS("x"));
	assert_failure(255, "runelet: exec: unknown option: --nonsense\n");
	exec_begin(&e, NULL, ARGS("--socket", "x", "--"), ARGS("--"));
	assert_failure(255, "runelet: exec: x: No such file or directory\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exit_code_arguments_and_environment_are_the_programs),
		cmocka_unit_test(the_programs_streams_are_its_own),
		cmocka_unit_test(signals_are_passed_on_to_the_program),
		cmocka_unit_test(a_program_ended_by_a_signal_is_128_and_the_signal),
		cmocka_unit_test(killing_exec_kills_the_program),
		cmocka_unit_test(the_containers_end_ends_exec),
		cmocka_unit_test(a_container_that_dies_is_one_line_and_255),
		cmocka_unit_test(a_created_container_refuses),
		cmocka_unit_test(until_the_program_runs_a_signal_ends_exec),
		cmocka_unit_test(too_large_an_environment_is_named_with_its_size),
		cmocka_unit_test(a_long_socket_path_works),
		cmocka_unit_test(mistakes_are_one_line_and_255),
	};

	return cmocka_run_group_tests_name("runelet-exec", tests, NULL, NULL);
}
