// SPDX-License-Identifier: Apache-2.0
/*
 * Exceptions, in two stages.
 *
 * Stage 1, encl_exception, is an entry at CSSA 1, on a stack of its own: the host wants the
 * interrupted program to end, or an exception has stopped it.  entry.S has made sure that the thread
 * was in TD_RUN.  It copies what the program was into the TD and points SSA[0] at stage 2 or at
 * encl_unwind; it never touches the interrupted stack and makes no ocall.  What happened is read from
 * the SSA, never from the host.
 *
 * Stage 2, exception_handle, is what ERESUME then runs, at CSSA 0, on the program's own stack: ordinary
 * code of the program, which may make ocalls and may be ended like it.
 */
#include "enclave/ecall.h"
#include "enclave/errno.h"
#include "enclave/string.h"
#include "enclave/thread.h"

#define HANDLER_ROOM 0x2000 /* of the stack, for stage 2 and what the author's handler calls */
#define VECTORS                                                               \
	(1U << ENCL_VECTOR_DE | 1U << ENCL_VECTOR_BP | 1U << ENCL_VECTOR_BR | \
	 1U << ENCL_VECTOR_UD | 1U << ENCL_VECTOR_GP | 1U << ENCL_VECTOR_PF | \
	 1U << ENCL_VECTOR_MF | 1U << ENCL_VECTOR_AC | 1U << ENCL_VECTOR_XM)

_Static_assert(offsetof(struct encl_exception, vector) == offsetof(struct sgx_gprsgx, ursp) &&
                       EXCEPTION_RSP == offsetof(struct sgx_gprsgx, rsp) &&
                       EXCEPTION_RIP == offsetof(struct sgx_gprsgx, rip),
               "the registers of both are the same bytes");

/* enclave.lds */
extern const uint8_t text_start[], text_end[], entry_start[], entry_end[];

static bool within(uint64_t address, const uint8_t *start, const uint8_t *end)
{
	return address >= (uint64_t)start && address < (uint64_t)end;
}

/* The program may be at address: in the text, and not in the code of entry.S. */
static bool is_program(uint64_t address)
{
	return within(address, text_start, text_end) && !within(address, entry_start, entry_end);
}

bool encl_text_is(uint64_t address, const uint8_t *bytes, size_t count)
{
	return within(address, text_start, text_end) && count <= (uint64_t)text_end - address &&
	       memcmp((const void *)address, bytes, count) == 0;
}

static int64_t die(void)
{
	__atomic_store_n(&encl_state, ENCL_DEAD, __ATOMIC_SEQ_CST);
	return -EIO;
}

/* The interrupted thread goes on at rip, with nothing of what it was doing in its registers. */
static void redirect(struct sgx_gprsgx *g, void (*rip)(void), uint64_t rsp)
{
	uint64_t ursp = g->ursp, urbp = g->urbp, fsbase = g->fsbase, gsbase = g->gsbase;

	memset(g, 0, sizeof(*g));
	g->ursp = ursp;
	g->urbp = urbp;
	g->fsbase = fsbase;
	g->gsbase = gsbase;
	g->rip = (uint64_t)rip;
	g->rsp = rsp;
	g->rflags = 0x202;
}

static uint64_t stack_top(const struct td *td)
{
	return encl_base() + td->stack;
}

/* rsp is on this thread's stack or in the guard page below it, where an overflow leaves it. */
static bool is_stack(const struct td *td, uint64_t rsp)
{
	return rsp <= stack_top(td) && stack_top(td) - rsp < ENCL_STACK + ENCL_GUARD;
}

/* Below rsp there is room for the red zone and for stage 2. */
static bool has_room(const struct td *td, uint64_t rsp)
{
	return rsp <= stack_top(td) &&
	       stack_top(td) - rsp <= ENCL_STACK - ENCL_RED_ZONE - HANDLER_ROOM && rsp % 8 == 0;
}

/* The program's own handler is to see it. */
static bool is_for_the_program(const struct td *td, const struct sgx_gprsgx *g, uint32_t exitinfo)
{
	uint32_t type = exitinfo & SGX_EXITINFO_TYPE, vector = exitinfo & SGX_EXITINFO_VECTOR;

	return td->ecall == ENCL_ECALL_MAIN && td->unwinding == 0 && td->handling == 0 &&
	       (type == SGX_EXITINFO_HARDWARE || type == SGX_EXITINFO_SOFTWARE) && vector < 32 &&
	       (VECTORS >> vector & 1) && is_stack(td, g->rsp);
}

static void hand_over(struct td *td, struct sgx_gprsgx *g, uint32_t vector)
{
	const struct sgx_exinfo *exinfo = (const void *)((const uint8_t *)g - sizeof(*exinfo));
	uint64_t guard = stack_top(td) - ENCL_STACK - ENCL_GUARD;
	struct encl_exception *e = &td->exception;

	memset(e, 0, sizeof(*e));
	memcpy(e, g, offsetof(struct encl_exception, vector));
	e->vector = vector;
	if (vector == ENCL_VECTOR_PF || vector == ENCL_VECTOR_GP) {
		e->address = exinfo->maddr;
		e->error_code = exinfo->errcd;
	}
	e->is_overflow = vector == ENCL_VECTOR_PF && e->address - guard < ENCL_GUARD;
	e->can_resume = has_room(td, g->rsp);
	/* The XSAVE area begins the frame, and with XFRM 3 these bytes are all of it. */
	memcpy(td->xstate, (const uint8_t *)g - SSA_GPRSGX, sizeof(td->xstate));
	td->handling = e->can_resume ? TD_HANDLING_RESUME : TD_HANDLING_END;
	redirect(g, encl_handle,
	         e->can_resume ? (g->rsp - ENCL_RED_ZONE) & ~UINT64_C(15) : stack_top(td));
}

int64_t encl_exception(void)
{
	struct td *td = td_own();
	struct sgx_gprsgx *g = (struct sgx_gprsgx *)(encl_base() + td->gprsgx);
	uint32_t exitinfo = g->exitinfo;
	bool fault = exitinfo & SGX_EXITINFO_VALID;

	/* One-shot: it stays in the frame until the next asynchronous exit. */
	g->exitinfo = 0;
	/*
	 * Nothing in entry code faults in TD_RUN, and nothing is cut short there, but a stage 2 of
	 * which not a step was made.  Nothing runs outside the text.
	 */
	if (within(g->rip, entry_start, entry_end) && (fault || g->rip != (uint64_t)encl_handle))
		return fault ? die() : -EAGAIN;
	if (!within(g->rip, text_start, text_end))
		return die();
	if (td->unwinding > 0 && !fault)
		return -EALREADY;
	if (fault && is_for_the_program(td, g, exitinfo)) {
		hand_over(td, g, exitinfo & SGX_EXITINFO_VECTOR);
		return ENCL_EXCEPTION_HANDLED;
	}
	td->unwinding++;
	td->fault = fault;
	td->end = fault ? ENCL_END_EXCEPTION : ENCL_END_KILLED;
	td->value = fault ? exitinfo & SGX_EXITINFO_VECTOR : 0;
	redirect(g, encl_unwind, stack_top(td));
	return 0;
}

void exception_handle(void)
{
	struct td *td = td_own();
	struct encl_exception *e = &td->exception;
	uint32_t vector = e->vector;

	if (!encl_on_exception(e) || td->handling != TD_HANDLING_RESUME || !has_room(td, e->rsp) ||
	    !is_program(e->rip))
		program_end(ENCL_END_EXCEPTION, vector);
}
