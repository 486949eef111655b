// SPDX-License-Identifier: Apache-2.0
/*
 * runelet exec: a process of the container that stands for a program in the enclave.  It hands its
 * arguments, environment and streams to the agent, passes signals on, and ends as the program ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "rune/runelet/commands.h"
#include "rune/runelet/message.h"
#include "rune/runelet/options.h"
#include "rune/runelet/signals.h"

#define EXEC_FAILED 255

static int connect_agent(const char *path, int *ret, struct err *e)
{
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	_cleanup_(closep) int node = open(path, O_PATH | O_CLOEXEC);
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (node < 0)
		return err_errno(e, "%s", path);
	/* The descriptor's name is short, whatever the path is. */
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", node);
	if (strlen(path) < sizeof(address.sun_path))
		strcpy(address.sun_path, path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return err_errno(e, "connect %s", path);
	*ret = take_fd(&fd);
	return 0;
}

static size_t strings_size(char **strings)
{
	size_t size = 0;

	while (*strings)
		size += strlen(*strings++) + 1;
	return size;
}

static char *strings_copy(char *to, char **strings)
{
	while (*strings)
		to = stpcpy(to, *strings++) + 1;
	return to;
}

static int send_request(int agent, char **argv, char **env, struct err *e)
{
	static const int fds[PACKET_FDS] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO };
	size_t size = strings_size(argv) + strings_size(env);
	_cleanup_(freep) char *payload = NULL;
	int argc = 0;
	int r;

	if (size > AGENT_PAYLOAD_MAX)
		return err_set(
			e, -E2BIG,
			"%s: arguments and environment take %zu bytes, at most %d can be passed",
			argv[0], size, AGENT_PAYLOAD_MAX);
	payload = malloc(size);
	if (!payload)
		return err_set(e, -ENOMEM, "out of memory");
	while (argv[argc])
		argc++;
	strings_copy(strings_copy(payload, argv), env);
	r = message_send(agent, AGENT_EXEC, argc, payload, size, fds);
	if (r < 0)
		return err_set(e, r, "send to the container's runtime: %s", strerror(-r));
	return 0;
}

/* 1 with the exit code when that was the last message, 0 when there will be more. */
static int take_reply(int agent, bool *is_started, int *ret_code, struct err *e)
{
	static struct packet p;
	int r = message_receive(agent, &p);

	if (r == 0 || r == -ECONNRESET)
		return err_set(e, -ECONNRESET, "the container has ended");
	if (r < 0)
		return err_set(e, r, "answer of the container's runtime: %s", strerror(-r));
	message_close_fds(&p);
	switch (p.head.type) {
	case AGENT_STARTED: *is_started = true; return 0;
	case AGENT_EXITED: *ret_code = p.head.value; return 1;
	case AGENT_ERROR:
		return err_set(e, p.head.value < 0 ? p.head.value : -EPROTO, "%.*s",
		               (int)p.head.payload_size, p.payload);
	default: return err_set(e, -EPROTO, "answer of the container's runtime: unknown type");
	}
}

/* Until there is a program, a signal ends this one, and with the connection what was asked for. */
static void pass_signal(int agent, int sig, bool is_started)
{
	if (sig == 0 || sig == SIGCHLD || sig == SIGURG)
		return;
	if (!is_started && signals_terminate(sig))
		_exit(128 + sig);
	message_send(agent, AGENT_SIGNAL, sig, NULL, 0, NULL);
}

static int wait_for_program(int agent, int signals, int *ret_code, struct err *e)
{
	struct pollfd p[2] = { { agent, POLLIN, 0 }, { signals, POLLIN, 0 } };
	bool is_started = false;
	int r = 0;

	while (r == 0) {
		if (poll(p, 2, -1) < 0)
			continue;
		if (p[1].revents)
			pass_signal(agent, signals_next(signals), is_started);
		if (p[0].revents)
			r = take_reply(agent, &is_started, ret_code, e);
	}
	return r;
}

static int run(int agent, char **argv, char **env, int *ret_code, struct err *e)
{
	_cleanup_(closep) int signals = -1;
	int size = AGENT_PAYLOAD_MAX * 2;
	sigset_t taken;
	int r;

	setsockopt(agent, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	signals_taken(&taken);
	signals = signals_take(&taken);
	if (signals < 0)
		return err_set(e, signals, "signalfd: %s", strerror(-signals));
	r = send_request(agent, argv, env, e);
	if (r < 0)
		return r;
	return wait_for_program(agent, signals, ret_code, e);
}

int cmd_exec(int argc, char **argv)
{
	_cleanup_(freep) char **names = calloc((size_t)argc + 1, sizeof(char *));
	_cleanup_(freep) char **texts = calloc((size_t)argc + 1, sizeof(char *));
	struct name_list hidden = { names, 0 };
	struct name_list added = { texts, 0 };
	const char *socket_path = AGENT_SOCKET;
	_cleanup_(closep) int agent = -1;
	const struct option_row rows[] = {
		{ "--socket", OPTION_TEXT, &socket_path },
		{ "--agent-fd", OPTION_FD, &agent },
		{ "--hide-env", OPTION_LIST, &hidden },
		{ "--add-env", OPTION_LIST, &added },
		{ NULL, OPTION_FLAG, NULL },
	};
	_cleanup_(freep) char **env = NULL;
	int code = EXEC_FAILED;
	struct err e;
	int r = names && texts ? options_parse(argv, rows, &e)
	                       : err_set(&e, -ENOMEM, "out of memory");

	if (r >= 0) {
		env = options_environment(&hidden, &added);
		argv += r;
		r = env ? 0 : err_set(&e, -ENOMEM, "out of memory");
		if (r == 0 && agent < 0)
			r = connect_agent(socket_path, &agent, &e);
		if (r == 0)
			r = run(agent, argv, env, &code, &e);
	}
	if (r < 0) {
		fprintf(stderr, "runelet: exec: %s\n", e.text);
		return EXEC_FAILED;
	}
	return code & 0xff;
}
