// SPDX-License-Identifier: Apache-2.0
/* The agent protocol, spoken packet by packet: every request in every state. */
#include "tests/unit/rune/runelet/harness.h"

static struct container c;
static struct packet p;

static void begin(const char *args, char **program)
{
	container_begin(&c, "2", WITH_WAIT, ARGS("--pal-args", (char *)(uintptr_t)args), program);
}

static void start_runs_the_program_and_state_says_so(void **state)
{
	(void)state;
	begin("x", ARGS("block"));
	assert_int_equal(ask(&c, AGENT_STATE), AGENT_STATE_CREATED);
	ask(&c, AGENT_START);
	assert_string_equal(line_from(&c, c.out), "blocks");
	running_end(&c);
}

static void a_second_start_is_refused(void **state)
{
	int fd;

	(void)state;
	running_begin(&c, "2", "x");
	fd = container_connect(&c);
	request(fd, AGENT_START, 0, NULL, 0, NULL);
	assert_error(fd, -EALREADY, "container is started already");
	running_end(&c);
}

static void start_fails_with_the_reason_when_there_is_no_process(void **state)
{
	int fd;

	(void)state;
	begin("create-fails", ARGS("exit", "0"));
	fd = container_connect(&c);
	request(fd, AGENT_START, 0, NULL, 0, NULL);
	assert_error(fd, -EIO, "pal_create_process: exit: Argument list too long");
	assert_string_equal(text_from(&c, c.err), "");
	assert_int_equal(container_end(&c), 1);
}

static void exec_passes_arguments_environment_and_streams_exactly(void **state)
{
	int fd, out;

	(void)state;
	running_begin(&c, "3", "x");
	fd = EXEC(&c, 4, "echo\0one \"two\"\0\0$x\ny\0A=1 2", &out);
	assert_int_equal(reply(fd, &p), AGENT_STARTED);
	assert_true(p.head.value > 0);
	assert_int_equal(reply(fd, &p), AGENT_EXITED);
	assert_int_equal(p.head.value, 0);
	assert_int_equal(reply(fd, &p), 0);
	assert_string_equal(text_from(&c, out), "[one \"two\"]\n[]\n[$x\ny]\n");
	close(fd);
	close(out);

	fd = EXEC(&c, 1, "env\0A=1 2\0B=\0C\0=D", &out);
	assert_int_equal(reply(fd, &p), AGENT_STARTED);
	assert_int_equal(reply(fd, &p), AGENT_EXITED);
	assert_string_equal(text_from(&c, out), "A=1 2\nB=\nC\n=D\n");
	close(fd);
	close(out);
	running_end(&c);
}

static void the_largest_payload_arrives_whole(void **state)
{
	static char payload[AGENT_PAYLOAD_MAX];
	int fd, out;

	(void)state;
	running_begin(&c, "2", "x");
	memset(payload, 'a', sizeof(payload));
	memcpy(payload, "echo", 5);
	payload[sizeof(payload) - 1] = '\0';
	fd = exec_strings(&c, payload, sizeof(payload), 2, &out);
	assert_int_equal(strlen(text_from(&c, out)), sizeof(payload) - 5 - 1 + 3);
	assert_int_equal(reply(fd, &p), AGENT_STARTED);
	assert_int_equal(reply(fd, &p), AGENT_EXITED);
	close(fd);
	close(out);
	running_end(&c);
}

static void exec_in_a_created_container_is_refused_and_harmless(void **state)
{
	int out;

	(void)state;
	begin("x", ARGS("exit", "3"));
	assert_error(EXEC(&c, 1, "echo", &out), -EAGAIN, "container is created, not started");
	close(out);
	assert_int_equal(ask(&c, AGENT_STATE), AGENT_STATE_CREATED);
	ask(&c, AGENT_START);
	assert_int_equal(container_end(&c), 3);
}

static void a_signal_without_a_program_is_the_containers(void **state)
{
	(void)state;
	begin("", ARGS("signals"));
	ask(&c, AGENT_START);
	assert_string_equal(line_from(&c, c.out), "ready");
	for (int sig = SIGCHLD; sig <= 64; sig += 47) {
		char line[16];
		int fd = container_connect(&c);

		request(fd, AGENT_SIGNAL, sig, NULL, 0, NULL);
		assert_int_equal(reply(fd, &p), AGENT_OK);
		close(fd);
		snprintf(line, sizeof(line), "signal %d", sig);
		assert_string_equal(line_from(&c, c.out), line);
	}
	kill(c.pid, SIGTERM);
	assert_int_equal(container_end(&c), 5);
}

static void version_1_runs_one_program_at_a_time(void **state)
{
	int out;

	(void)state;
	running_begin(&c, "1", "x");
	assert_error(EXEC(&c, 1, "echo", &out), -ENOSYS,
	             "PAL version 1 runs one program at a time");
	close(out);
	running_end(&c);
}

static void a_program_that_cannot_run_is_an_error_with_its_name(void **state)
{
	int fd, out;

	(void)state;
	running_begin(&c, "2", "x");
	fd = EXEC(&c, 1, "nonesuch", &out);
	assert_int_equal(reply(fd, &p), AGENT_STARTED);
	assert_error(fd, -ENOEXEC, "pal_exec: nonesuch: Exec format error");
	close(out);
	running_end(&c);
}

static void a_signal_reaches_only_the_connections_program(void **state)
{
	int first, second, out[2];

	(void)state;
	running_begin(&c, "2", "x");
	first = EXEC(&c, 1, "signals", &out[0]);
	second = EXEC(&c, 1, "signals", &out[1]);
	assert_string_equal(line_from(&c, out[0]), "ready");
	assert_string_equal(line_from(&c, out[1]), "ready");
	request(first, AGENT_SIGNAL, SIGUSR1, NULL, 0, NULL);
	assert_string_equal(line_from(&c, out[0]), "signal 10");
	request(second, AGENT_SIGNAL, SIGTERM, NULL, 0, NULL);
	assert_string_equal(text_from(&c, out[1]), "signal 15\n");
	assert_int_equal(reply(second, &p), AGENT_STARTED);
	assert_int_equal(reply(second, &p), AGENT_EXITED);
	assert_int_equal(p.head.value, 5);
	request(first, AGENT_SIGNAL, SIGTERM, NULL, 0, NULL);
	assert_string_equal(text_from(&c, out[0]), "signal 15\n");
	close(first);
	close(second);
	close(out[0]);
	close(out[1]);
	running_end(&c);
}

static void closing_the_connection_kills_its_program(void **state)
{
	int fd, out;

	(void)state;
	running_begin(&c, "2", "x");
	fd = EXEC(&c, 1, "signals", &out);
	assert_string_equal(line_from(&c, out), "ready");
	close(fd);
	assert_string_equal(text_from(&c, out), "signal 9\n");
	close(out);
	running_end(&c);
}

static void closing_before_the_program_runs_kills_it_as_well(void **state)
{
	int out;

	(void)state;
	running_begin(&c, "2", "create-slow");
	close(EXEC(&c, 1, "signals", &out));
	assert_string_equal(text_from(&c, out), "ready\nsignal 9\n");
	close(out);
	running_end(&c);
}

static void many_programs_run_at_the_same_time(void **state)
{
	int fd[30], out[30];

	(void)state;
	running_begin(&c, "2", "x");
	for (int i = 0; i < 30; i++)
		fd[i] = EXEC(&c, 1, "block", &out[i]);
	for (int i = 0; i < 30; i++)
		assert_string_equal(line_from(&c, out[i]), "blocks");
	for (int i = 0; i < 30; i++)
		request(fd[i], AGENT_SIGNAL, 1 + i % 15, NULL, 0, NULL);
	for (int i = 0; i < 30; i++) {
		assert_int_equal(reply(fd[i], &p), AGENT_STARTED);
		assert_int_equal(reply(fd[i], &p), AGENT_EXITED);
		assert_int_equal(p.head.value, 128 + 1 + i % 15);
		close(fd[i]);
		close(out[i]);
	}
	running_end(&c);
}

static void the_main_programs_end_kills_the_others(void **state)
{
	int fd, out;

	(void)state;
	running_begin(&c, "2", "destroy-line");
	fd = EXEC(&c, 1, "block", &out);
	assert_int_equal(reply(fd, &p), AGENT_STARTED);
	assert_string_equal(line_from(&c, out), "blocks");
	kill(c.pid, SIGTERM);
	assert_int_equal(reply(fd, &p), AGENT_EXITED);
	assert_int_equal(p.head.value, 128 + SIGKILL);
	assert_string_equal(text_from(&c, c.out), "destroyed\n");
	assert_int_equal(container_end(&c), 128 + SIGTERM);
	close(fd);
	close(out);
}

static void a_program_that_cannot_be_killed_ends_with_the_container(void **state)
{
	int fd, out;

	(void)state;
	begin("kill-ignored,destroy-line", ARGS("cat"));
	ask(&c, AGENT_START);
	fd = EXEC(&c, 1, "block", &out);
	assert_int_equal(reply(fd, &p), AGENT_STARTED);
	close(c.in);
	c.in = -1;
	assert_int_equal(reply(fd, &p), AGENT_EXITED);
	assert_int_equal(p.head.value, 128 + SIGKILL);
	assert_int_equal(container_end(&c), 0);
	close(fd);
	close(out);
}

static void report_is_the_enclaves_for_the_target(void **state)
{
	unsigned char target[576] = { 0 };
	int fd;

	(void)state;
	running_begin(&c, "3", "report-slow");
	for (int i = 0; i < 512; i++)
		target[i] = (unsigned char)(i * 7);
	for (size_t size = 512; size <= 576; size += 64) {
		fd = container_connect(&c);
		request(fd, AGENT_REPORT, 0, target, size, NULL);
		assert_int_equal(ask(&c, AGENT_STATE), AGENT_STATE_RUNNING);
		assert_int_equal(reply(fd, &p), AGENT_OK);
		assert_int_equal(p.head.payload_size, 432);
		assert_memory_equal(p.payload, target, 432);
		assert_int_equal(reply(fd, &p), 0);
		close(fd);
	}
	running_end(&c);
}

static void a_reports_data_is_passed_on(void **state)
{
	unsigned char target[576] = { 0 };
	int fd;

	(void)state;
	running_begin(&c, "3", "report-data");
	for (int i = 0; i < 576; i++)
		target[i] = (unsigned char)(i * 7 + 1);
	fd = container_connect(&c);
	request(fd, AGENT_REPORT, 0, target, sizeof(target), NULL);
	assert_int_equal(reply(fd, &p), AGENT_OK);
	assert_int_equal(p.head.payload_size, 432);
	assert_memory_equal(p.payload, target, 320);
	assert_memory_equal(p.payload + 320, target + 512, 64);
	assert_int_equal(reply(fd, &p), 0);
	close(fd);
	running_end(&c);
}

static int request_report_of(size_t size, int last)
{
	unsigned char target[600] = { 0 };
	int fd = container_connect(&c);

	target[575] = (unsigned char)last;
	request(fd, AGENT_REPORT, 0, target, size, NULL);
	return fd;
}

static void a_report_that_cannot_be_made_is_refused(void **state)
{
	(void)state;
	running_begin(&c, "3", "report-short");
	assert_error(request_report_of(511, 0), -EBADMSG, "malformed TARGETINFO");
	assert_error(request_report_of(0, 0), -EBADMSG, "malformed TARGETINFO");
	assert_error(request_report_of(576, 1), -ENOTSUP,
	             "pal_get_local_report: this PAL library takes no REPORTDATA");
	assert_error(request_report_of(512, 0), -EPROTO,
	             "pal_get_local_report: not a report of 432 bytes");
	running_end(&c);
	running_begin(&c, "2", "x");
	assert_error(request_report_of(512, 0), -ENOSYS,
	             "PAL version 2 makes no report, only version 3 does");
	running_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(start_runs_the_program_and_state_says_so),
		cmocka_unit_test(a_second_start_is_refused),
		cmocka_unit_test(start_fails_with_the_reason_when_there_is_no_process),
		cmocka_unit_test(exec_passes_arguments_environment_and_streams_exactly),
		cmocka_unit_test(the_largest_payload_arrives_whole),
		cmocka_unit_test(exec_in_a_created_container_is_refused_and_harmless),
		cmocka_unit_test(a_signal_without_a_program_is_the_containers),
		cmocka_unit_test(version_1_runs_one_program_at_a_time),
		cmocka_unit_test(a_program_that_cannot_run_is_an_error_with_its_name),
		cmocka_unit_test(a_signal_reaches_only_the_connections_program),
		cmocka_unit_test(closing_the_connection_kills_its_program),
		cmocka_unit_test(closing_before_the_program_runs_kills_it_as_well),
		cmocka_unit_test(many_programs_run_at_the_same_time),
		cmocka_unit_test(the_main_programs_end_kills_the_others),
		cmocka_unit_test(a_program_that_cannot_be_killed_ends_with_the_container),
		cmocka_unit_test(report_is_the_enclaves_for_the_target),
		cmocka_unit_test(a_reports_data_is_passed_on),
		cmocka_unit_test(a_report_that_cannot_be_made_is_refused),
	};

	return cmocka_run_group_tests_name("runelet-agent", tests, NULL, NULL);
}
