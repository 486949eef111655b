// SPDX-License-Identifier: Apache-2.0
/*
 * AGENT_REPORT: an EREPORT of the enclave for the client's target, made on a thread of its own since
 * it may have to wait for a way into the enclave.  See agent.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rune/runelet/agent.h"

#define TARGETINFO_SIZE 512
#define REPORTDATA_SIZE 64
#define REPORT_SIZE     432

struct report {
	/* EREPORT wants both at a multiple of 512; a PAL may hand them on as they are. */
	_Alignas(512) unsigned char targetinfo[TARGETINFO_SIZE];
	_Alignas(512) unsigned char text[REPORT_SIZE];
	int text_size;
	int result;
	struct agent *agent;
	struct agent_conn *conn; /* NULL once the client has gone */
};

static void on_done(void *arg)
{
	struct report *rep = arg;
	struct agent *a = rep->agent;
	struct agent_conn *c = rep->conn;
	struct err e;

	if (c) {
		c->report = NULL;
		err_set(&e, 0, "pal_get_local_report: %s", strerror(-rep->result));
		if (rep->result < 0)
			agent_fail(c, rep->result, e.text);
		else if (rep->text_size != REPORT_SIZE)
			agent_fail(c, -EPROTO, "pal_get_local_report: not a report of 432 bytes");
		else
			agent_reply(c, AGENT_OK, 0, rep->text, REPORT_SIZE);
	}
	free(rep);
	agent_work(a, -1);
}

static void *report_thread(void *arg)
{
	struct report *rep = arg;
	struct enclave *enc = rep->agent->enclave;

	rep->text_size = REPORT_SIZE;
	rep->result = runelet_pal_get_local_report(&enc->pal, rep->targetinfo, TARGETINFO_SIZE,
	                                           rep->text, &rep->text_size);
	loop_post(enc->loop, on_done, rep);
	return NULL;
}

/* pal_get_local_report has no room for REPORTDATA: what it cannot promise is refused. */
static int check(const struct agent *a, const struct packet *p, struct err *e)
{
	uint32_t size = p->head.payload_size;

	if (size != TARGETINFO_SIZE && size != TARGETINFO_SIZE + REPORTDATA_SIZE)
		return err_set(e, -EBADMSG, "malformed TARGETINFO");
	if (a->state == AGENT_STATE_ENDING)
		return err_set(e, -ESRCH, "container is ending");
	if (a->enclave->pal.version < 3)
		return err_set(e, -ENOSYS, "PAL version %d makes no report, only version 3 does",
		               a->enclave->pal.version);
	for (uint32_t i = TARGETINFO_SIZE; i < size; i++) {
		if (p->payload[i] != 0)
			return err_set(e, -ENOTSUP, "PAL version 3 takes no REPORTDATA but zeros");
	}
	return 0;
}

void request_report(struct agent_conn *c, struct packet *p)
{
	struct report *rep;
	struct err e;
	int r = check(c->agent, p, &e);

	if (r < 0) {
		agent_fail(c, r, e.text);
		return;
	}
	rep = aligned_alloc(512, sizeof(*rep));
	if (!rep) {
		agent_fail(c, -ENOMEM, "out of memory");
		return;
	}
	*rep = (struct report){ .agent = c->agent, .conn = c };
	memcpy(rep->targetinfo, p->payload, TARGETINFO_SIZE);
	if (thread_start(report_thread, rep) < 0) {
		free(rep);
		agent_fail(c, -EAGAIN, "no thread for the report");
		return;
	}
	c->report = rep;
	agent_work(c->agent, 1);
}

void report_abandon(struct report *rep)
{
	rep->conn = NULL;
}
