// SPDX-License-Identifier: Apache-2.0
/*
 * An entry at CSSA 1: the host wants the interrupted program to end, or an exception has ended it.
 * entry.S has made sure that the thread was in TD_RUN.  The handler never touches the interrupted
 * stack and makes no ocall; all it does is to point SSA[0] at encl_unwind, which ERESUME then runs.
 * What happened is read from the SSA, never from the host.
 */
#include "enclave/ecall.h"
#include "enclave/errno.h"
#include "enclave/string.h"
#include "enclave/thread.h"

/* enclave.lds */
extern const uint8_t text_start[], text_end[], entry_start[], entry_end[];

static bool within(uint64_t address, const uint8_t *start, const uint8_t *end)
{
	return address >= (uint64_t)start && address < (uint64_t)end;
}

static int64_t die(void)
{
	__atomic_store_n(&encl_state, ENCL_DEAD, __ATOMIC_SEQ_CST);
	return -EIO;
}

/* The interrupted thread goes on at encl_unwind, with nothing of what it was doing left. */
static void redirect(const struct td *td, struct sgx_gprsgx *g)
{
	uint64_t ursp = g->ursp, urbp = g->urbp, fsbase = g->fsbase, gsbase = g->gsbase;

	memset(g, 0, sizeof(*g));
	g->ursp = ursp;
	g->urbp = urbp;
	g->fsbase = fsbase;
	g->gsbase = gsbase;
	g->rip = (uint64_t)encl_unwind;
	g->rsp = encl_base() + td->stack;
	g->rflags = 0x202;
}

int64_t encl_exception(void)
{
	struct td *td = td_own();
	struct sgx_gprsgx *g = (struct sgx_gprsgx *)(encl_base() + td->gprsgx);
	uint32_t exitinfo = g->exitinfo;
	bool fault = exitinfo & SGX_EXITINFO_VALID;

	/* One-shot: it stays in the frame until the next asynchronous exit. */
	g->exitinfo = 0;
	/* Nothing in entry code faults in TD_RUN, and nothing runs outside the text. */
	if (within(g->rip, entry_start, entry_end))
		return fault ? die() : -EAGAIN;
	if (!within(g->rip, text_start, text_end))
		return die();
	if (td->unwinding > 0 && !fault)
		return -EALREADY;
	td->unwinding++;
	td->fault = fault;
	td->end = fault ? ENCL_END_EXCEPTION : ENCL_END_KILLED;
	td->value = fault ? exitinfo & SGX_EXITINFO_VECTOR : 0;
	redirect(td, g);
	return 0;
}
