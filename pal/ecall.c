// SPDX-License-Identifier: Apache-2.0
/*
 * The loop around an ecall: EENTER, ocalls, asynchronous exits, ERESUME, until the ecall returns
 * (enclave/abi.h).
 *
 *	 EENTER --> EXIT_OCALL       serve it, EENTER with the result
 *	        --> EXIT_RETURN      done
 *	        --> EXIT_REFUSED     done; at CSSA 1: not now, ERESUME
 *	        --> EXIT_EXCEPTION   the thread unwinds, or the program's handler runs: ERESUME
 *	        --> a fault          EENTER at CSSA 1; a fault of that entry: the thread is dead
 *
 * An entry at CSSA 1 is made here after a fault, or by the signal handler (aex.c); is_second says that
 * one is under way.
 */
#include "pal/ecall.h"

#include <errno.h>

#include "pal/enter.h"
#include "sgx/leaf.h"

#define FAULTS_MAX 8 /* of one ecall that make it unwind: an unwinding may fault again */

struct visit {
	struct enter_regs regs;
	struct sgx_enclave_run run;
	enum sgx_enclu leaf;
	unsigned int faults;
	bool serves_fault; /* the entry at CSSA 1 under way is for a fault */
};

static int enter(struct encl *encl, struct visit *v)
{
	if (encl->enter)
		return enter_vdso(&v->regs, v->leaf, &v->run, encl->enter);
	return enter_enclu(&v->regs, v->leaf, &v->run);
}

static int give_up(struct encl_thread *t)
{
	t->is_dead = true;
	return -EIO;
}

static void clear_kill(struct encl_thread *t, const struct ecall *call)
{
	if (atomic_exchange(&t->kill, false) && call->noticed)
		call->noticed(call->context);
}

/* 0: go on with v->leaf. */
static int on_fault(struct encl_thread *t, struct visit *v, struct ecall *call)
{
	bool was_second = atomic_load(&t->is_second);

	/*
	 * The program's latest: its handler may have let it go on after those before.  What the code that
	 * serves it does is not the program's.
	 */
	if (!call->fault.happened || (v->run.function != SGX_EENTER && !was_second))
		call->fault = (struct ecall_fault){
			.happened = true,
			.vector = v->run.exception_vector,
			.error_code = v->run.exception_error_code,
			.addr = v->run.exception_addr,
		};
	/* EENTER itself, or the code that should have served the fault. */
	if (v->run.function == SGX_EENTER || was_second || v->faults == FAULTS_MAX)
		return give_up(t);
	atomic_store(&t->is_second, true);
	v->serves_fault = true;
	v->leaf = SGX_EENTER;
	v->regs = (struct enter_regs){ 0 };
	return 0;
}

/* The entry at CSSA 1 has left.  0: go on with v->leaf. */
static int on_second(struct encl_thread *t, struct visit *v, struct ecall *call)
{
	int64_t result = (int64_t)v->regs.rdi;
	bool is_served = v->regs.rdx == ENCL_EXIT_EXCEPTION && result == 0;
	bool is_handled = v->regs.rdx == ENCL_EXIT_EXCEPTION && result == ENCL_EXCEPTION_HANDLED;
	bool is_killed = is_handled && atomic_load(&t->kill);

	if (v->serves_fault && !is_served && !is_handled)
		return give_up(t);
	if (is_served || result == -EALREADY)
		clear_kill(t, call);
	v->faults += v->serves_fault && is_served;
	v->serves_fault = false;
	/* A program whose handler lets it go on from fault to fault may be outside at every kick. */
	atomic_store(&t->is_second, is_killed);
	v->leaf = is_killed ? SGX_EENTER : SGX_ERESUME;
	v->regs = (struct enter_regs){ 0 };
	return 0;
}

static void on_ocall(struct encl_thread *t, struct visit *v, struct ecall *call)
{
	int64_t result =
		call->ocall ? call->ocall(call->context, v->regs.rdi, v->regs.rsi) : -ENOSYS;

	if (result == ENCL_OCALL_KILLED)
		clear_kill(t, call);
	v->leaf = SGX_EENTER;
	v->regs = (struct enter_regs){ .rdi = (uint64_t)result };
}

int encl_ecall(struct encl *encl, struct encl_thread *thread, struct ecall *call)
{
	struct visit v = {
		.regs = { .rdi = call->number, .rsi = (uint64_t)call->arg },
		.run = { .tcs = thread->tcs },
		.leaf = SGX_EENTER,
	};
	int r;

	call->fault = (struct ecall_fault){ 0 };
	atomic_store(&thread->is_second, false);
	for (;;) {
		if (enter(encl, &v) < 0)
			return give_up(thread);
		if (v.run.function != SGX_EEXIT) {
			r = on_fault(thread, &v, call);
		} else if (atomic_exchange(&thread->is_second, false)) {
			r = on_second(thread, &v, call);
		} else if (v.regs.rdx == ENCL_EXIT_OCALL) {
			on_ocall(thread, &v, call);
			r = 0;
		} else {
			clear_kill(thread, call);
			return (int)(int64_t)v.regs.rdi;
		}
		if (r < 0)
			return r;
	}
}
