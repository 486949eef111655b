// SPDX-License-Identifier: Apache-2.0
/*
 * AGENT_REPORT and AGENT_QUOTE: an EREPORT of the enclave, for the client's target or for the quoting
 * enclave that the container's aesmd has, and what that enclave makes of it.  On a thread of its own,
 * since it may have to wait for a way into the enclave and for aesmd.  See agent.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aesm/client.h"
#include "rune/runelet/agent.h"

#define REPORT_ROOM   sizeof(struct sgx_report)
#define TARGET_SIZE   sizeof(struct sgx_targetinfo)
#define TARGET_SPACE  (TARGET_SIZE + SGX_REPORTDATA_SIZE)
#define REPORT_ALIGNS 512

struct report {
	/* EREPORT wants both at a multiple of 512; a PAL may hand them on as they are. */
	_Alignas(REPORT_ALIGNS) unsigned char targetinfo[TARGET_SPACE];
	_Alignas(REPORT_ALIGNS) struct sgx_report made;
	bool has_data;   /* REPORTDATA that is not zeros */
	bool has_target; /* the client's; else aesmd is asked */
	bool is_quote;
	struct sgx_att_key_id key; /* aesmd's */
	uint8_t *quote;
	size_t quote_size;
	int result; /* of all of it, with its line */
	struct err error;
	struct agent *agent;
	struct agent_conn *conn; /* NULL once the client has gone */
};

static void on_done(void *arg)
{
	struct report *rep = arg;
	struct agent *a = rep->agent;
	struct agent_conn *c = rep->conn;

	if (c) {
		c->report = NULL;
		if (rep->result < 0)
			agent_fail(c, rep->result, rep->error.text);
		else if (rep->is_quote)
			agent_reply(c, AGENT_OK, 0, rep->quote, rep->quote_size);
		else
			agent_reply(c, AGENT_OK, 0, &rep->made, sizeof(rep->made));
	}
	free(rep->quote);
	free(rep);
	agent_work(a, -1);
}

/* Whom the report is for, when the client does not say. */
static int ask_for_target(struct report *rep)
{
	struct sgx_targetinfo target;
	uint8_t key_hash[32];
	int r = aesm_ecdsa_key(AESM_SOCKET, &rep->key, &rep->error);

	if (r == 0)
		r = aesm_init_quote_ex(AESM_SOCKET, &rep->key, &target, key_hash, &rep->error);
	if (r < 0)
		return r;
	memcpy(rep->targetinfo, &target, sizeof(target));
	return 0;
}

/* REPORTDATA is an extension of the API: zeros are asked for in the way that every PAL knows. */
static int make_report(struct report *rep)
{
	static const char name[] = "pal_get_local_report";
	int size = REPORT_ROOM;
	int r = runelet_pal_get_local_report(&rep->agent->enclave->pal, rep->targetinfo,
	                                     rep->has_data ? TARGET_SPACE : TARGET_SIZE, &rep->made,
	                                     &size);

	if (r == -EINVAL && rep->has_data)
		return err_set(&rep->error, -ENOTSUP, "%s: this PAL library takes no REPORTDATA",
		               name);
	if (r < 0)
		return err_set(&rep->error, r, "%s: %s", name, strerror(-r));
	if (size != REPORT_ROOM)
		return err_set(&rep->error, -EPROTO, "%s: not a report of 432 bytes", name);
	return 0;
}

static int make_quote(struct report *rep)
{
	int r = aesm_get_quote_ex(AESM_SOCKET, &rep->key, &rep->made, NULL, &rep->quote,
	                          &rep->quote_size, &rep->error);

	if (r == 0 && rep->quote_size > AGENT_PAYLOAD_MAX)
		return err_set(&rep->error, -EMSGSIZE, "aesmd's quote has %zu bytes",
		               rep->quote_size);
	return r;
}

static void *report_thread(void *arg)
{
	struct report *rep = arg;

	rep->result = rep->has_target ? 0 : ask_for_target(rep);
	if (rep->result == 0)
		rep->result = make_report(rep);
	if (rep->result == 0 && rep->is_quote)
		rep->result = make_quote(rep);
	loop_post(rep->agent->enclave->loop, on_done, rep);
	return NULL;
}

static int check(const struct agent *a, struct err *e)
{
	if (a->state == AGENT_STATE_ENDING)
		return err_set(e, -ESRCH, "container is ending");
	if (a->enclave->pal.version < 3)
		return err_set(e, -ENOSYS, "PAL version %d makes no report, only version 3 does",
		               a->enclave->pal.version);
	return 0;
}

/* target and data may be NULL: aesmd's, zeros. */
static void begin(struct agent_conn *c, const char *target, const char *data, bool is_quote)
{
	struct report *rep;
	struct err e;
	int r = check(c->agent, &e);

	if (r < 0) {
		agent_fail(c, r, e.text);
		return;
	}
	rep = aligned_alloc(REPORT_ALIGNS, sizeof(*rep));
	if (!rep) {
		agent_fail(c, -ENOMEM, "out of memory");
		return;
	}
	*rep = (struct report){ .agent = c->agent, .conn = c, .is_quote = is_quote };
	rep->has_target = target;
	if (target)
		memcpy(rep->targetinfo, target, TARGET_SIZE);
	if (data)
		memcpy(rep->targetinfo + TARGET_SIZE, data, SGX_REPORTDATA_SIZE);
	for (size_t i = TARGET_SIZE; i < TARGET_SPACE; i++)
		rep->has_data = rep->has_data || rep->targetinfo[i] != 0;
	if (thread_start(report_thread, rep) < 0) {
		free(rep);
		agent_fail(c, -EAGAIN, "no thread for the report");
		return;
	}
	c->report = rep;
	agent_work(c->agent, 1);
}

void request_report(struct agent_conn *c, struct packet *p)
{
	switch (p->head.payload_size) {
	case SGX_REPORTDATA_SIZE: begin(c, NULL, p->payload, false); return;
	case TARGET_SIZE: begin(c, p->payload, NULL, false); return;
	case TARGET_SPACE: begin(c, p->payload, p->payload + TARGET_SIZE, false); return;
	default: agent_fail(c, -EBADMSG, "malformed TARGETINFO");
	}
}

void request_quote(struct agent_conn *c, struct packet *p)
{
	if (p->head.payload_size == SGX_REPORTDATA_SIZE)
		begin(c, NULL, p->payload, true);
	else
		agent_fail(c, -EBADMSG, "malformed REPORTDATA");
}

void report_abandon(struct report *rep)
{
	rep->conn = NULL;
}
