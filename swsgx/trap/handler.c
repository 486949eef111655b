// SPDX-License-Identifier: Apache-2.0
/*
 * What a signal means, decided in C once entry.S has made C possible.  Three questions, in this
 * order: is it an ENCLU; was an enclave interrupted; whose is the signal otherwise.
 */
#include <errno.h>

#include "swsgx/driver/copy.h"
#include "swsgx/driver/space.h"
#include "swsgx/driver/sys.h"
#include "swsgx/trap/context.h"
#include "swsgx/trap/cpuid.h"
#include "swsgx/trap/decode.h"
#include "swsgx/trap/deliver.h"
#include "swsgx/trap/enclu.h"
#include "swsgx/trap/kick.h"
#include "swsgx/trap/segment.h"

#define SAME_FAULT_MAX 1000

/* As entry.S pushes them. */
struct trap_arguments {
	siginfo_t *info;
	ucontext_t *uc;
	int64_t sig;
};

void trap_in_slot(int sig, siginfo_t *info, ucontext_t *uc, struct thread *t);
void *trap_without_slot(struct trap_arguments *a);
long trap_set_stack(const stack_t *s);

/* The driver's own access to memory that is not there ends in an errno. */
static bool is_driver_copy(int sig, const siginfo_t *info, ucontext_t *uc)
{
	if (!decode_is_exception(sig, info) || context_rip(uc) != (uintptr_t)driver_copy_access)
		return false;
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)driver_copy_end;
	return true;
}

/* The same fault again and again, which the page tables say should not be. */
static bool is_stuck(uint64_t rip, uint64_t la)
{
	static __thread struct {
		uint64_t rip, la, count;
	} last __attribute__((tls_model("initial-exec")));

	if (last.rip != rip || last.la != la) {
		last.rip = rip;
		last.la = la;
		last.count = 0;
	}
	return ++last.count > SAME_FAULT_MAX;
}

/*
 * The program's own access to enclave memory.  Either the real pages lag behind, and the access is
 * repeated; or there is no page, which the driver answers with SIGBUS; or the EPCM withholds it.
 */
static bool is_enclave_memory(int *sig, siginfo_t *info, const ucontext_t *uc)
{
	uint64_t la, page;
	uint32_t access;
	bool allowed;

	if (*sig != SIGSEGV || !decode_is_exception(*sig, info) || context_vector(uc) != TRAP_PF ||
	    space_is_empty())
		return false;
	la = context_cr2(uc);
	page = la & ~(uint64_t)(SGX_PAGE_SIZE - 1);
	access = context_error(uc) & (PF_W | PF_I);
	space_lock_in_handler();
	space_augment(la, access);
	allowed = space_allows(la, access);
	if (allowed) {
		space_sync(page, page + SGX_PAGE_SIZE);
	} else if (space_fault_is_bus(la, access)) {
		*sig = SIGBUS;
		info->si_signo = SIGBUS;
		info->si_code = BUS_ADRERR;
	}
	space_unlock_in_handler();
	return allowed && !is_stuck(context_rip(uc), la);
}

/* Signals that are for us whatever the thread did, outside of an enclave. */
static bool is_ours(int sig, const siginfo_t *info, ucontext_t *uc)
{
	if (kick_is(sig, info)) {
		kick_answer();
		return true;
	}
	return segment_is_probe(sig, info, uc) || cpuid_execute(sig, info, uc) ||
	       is_driver_copy(sig, info, uc);
}

static void outside(struct thread *t, int sig, siginfo_t *info, ucontext_t *uc)
{
	if (decode_is_enclu(sig, info, uc))
		enclu_execute(t, uc);
	else if (!is_ours(sig, info, uc) && !is_enclave_memory(&sig, info, uc))
		deliver(t, sig, info, uc);
}

static void inside(struct thread *t, int sig, const siginfo_t *info, ucontext_t *uc)
{
	if (decode_is_enclu(sig, info, uc)) {
		enclu_execute(t, uc);
		return;
	}
	if (decode_is_exception(sig, info) || decode_is_system_call(sig, info)) {
		enclu_exception(t, sig, info, uc);
		return;
	}
	enclu_interrupt(t, uc);
	if (kick_is(sig, info))
		kick_answer();
	else
		deliver(t, sig, info, uc);
}

void trap_in_slot(int sig, siginfo_t *info, ucontext_t *uc, struct thread *t)
{
	int saved_errno = errno;

	if (fast_settle(t, sig, info, uc))
		return;
	if (t->inside)
		inside(t, sig, info, uc);
	else
		outside(t, sig, info, uc);
	errno = saved_errno;
}

/*
 * Give this thread a slot; sigreturn then repeats the ENCLU, and the trap comes on our stack.  A
 * thread that has a slot comes here when a handler of before has put its own stack back.
 */
static bool take_slot(ucontext_t *uc)
{
	struct thread *t = thread_self();
	stack_t stack;

	if (t == NULL) {
		signal_take_libc(); /* threads may come from within libc */
		t = thread_take();
	}
	if (t == NULL)
		return false;
	thread_signal_stack(t, &stack);
	if (trap_set_stack(&stack) != 0)
		return false;
	t->program_stack = uc->uc_stack;
	/* After exec the kernel says "none" by a size of 0, without the flag. */
	if (t->program_stack.ss_size == 0)
		t->program_stack.ss_flags = SS_DISABLE;
	uc->uc_stack = stack; /* sigreturn sets it, too */
	return true;
}

/*
 * Does the fault come again when the instruction does?  Then the kernel can end the process by it,
 * and whoever looks sees the fault itself.  What the kernel raises by itself says SI_KERNEL.
 */
static bool comes_again(int sig, const siginfo_t *info)
{
	return decode_is_exception(sig, info) && sig != SIGTRAP && info->si_code != SI_KERNEL;
}

/* Ours asks for the alternate stack; the program's handler may not have, and is to run where it was. */
static bool is_on_wrong_stack(const struct signal_action *a, const ucontext_t *uc)
{
	const stack_t *s = &uc->uc_stack;
	const uint64_t start = (uintptr_t)s->ss_sp;

	return !(a->flags & SA_ONSTACK) && (uintptr_t)uc - start < s->ss_size &&
	       context_rsp(uc) - start >= s->ss_size;
}

/* Returns the program's handler, which is to run on the frame as it is, or NULL: sigreturn. */
void *trap_without_slot(struct trap_arguments *a)
{
	int saved_errno = errno, sig = (int)a->sig;
	struct signal_action action;
	bool is_native;
	uint64_t mask;

	if ((decode_is_enclu(sig, a->info, a->uc) && take_slot(a->uc)) ||
	    is_ours(sig, a->info, a->uc) || is_enclave_memory(&sig, a->info, a->uc)) {
		errno = saved_errno;
		return NULL;
	}
	is_native = sig == (int)a->sig;
	a->sig = sig;
	action = signal_get(sig);
	errno = saved_errno;
	if (action.handler == (void *)SIG_IGN && a->info->si_code <= 0)
		return NULL;
	if (action.handler == (void *)SIG_DFL || action.handler == (void *)SIG_IGN) {
		if (is_native && comes_again(sig, a->info))
			deliver_reset(sig);
		else
			deliver_default(sig);
		return NULL;
	}
	fast_handler_without_slot(context_rsp(a->uc));
	if (is_on_wrong_stack(&action, a->uc)) {
		deliver_on(&a->uc->uc_stack, sig, a->info, a->uc);
		return NULL;
	}
	if (action.flags & SA_RESETHAND)
		signal_reset(sig);
	mask = deliver_mask(sig, &action, context_mask(a->uc));
	sys_sigprocmask(SIG_SETMASK, &mask, NULL);
	return (void *)(uintptr_t)action.handler;
}
