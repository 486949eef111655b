/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runelet as rune starts it, with a listening socket, a status pipe and pipes for the streams, and
 * the test's PAL libraries instead of an enclave.  Whatever is waited for is waited for at most
 * HARNESS_WAIT; a container still there when the test program ends is killed.
 */
#ifndef TESTS_UNIT_RUNE_RUNELET_HARNESS_H
#define TESTS_UNIT_RUNE_RUNELET_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "rune/runelet/message.h"

#define HARNESS_WAIT 30000 /* milliseconds: the machine may be busy */

enum {
	WITH_WAIT = 1,
	WITH_STATUS = 2,
	WITH_AGENT = 4,
	WITH_CLOSED_STDIO = 8,
	/* User and PID namespaces of its own, in which this process has no number.  Needs root. */
	WITH_NAMESPACES = 16,
};

struct container {
	pid_t pid;
	int in, out, err; /* our ends of its streams */
	int status;       /* read end, or -1 */
	char folder[64];  /* holds agent.sock */
	char text[6 * 1024 * 1024];
};

#define ARGS(...)                 \
	(char *[])                \
	{                         \
		__VA_ARGS__, NULL \
	}

/* The environment of what is started from now on; NULL: the test's own. */
extern char **harness_env;

/* A file of the build folder, below $O; the result lasts until the next call but three. */
const char *built(const char *path);
/* "--pal runelet-pal-<pal>.so" and `options`, then "--" and `program`. */
void container_begin(struct container *c, const char *pal, int flags, char **options,
                     char **program);
/* A program of the host with the container's socket: runelet exec. */
void exec_begin(struct container *e, const struct container *c, char **options, char **program);
/* Everything up to the end of the file, or for line_from up to a newline, which is cut. */
char *text_from(struct container *c, int fd);
char *line_from(struct container *c, int fd);
/* The exit code, or 128 + signal; closes all. */
int container_end(struct container *c);
int container_connect(const struct container *c);

void request(int fd, int type, int value, const void *payload, size_t size, const int *fds);
/* The reply's type, or 0 when the agent closed. */
int reply(int fd, struct packet *p);
/* The next replies are this error, and the end. */
void assert_error(int fd, int code, const char *line);
/* One request without payload on a connection of its own, which is answered AGENT_OK: the value. */
int ask(const struct container *c, int type);

/* A container whose program blocks (version 1: reads), and its end by SIGTERM. */
void running_begin(struct container *c, const char *pal, const char *args);
void running_end(struct container *c);
/*
 * AGENT_EXEC of these strings, argc of them arguments, on a new connection, which is returned; what
 * the program prints can be read from *ret_out.
 */
int exec_strings(const struct container *c, const char *strings, size_t size, int argc,
                 int *ret_out);
#define EXEC(c, argc, strings, ret_out) exec_strings(c, strings, sizeof(strings), argc, ret_out)

#endif
