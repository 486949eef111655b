// SPDX-License-Identifier: Apache-2.0
/*
 * AGENT_START, AGENT_STATE and AGENT_EXEC.  A client's program is killed when the client goes, and
 * its thread ends on its own: the struct execution lives as long as the thread.  See agent.h.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rune/runelet/agent.h"

struct execution {
	struct process process;
	struct agent *agent;
	struct agent_conn *conn; /* NULL once the client has gone */
	char *strings[];         /* argv, NULL, env, NULL; then their text */
};

void request_state(struct agent_conn *c, struct packet *p)
{
	(void)p;
	agent_reply(c, AGENT_OK, (int)c->agent->state, NULL, 0);
}

void request_start(struct agent_conn *c, struct packet *p)
{
	struct agent *a = c->agent;

	(void)p;
	if (a->state == AGENT_STATE_ENDING) {
		agent_fail(c, -ESRCH, "container is ending");
	} else if (a->state != AGENT_STATE_CREATED || a->starter) {
		agent_fail(c, -EALREADY, "container is started already");
	} else {
		a->starter = c;
		a->start(a);
	}
}

void request_signal(struct agent_conn *c, struct packet *p)
{
	struct agent *a = c->agent;
	int sig = p->head.value;

	if (sig < 1 || sig >= NSIG || p->head.payload_size != 0) {
		agent_fail(c, -EBADMSG, "malformed signal");
	} else if (a->enclave->pal.version < 2) {
		agent_fail(c, -ENOSYS, "PAL version 1 takes no signals");
	} else {
		a->signal(a, sig);
		agent_reply(c, AGENT_OK, 0, NULL, 0);
	}
}

static size_t count_strings(const struct packet *p)
{
	size_t count = 0;

	for (size_t i = 0; i < p->head.payload_size; i++)
		count += p->payload[i] == '\0';
	return count;
}

/* A copy of the packet as argv and env, or NULL for want of memory. */
static struct execution *execution_new(struct packet *p, size_t count)
{
	size_t argc = (size_t)p->head.value;
	struct execution *x =
		calloc(1, sizeof(*x) + (count + 2) * sizeof(char *) + p->head.payload_size);
	char *text;

	if (!x)
		return NULL;
	text = memcpy(&x->strings[count + 2], p->payload, p->head.payload_size);
	for (size_t i = 0; i < count; i++) {
		x->strings[i < argc ? i : i + 1] = text;
		text += strlen(text) + 1;
	}
	x->process.argv = x->strings;
	x->process.env = x->strings + argc + 1;
	x->process.stdio = (struct pal_stdio_fds){ p->fds[0], p->fds[1], p->fds[2] };
	p->fd_count = 0;
	return x;
}

/* Its descriptors stay open until the program's end: not every PAL duplicates them. */
static void execution_free(struct execution *x)
{
	close(x->process.stdio.stdin);
	close(x->process.stdio.stdout);
	close(x->process.stdio.stderr);
	free(x);
}

static void on_started(struct process *p)
{
	struct execution *x = (struct execution *)p;

	if (x->conn)
		agent_reply(x->conn, AGENT_STARTED, p->pid, NULL, 0);
}

static void on_ended(struct process *p)
{
	struct execution *x = (struct execution *)p;
	struct agent *a = x->agent;
	struct agent_conn *c = x->conn;

	if (c) {
		c->execution = NULL;
		if (p->result < 0)
			agent_fail(c, p->result, p->error.text);
		else
			agent_reply(c, AGENT_EXITED, p->exit_value, NULL, 0);
	}
	execution_free(x);
	agent_work(a, -1);
}

static void *execution_thread(void *arg)
{
	process_run(arg);
	return NULL;
}

void request_exec(struct agent_conn *c, struct packet *p)
{
	struct agent *a = c->agent;
	size_t count = count_strings(p);
	struct execution *x;

	if (p->head.value < 1 || count < (size_t)p->head.value ||
	    p->payload[p->head.payload_size - 1] != '\0') {
		agent_fail(c, -EBADMSG, "malformed arguments");
		return;
	}
	if (a->state == AGENT_STATE_CREATED) {
		agent_fail(c, -EAGAIN, "container is created, not started");
		return;
	}
	if (a->state == AGENT_STATE_ENDING) {
		agent_fail(c, -ESRCH, "container is ending");
		return;
	}
	if (a->enclave->pal.version < 2) {
		agent_fail(c, -ENOSYS, "PAL version 1 runs one program at a time");
		return;
	}
	x = execution_new(p, count);
	if (!x) {
		agent_fail(c, -ENOMEM, "out of memory");
		return;
	}
	x->process.enclave = a->enclave;
	x->process.started = on_started;
	x->process.ended = on_ended;
	x->agent = a;
	x->conn = c;
	if (thread_start(execution_thread, x) < 0) {
		execution_free(x);
		agent_fail(c, -EAGAIN, "no thread for the program");
		return;
	}
	c->execution = x;
	agent_work(a, 1);
}

void execution_signal(struct execution *x, int sig)
{
	process_signal(&x->process, sig);
}

void execution_abandon(struct execution *x)
{
	x->conn = NULL;
	process_signal(&x->process, SIGKILL);
}
