// SPDX-License-Identifier: Apache-2.0
/* Clients of the agent that break its protocol, say nothing, or are not allowed to speak. */
#include "tests/unit/rune/runelet/harness.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define REQUEST_MAX (AGENT_PAYLOAD_MAX + 64)

static struct container c;
static struct packet p;

/* Send size bytes as they are. */
static int raw(const void *bytes, size_t size)
{
	int fd = container_connect(&c);

	assert_int_equal(send(fd, bytes, size, MSG_NOSIGNAL), size);
	return fd;
}

static void what_breaks_the_format_is_answered_and_closed(void **state)
{
	static struct {
		struct agent_message head;
		char payload[REQUEST_MAX];
	} m;
	int fd, out;

	(void)state;
	running_begin(&c, "2", "x");
	m.head = (struct agent_message){ AGENT_MAGIC + 1, AGENT_STATE, 0, 0 };
	assert_error(raw(&m, 16), -EBADMSG, "malformed message");
	m.head.magic = AGENT_MAGIC;
	assert_error(raw(&m, 15), -EBADMSG, "malformed message");
	assert_error(raw(&m, 17), -EBADMSG, "malformed message");
	m.head.payload_size = UINT32_MAX;
	assert_error(raw(&m, 16), -EBADMSG, "malformed message");
	m.head.payload_size = AGENT_PAYLOAD_MAX + 1;
	assert_error(raw(&m, 16 + AGENT_PAYLOAD_MAX + 1), -EMSGSIZE, "message too large");
	m.head = (struct agent_message){ AGENT_MAGIC, 99, 0, 0 };
	assert_error(raw(&m, 16), -EBADMSG, "unknown request");
	for (int sig = -9; sig <= 65; sig += sig < 0 ? 9 : 65) {
		m.head = (struct agent_message){ AGENT_MAGIC, AGENT_SIGNAL, sig, 0 };
		assert_error(raw(&m, 16), -EBADMSG, "malformed signal");
	}
	m.head = (struct agent_message){ AGENT_MAGIC, AGENT_QUOTE, 0, 0 };
	assert_error(raw(&m, 16), -EBADMSG, "malformed REPORTDATA");
	m.head = (struct agent_message){ AGENT_MAGIC, AGENT_EXEC, 1, 5 };
	assert_error(raw(&m, 21), -EBADMSG, "wrong number of descriptors in the request");
	assert_error(EXEC(&c, 0, "echo", &out), -EBADMSG, "malformed arguments");
	close(out);
	assert_error(EXEC(&c, -1, "echo", &out), -EBADMSG, "malformed arguments");
	close(out);
	assert_error(EXEC(&c, 3, "echo\0x", &out), -EBADMSG, "malformed arguments");
	close(out);
	assert_error(exec_strings(&c, "echo", 4, 1, &out), -EBADMSG, "malformed arguments");
	close(out);
	assert_error(exec_strings(&c, "", 0, 1, &out), -EBADMSG, "malformed arguments");
	close(out);
	fd = container_connect(&c);
	request(fd, AGENT_STATE, 0, NULL, 0, (int[]){ 0, 1, 2 });
	assert_error(fd, -EBADMSG, "wrong number of descriptors in the request");
	running_end(&c);
}

static void a_second_request_on_a_connection_kills_its_program(void **state)
{
	static const struct agent_message bad[] = {
		{ AGENT_MAGIC, AGENT_EXEC, 1, 0 },    { AGENT_MAGIC, AGENT_STATE, 0, 0 },
		{ AGENT_MAGIC, AGENT_SIGNAL, 0, 0 },  { AGENT_MAGIC, AGENT_SIGNAL, 65, 0 },
		{ AGENT_MAGIC, AGENT_SIGNAL, -9, 0 },
	};
	int fd, out;

	(void)state;
	running_begin(&c, "2", "x");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fd = EXEC(&c, 1, "signals", &out);
		assert_int_equal(reply(fd, &p), AGENT_STARTED);
		assert_int_equal(send(fd, &bad[i], sizeof(bad[i]), 0), sizeof(bad[i]));
		assert_error(fd, -EBADMSG, "a second request");
		assert_string_equal(text_from(&c, out), "ready\nsignal 9\n");
		close(out);
	}
	running_end(&c);
}

static int count_fds(pid_t pid)
{
	char command[64];
	FILE *ls;
	int count = 0;

	snprintf(command, sizeof(command), "ls /proc/%d/fd | wc -l", pid);
	ls = popen(command, "r");
	assert_non_null(ls);
	assert_int_equal(fscanf(ls, "%d", &count), 1);
	pclose(ls);
	return count;
}

/* A fixed seed, so that a failure repeats. */
static void arbitrary_packets_change_nothing_and_leak_no_descriptor(void **state)
{
	uint32_t x = 2463534242;
	uint32_t m[16];
	int before;

	(void)state;
	running_begin(&c, "2", "x");
	usleep(100 * 1000);
	before = count_fds(c.pid);
	for (int i = 0; i < 2000; i++) {
		int fd = container_connect(&c);
		size_t size;

		for (int j = 0; j < 16; j++) {
			x ^= x << 13;
			x ^= x >> 17;
			x ^= x << 5;
			m[j] = x;
		}
		size = x % sizeof(m);
		if (x & 1U << 20)
			m[0] = AGENT_MAGIC;
		if (x & 1U << 21)
			m[1] %= 32;
		if (x & 1U << 22)
			m[3] = size < 16 ? 0 : (uint32_t)size - 16;
		assert_true(send(fd, m, size, MSG_NOSIGNAL) >= 0);
		close(fd);
	}
	assert_int_equal(ask(&c, AGENT_STATE), AGENT_STATE_RUNNING);
	/* It closes the last connection just after its answer. */
	for (int i = 0; i < 100 && count_fds(c.pid) != before; i++)
		usleep(20 * 1000);
	assert_int_equal(count_fds(c.pid), before);
	running_end(&c);
}

static void silent_clients_do_not_keep_others_out(void **state)
{
	int fd[300], out, program;

	(void)state;
	running_begin(&c, "2", "x");
	program = EXEC(&c, 1, "signals", &out);
	assert_int_equal(reply(program, &p), AGENT_STARTED);
	for (int i = 0; i < 300; i++)
		fd[i] = container_connect(&c);
	assert_int_equal(ask(&c, AGENT_STATE), AGENT_STATE_RUNNING);
	request(program, AGENT_SIGNAL, SIGTERM, NULL, 0, NULL);
	assert_int_equal(reply(program, &p), AGENT_EXITED);
	for (int i = 0; i < 300; i++)
		close(fd[i]);
	close(program);
	close(out);
	running_end(&c);
}

static void a_connection_ends_though_a_child_of_the_pal_holds_it(void **state)
{
	int fd, out, program;

	(void)state;
	running_begin(&c, "2", "x");
	fd = container_connect(&c);
	ask(&c, AGENT_STATE); /* so that fd has been accepted */
	program = EXEC(&c, 1, "hold", &out);
	assert_string_equal(line_from(&c, out), "holds");
	request(fd, AGENT_STATE, 0, NULL, 0, NULL);
	assert_int_equal(reply(fd, &p), AGENT_OK);
	assert_int_equal(reply(fd, &p), 0);
	close(fd);
	ask(&c, AGENT_STATE);
	assert_int_equal(reply(program, &p), AGENT_STARTED);
	request(program, AGENT_SIGNAL, SIGTERM, NULL, 0, NULL);
	assert_int_equal(reply(program, &p), AGENT_EXITED);
	close(program);
	close(out);
	running_end(&c);
}

static void another_user_is_refused(void **state)
{
	char path[128];
	pid_t pid;
	int status, fd;

	(void)state;
	if (geteuid() != 0)
		skip();
	running_begin(&c, "2", "x");
	chmod(c.folder, 0711);
	snprintf(path, sizeof(path), "%s/agent.sock", c.folder);
	chmod(path, 0666);
	pid = fork();
	if (pid == 0) {
		if (setuid(65534) < 0)
			_exit(2);
		fd = container_connect(&c);
		_exit(reply(fd, &p) == AGENT_ERROR && p.head.value == -EACCES ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	running_end(&c);
}

/*
 * The library and runelet are given by descriptors, as the build folder may be one that only root
 * enters.
 */
static void root_outside_the_containers_user_namespace_is_served(void **state)
{
	char pal[64];
	int fd;

	(void)state;
	if (geteuid() != 0)
		skip();
	fd = open(built("tests/integration/runelet-pal-2.so"), O_RDONLY);
	snprintf(pal, sizeof(pal), "/proc/self/fd/%d", fd);
	container_begin(&c, pal, WITH_WAIT | WITH_NAMESPACES, ARGS("--pal-args", "x"),
	                ARGS("block"));
	assert_int_equal(ask(&c, AGENT_STATE), AGENT_STATE_CREATED);
	ask(&c, AGENT_START);
	assert_string_equal(line_from(&c, c.out), "blocks");
	running_end(&c);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_breaks_the_format_is_answered_and_closed),
		cmocka_unit_test(a_second_request_on_a_connection_kills_its_program),
		cmocka_unit_test(arbitrary_packets_change_nothing_and_leak_no_descriptor),
		cmocka_unit_test(silent_clients_do_not_keep_others_out),
		cmocka_unit_test(a_connection_ends_though_a_child_of_the_pal_holds_it),
		cmocka_unit_test(another_user_is_refused),
		cmocka_unit_test(root_outside_the_containers_user_namespace_is_served),
	};

	return cmocka_run_group_tests_name("runelet-hostile", tests, NULL, NULL);
}
