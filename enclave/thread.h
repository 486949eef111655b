/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TD, a thread's own page: GS base points at it.  One TCS, one TD, one SSA array, one stack and
 * one exception stack belong together for ever; no other thread touches them, so nothing here needs
 * a lock.  The thread's own exception handler is the only other reader and writer.
 */
#ifndef ENCLAVE_THREAD_H
#define ENCLAVE_THREAD_H

#include "enclave/image.h"

/* Offsets for assembly. */
#define TD_SELF      0
#define TD_STACK     8
#define TD_EXC_STACK 16
#define TD_GPRSGX    24
#define TD_STATE     32
#define TD_EXC_BUSY  36
#define TD_CANARY    40 /* where %fs:0x28 looks too; -mstack-protector-guard-offset in module.mk */
#define TD_OCALL_SP  48
#define TD_ECALL     56
#define TD_ARG       64
#define TD_HOST      72  /* the host's registers at the entry at CSSA 0 */
#define TD_HOST_EXC  136 /* and at CSSA 1 */
#define TD_UNWINDING 200
#define TD_HANDLING  208
#define TD_XSTATE    256 /* aligned for FXRSTOR */
#define TD_EXCEPTION 768

/* In TD_HOST and TD_HOST_EXC. */
#define HOST_RSP   0
#define HOST_RBP   8
#define HOST_RCX   16
#define HOST_R12   24
#define HOST_R13   32
#define HOST_R14   40
#define HOST_R15   48
#define HOST_MXCSR 56
#define HOST_FCW   60

/* In TD_HANDLING: what the program's exception handler is for, if it runs. */
#define TD_HANDLING_NONE   0
#define TD_HANDLING_RESUME 1 /* the program may go on behind it */
#define TD_HANDLING_END    2 /* it ends: the handler has the stack that was the program's */

/*
 * The thread's state: what an entry means.  Written by entry.S alone.  Only in TD_RUN is the stack
 * pointer the enclave's for certain; in all others an entry at CSSA 1 is refused.
 */
#define TD_IDLE    0 /* the next entry is an ecall */
#define TD_RUN     1 /* trusted code runs on the trusted stack */
#define TD_OCALL   2 /* the next entry is the return from an ocall */
#define TD_LEAVING 3 /* on the way to EEXIT, the host's registers are being put back */

/* The enclave's state, encl_state: forward only. */
#define ENCL_UNINIT  0
#define ENCL_INITING 1
#define ENCL_READY   2
#define ENCL_DEAD    3 /* every entry is refused */

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

#include "enclave/bounds.h"
#include "enclave/handler.h"
#include "enclave/insn.h"

struct td_host {
	uint64_t rsp, rbp, rcx, r12, r13, r14, r15;
	uint32_t mxcsr;
	uint16_t fcw;
	uint16_t reserved;
};

struct td {
	/* Measured: offsets from the layout page. */
	uint64_t self;
	uint64_t stack;
	uint64_t exc_stack;
	uint64_t gprsgx; /* of SSA frame 0 */
	uint32_t state;
	uint32_t exc_busy;
	uint64_t canary;
	uint64_t ocall_sp; /* the stack of the ocall that is out, or 0; one-shot */
	uint64_t ecall;    /* number and argument of the ecall that runs: the host's words */
	uint64_t arg;
	struct td_host host;
	struct td_host host_exc;
	uint32_t unwinding; /* how often this ecall was cut short */
	uint32_t fault;     /* it was by an exception, not by the host's wish */
	uint32_t handling;  /* TD_HANDLING_* */
	uint32_t reserved;
	uint64_t end; /* enum encl_end and its value, from the moment the unwinding begins */
	uint64_t value;
	hptr ocall_area;    /* checked; of the program that runs */
	uint64_t heap_next; /* of heap.c: free bytes of the run that is being handed out */
	uint64_t heap_end;
	/* The program that an exception interrupted: x87 and SSE as FXSAVE has them, the rest. */
	uint8_t xstate[512];
	struct encl_exception exception;
};

_Static_assert(offsetof(struct td, self) == TD_SELF, "self");
_Static_assert(offsetof(struct td, stack) == TD_STACK, "stack");
_Static_assert(offsetof(struct td, exc_stack) == TD_EXC_STACK, "exc_stack");
_Static_assert(offsetof(struct td, gprsgx) == TD_GPRSGX, "gprsgx");
_Static_assert(offsetof(struct td, state) == TD_STATE, "state");
_Static_assert(offsetof(struct td, exc_busy) == TD_EXC_BUSY, "exc_busy");
_Static_assert(offsetof(struct td, canary) == TD_CANARY, "canary");
_Static_assert(offsetof(struct td, ocall_sp) == TD_OCALL_SP, "ocall_sp");
_Static_assert(offsetof(struct td, ecall) == TD_ECALL, "ecall");
_Static_assert(offsetof(struct td, arg) == TD_ARG, "arg");
_Static_assert(offsetof(struct td, host) == TD_HOST, "host");
_Static_assert(offsetof(struct td, host_exc) == TD_HOST_EXC, "host_exc");
_Static_assert(offsetof(struct td, unwinding) == TD_UNWINDING, "unwinding");
_Static_assert(offsetof(struct td, handling) == TD_HANDLING, "handling");
_Static_assert(offsetof(struct td, xstate) == TD_XSTATE && TD_XSTATE % 16 == 0, "xstate");
_Static_assert(offsetof(struct td, exception) == TD_EXCEPTION, "exception");
_Static_assert(sizeof(struct td) <= 4096, "a TD is one page");
_Static_assert(offsetof(struct td_host, rsp) == HOST_RSP, "rsp");
_Static_assert(offsetof(struct td_host, rbp) == HOST_RBP, "rbp");
_Static_assert(offsetof(struct td_host, rcx) == HOST_RCX, "rcx");
_Static_assert(offsetof(struct td_host, r12) == HOST_R12, "r12");
_Static_assert(offsetof(struct td_host, r13) == HOST_R13, "r13");
_Static_assert(offsetof(struct td_host, r14) == HOST_R14, "r14");
_Static_assert(offsetof(struct td_host, r15) == HOST_R15, "r15");
_Static_assert(offsetof(struct td_host, mxcsr) == HOST_MXCSR, "mxcsr");
_Static_assert(offsetof(struct td_host, fcw) == HOST_FCW, "fcw");

/* This thread's TD. */
static inline struct td *td_own(void)
{
	return (struct td *)(encl_base() + gs_load(TD_SELF));
}

/* The TD of thread i, below ENCL_THREADS.  Only for ecall_init, when no other thread runs C code. */
struct td *td_of(unsigned int i);

#endif

#endif
