// SPDX-License-Identifier: Apache-2.0
/*
 * The kernel's signal delivery, done again: struct rt_sigframe on the program's stack, and our own
 * frame changed so that its sigreturn is the call of the handler.
 */
#include "swsgx/trap/deliver.h"

#include <string.h>

#include "sgx/secinfo.h"
#include "swsgx/driver/space.h"
#include "swsgx/driver/sys.h"
#include "swsgx/trap/context.h"

#define RED_ZONE       128
#define XSTATE_ALIGN   64
#define UC_KERNEL_SIZE 304 /* the kernel's struct ucontext: a mask of 8 bytes, nothing after it */

#define RFLAGS_TF UINT64_C(0x100)
#define RFLAGS_DF UINT64_C(0x400)
#define RFLAGS_RF UINT64_C(0x10000)

void __restore_rt(void);

struct frame {
	void (*restorer)(void);
	uint8_t uc[UC_KERNEL_SIZE];
	siginfo_t info;
};
_Static_assert(offsetof(ucontext_t, uc_sigmask) + 8 == UC_KERNEL_SIZE, "the kernel's ucontext");
_Static_assert(sizeof(struct frame) % 16 == 8,
               "the stack pointer of a function's first instruction");

uint64_t deliver_mask(int sig, const struct signal_action *a, uint64_t mask)
{
	mask |= a->mask;
	if (!(a->flags & SA_NODEFER))
		mask |= UINT64_C(1) << (sig - 1);
	return mask & ~SPACE_FAULTS;
}

void deliver_reset(int sig)
{
	const struct signal_action a = { .handler = (void *)SIG_DFL };

	sys_call4(SYS_rt_sigaction, (uint64_t)sig, (uintptr_t)&a, 0, 8);
}

void deliver_default(int sig)
{
	const uint64_t bit = UINT64_C(1) << (sig - 1);

	/* With the kernel's own disposition the process ends as it would have without us. */
	deliver_reset(sig);
	sys_sigprocmask(SIG_UNBLOCK, &bit, NULL);
	sys_call4(SYS_tgkill, (uint64_t)sys_call4(SYS_getpid, 0, 0, 0, 0),
	          (uint64_t)sys_call4(SYS_gettid, 0, 0, 0, 0), (uint64_t)sig, 0);
}

/* Where the frame's top goes. */
static uint64_t stack_for(const stack_t *s, const struct signal_action *a, uint64_t rsp)
{
	uint64_t start = (uintptr_t)s->ss_sp;

	if (!(a->flags & SA_ONSTACK) || (s->ss_flags & SS_DISABLE) || rsp - start < s->ss_size)
		return rsp - RED_ZONE;
	return start + s->ss_size;
}

/* Of a handler that the alternate stack has, also by the kernel, no frame reaches beyond it. */
static bool fits(const stack_t *s, const struct signal_action *a, uint64_t top,
                 const ucontext_t *uc)
{
	const uint64_t start = (uintptr_t)s->ss_sp;
	const uint64_t need = context_xstate_size(uc) + XSTATE_ALIGN + sizeof(struct frame) + 16;

	if (!(a->flags & SA_ONSTACK) || (s->ss_flags & SS_DISABLE))
		return true;
	return top - start >= need && top - start <= s->ss_size;
}

static void push_frame(uint64_t top, const siginfo_t *info, const ucontext_t *uc,
                       struct frame **ret)
{
	uint32_t xstate_size = context_xstate_size(uc);
	uint64_t xstate = (top - xstate_size) & ~(uint64_t)(XSTATE_ALIGN - 1);
	struct frame *f = (void *)(((xstate - sizeof(struct frame)) & ~UINT64_C(15)) - 8);
	struct _libc_fpstate *fpregs = xstate_size ? (void *)xstate : NULL;

	memcpy((void *)xstate, uc->uc_mcontext.fpregs, xstate_size);
	f->restorer = __restore_rt;
	memcpy(f->uc, uc, sizeof(f->uc));
	memcpy(f->uc + offsetof(ucontext_t, uc_mcontext.fpregs), &fpregs, sizeof(fpregs));
	f->info = *info;
	*ret = f;
}

void deliver(struct thread *t, int sig, const siginfo_t *info, ucontext_t *uc)
{
	deliver_on(&t->program_stack, sig, info, uc);
}

void deliver_on(const stack_t *stack, int sig, const siginfo_t *info, ucontext_t *uc)
{
	struct signal_action a = signal_get(sig);
	uint64_t top = stack_for(stack, &a, context_rsp(uc));
	greg_t *regs = uc->uc_mcontext.gregs;
	struct frame *f;

	if (a.handler == (void *)SIG_IGN && info->si_code <= 0)
		return;
	if (a.handler == (void *)SIG_DFL || a.handler == (void *)SIG_IGN) {
		deliver_default(sig);
		return;
	}
	if (!fits(stack, &a, top, uc)) {
		deliver_default(SIGSEGV);
		return;
	}
	if (a.flags & SA_RESETHAND)
		signal_reset(sig);
	push_frame(top, info, uc, &f);
	context_set_mask(uc, deliver_mask(sig, &a, context_mask(uc)));
	regs[REG_RIP] = (greg_t)(uintptr_t)a.handler;
	regs[REG_RSP] = (greg_t)(uintptr_t)f;
	regs[REG_RDI] = sig;
	regs[REG_RSI] = (greg_t)(uintptr_t)&f->info;
	regs[REG_RDX] = (greg_t)(uintptr_t)f->uc;
	regs[REG_RAX] = 0;
	regs[REG_EFL] &= (greg_t) ~(RFLAGS_DF | RFLAGS_TF | RFLAGS_RF);
	context_xstate_reset(uc);
}

static bool is_mapped(uint64_t la)
{
	/* msync asks nothing of a page but that it is mapped. */
	return sys_call4(SYS_msync, la & ~(uint64_t)(SGX_PAGE_SIZE - 1), SGX_PAGE_SIZE, 1, 0) == 0;
}

static void page_fault_info(struct trap trap, siginfo_t *info)
{
	bool is_bus = false;

	if (!(trap.errcd & PF_SGX)) {
		space_lock_in_handler();
		is_bus = space_fault_is_bus(trap.addr, trap.errcd);
		space_unlock_in_handler();
	}
	info->si_signo = is_bus ? SIGBUS : SIGSEGV;
	if (is_bus)
		info->si_code = BUS_ADRERR;
	else
		info->si_code =
			(trap.errcd & PF_P) || is_mapped(trap.addr) ? SEGV_ACCERR : SEGV_MAPERR;
	info->si_addr = (void *)trap.addr;
}

static void set_info(siginfo_t *info, int sig, int code, uint64_t addr)
{
	info->si_signo = sig;
	info->si_code = code;
	info->si_addr = (void *)addr;
}

/* The kernel's choice of signal, code and address for each vector. */
static void trap_info(struct trap trap, uint64_t rip, siginfo_t *info)
{
	switch (trap.vector) {
	case TRAP_DE: set_info(info, SIGFPE, FPE_INTDIV, rip); break;
	case TRAP_DB: set_info(info, SIGTRAP, TRAP_TRACE, rip); break;
	case TRAP_BP: set_info(info, SIGTRAP, SI_KERNEL, 0); break;
	case TRAP_UD: set_info(info, SIGILL, ILL_ILLOPN, rip); break;
	case TRAP_PF: page_fault_info(trap, info); break;
	case TRAP_MF:
	case TRAP_XM: set_info(info, SIGFPE, FPE_FLTINV, rip); break;
	case TRAP_AC: set_info(info, SIGBUS, BUS_ADRALN, 0); break;
	case TRAP_NP:
	case TRAP_SS: set_info(info, SIGBUS, SI_KERNEL, 0); break;
	default: set_info(info, SIGSEGV, SI_KERNEL, 0); break;
	}
}

void deliver_trap(struct thread *t, struct trap trap, ucontext_t *uc)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	trap_info(trap, context_rip(uc), &info);
	uc->uc_mcontext.gregs[REG_TRAPNO] = trap.vector;
	uc->uc_mcontext.gregs[REG_ERR] = (greg_t)trap.errcd;
	if (trap.vector == TRAP_PF)
		uc->uc_mcontext.gregs[REG_CR2] = (greg_t)trap.addr;
	deliver(t, info.si_signo, &info, uc);
}
