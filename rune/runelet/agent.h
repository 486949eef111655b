/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent: answers rune and `runelet exec` on the socket that rune made.  Everything here runs on
 * the main loop and waits for nobody; see docs/protocol-runelet.md.
 */
#ifndef RUNE_RUNELET_AGENT_H
#define RUNE_RUNELET_AGENT_H

#include <stdbool.h>

#include "rune/runelet/loop.h"
#include "rune/runelet/message.h"
#include "rune/runelet/process.h"

struct execution; /* request.c: a client's program */
struct report;    /* attest.c: a client's report */

struct agent_conn {
	struct source source;
	struct agent *agent;
	struct agent_conn *next;
	bool is_asked; /* its one request has come */
	/* What it waits for; cleared by whoever ends it. */
	struct execution *execution;
	struct report *report;
};

struct agent {
	struct source listener;
	struct enclave *enclave;
	enum agent_state state;
	struct agent_conn *first;   /* the newest first */
	struct agent_conn *starter; /* waits for the answer to its AGENT_START */
	int count;
	int reserve; /* a descriptor to give up, so that a client can be told that there are none */
	int working; /* threads that are in the PAL for clients */
	void (*start)(struct agent *a);           /* run the container's program */
	void (*signal)(struct agent *a, int sig); /* as if the kernel had delivered it */
	void (*idle)(struct agent *a);            /* working has become 0 */
	struct packet packet;
};

/* Serve the listening socket from now on: 0 or -errno. */
int agent_begin(struct agent *a, int fd);
/* The program that AGENT_START asked for runs (r 0) or cannot (r < 0): true when a client was told. */
bool agent_started(struct agent *a, int r, const char *line);
/* Tell every AGENT_EXEC client that its program was killed: just before runelet's own end. */
void agent_end(struct agent *a);

/* Send a reply; all but AGENT_STARTED are the last one and close and release the connection. */
void agent_reply(struct agent_conn *c, enum agent_type type, int value, const void *payload,
                 size_t size);
void agent_fail(struct agent_conn *c, int code, const char *line);
/* A thread begins (1) or has ended (-1) work in the PAL. */
void agent_work(struct agent *a, int change);

/* The requests; p is the agent's and its descriptors are closed afterwards unless taken. */
void request_start(struct agent_conn *c, struct packet *p);
void request_state(struct agent_conn *c, struct packet *p);
void request_exec(struct agent_conn *c, struct packet *p);
void request_report(struct agent_conn *c, struct packet *p);
void request_quote(struct agent_conn *c, struct packet *p);
void request_signal(struct agent_conn *c, struct packet *p);
/* Send a signal to the client's program. */
void execution_signal(struct execution *x, int sig);
/* The client has gone: its program is killed, its report dropped. */
void execution_abandon(struct execution *x);
void report_abandon(struct report *rep);

#endif
