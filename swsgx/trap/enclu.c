// SPDX-License-Identifier: Apache-2.0
/*
 * From signal frame to processor and back.  A thread's cpu is inside exactly when the code that
 * sigreturn goes to is the enclave's; crossing that edge also changes FS and GS base (entry.S does
 * it last) and holds back libc's own two signals, whose handlers are not ours.
 */
#include "swsgx/trap/enclu.h"

#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "swsgx/cpu/epc.h"
#include "swsgx/driver/platform.h"
#include "swsgx/driver/rewrite.h"
#include "swsgx/driver/space.h"
#include "swsgx/driver/trace.h"
#include "swsgx/driver/visitor.h"
#include "swsgx/trap/context.h"
#include "swsgx/trap/decode.h"
#include "swsgx/trap/deliver.h"
#include "swsgx/trap/dispatch.h"
#include "swsgx/trap/illegal.h"
#include "swsgx/trap/vdso.h"

#define LIBC_SIGNALS   (UINT64_C(3) << (32 - 1)) /* SIGCANCEL and SIGSETXID */
#define SAME_FAULT_MAX 1000

static uint64_t enclu_at, vdso_exception;

void trap_set_vdso(const void *enclu, const void *exception)
{
	enclu_at = (uintptr_t)enclu;
	vdso_exception = (uintptr_t)exception;
}

/* The processor as the frame has it. */
static void load(struct thread *t, const ucontext_t *uc)
{
	context_load(uc, &t->cpu);
	t->cpu.platform = platform_get();
	t->cpu.paging = space_paging_user;
	t->cpu.regs.fsbase = t->inside ? t->fs : thread_fs_base();
	t->cpu.regs.gsbase = t->inside ? t->gs : thread_gs_base();
}

static void crossed_in(struct thread *t, ucontext_t *uc)
{
	uint64_t mask = context_mask(uc);

	dispatch_arm(t);
	t->inside = 1;
	t->host_fs = t->cpu.save_fsbase;
	t->host_gs = t->cpu.save_gsbase;
	t->host_segments = uc->uc_mcontext.gregs[REG_CSGSFS];
	t->hidden_signals = fast_is_on() ? 0 : LIBC_SIGNALS & ~mask;
	t->fault_count = 0;
	context_set_mask(uc, mask | t->hidden_signals);
	__atomic_fetch_add(&t->enclave->inside, 1, __ATOMIC_ACQ_REL);
}

static void crossed_out(struct thread *t, ucontext_t *uc)
{
	t->inside = 0;
	/* SYSENTER or a far branch, which a real enclave cannot make, may have changed them. */
	uc->uc_mcontext.gregs[REG_CSGSFS] = t->host_segments;
	context_set_mask(uc, context_mask(uc) & ~t->hidden_signals);
	__atomic_fetch_sub(&t->enclave->inside, 1, __ATOMIC_ACQ_REL);
	t->enclave = NULL;
	t->fast.running = 0;
}

/* The frame as the processor has it. */
static void store(struct thread *t, ucontext_t *uc)
{
	bool was_inside = t->inside;

	context_store(uc, &t->cpu);
	if (t->cpu.enclave_mode && !was_inside)
		crossed_in(t, uc);
	else if (!t->cpu.enclave_mode && was_inside)
		crossed_out(t, uc);
	else
		fast_stayed(t);
	t->fs = t->cpu.regs.fsbase;
	t->gs = t->cpu.regs.gsbase;
}

/* An exception outside: at the vDSO's ENCLU a jump, elsewhere a signal. */
static void report(struct thread *t, struct trap trap, ucontext_t *uc)
{
	greg_t *regs = uc->uc_mcontext.gregs;

	if (enclu_at == 0 || context_rip(uc) != enclu_at || trap.vector == TRAP_DB ||
	    trap.vector == TRAP_BP) {
		deliver_trap(t, trap, uc);
		return;
	}
	regs[REG_RIP] = (greg_t)vdso_exception;
	regs[REG_RDI] = trap.vector;
	regs[REG_RSI] = (greg_t)trap.errcd;
	regs[REG_RDX] = trap.vector == TRAP_PF ? (greg_t)trap.addr : 0;
}

static void aex(struct thread *t, struct trap trap, ucontext_t *uc)
{
	struct context_frame_bytes kept;

	fast_forget(t);
	trace_aex(&t->cpu, trap);
	context_keep(uc, &kept);
	cpu_aex(&t->cpu, trap);
	context_put_back(uc, &kept);
	store(t, uc);
}

/* Leave because of an exception, which is then one outside; of its address the page is left. */
static void aex_and_report(struct thread *t, struct trap trap, ucontext_t *uc)
{
	aex(t, trap, uc);
	if (trap.vector == TRAP_PF)
		trap.addr &= ~(uint64_t)(SGX_PAGE_SIZE - 1);
	report(t, trap, uc);
}

/*
 * The leaf, and as often as it meets a hole that the driver fills, the leaf again.  The enclave's lock
 * is for leaves that change the EPCM, and against other processes.
 */
static struct trap execute_leaf(struct thread *t)
{
	uint64_t page = t->cpu.regs.rcx & ~(uint64_t)(SGX_PAGE_SIZE - 1);
	uint32_t leaf = (uint32_t)t->cpu.regs.rax;
	struct trap trap;

	do {
		if (t->enclave == NULL)
			return cpu_enclu(&t->cpu);
		enclave_lock(t->enclave);
		trap = cpu_enclu(&t->cpu);
		enclave_unlock(t->enclave);
	} while (trap.vector == TRAP_PF && !(trap.errcd & PF_P) &&
	         space_augment(trap.addr, trap.errcd) &&
	         !space_fault_is_bus(trap.addr, trap.errcd));
	/* What the page has gained: the enclave is about to use it. */
	if (retired(trap) &&
	    (leaf == SGX_EACCEPT || leaf == SGX_EACCEPTCOPY || leaf == SGX_EMODPE)) {
		__atomic_fetch_add(&t->enclave->state->generation, 1, __ATOMIC_SEQ_CST);
		space_sync(page, page + SGX_PAGE_SIZE);
	}
	return trap;
}

/*
 * Was the TCS that cannot be entered another's who has died in it?  A processor would have left by the
 * signal that did it.
 */
static bool is_freed(const struct thread *t)
{
	const struct enclave *e = t->enclave;
	uint64_t index = (t->cpu.regs.rbx - e->state->base) / SGX_PAGE_SIZE;
	struct sgx_tcs *tcs = epc_tcs(&e->epc, (uint32_t)index);
	uint64_t owner;

	if (!enclave_holds(e, t->cpu.regs.rbx) || e->state->epcm[index].pt != SGX_PT_TCS)
		return false;
	owner = tcs_owner(tcs);
	return visitor_is_gone(e, owner) && tcs_take_away(tcs, owner);
}

/* Which enclave's EPC the TCS is in decides which EPC this processor has. */
static struct trap execute(struct thread *t)
{
	static struct epc no_epc;
	const struct cpu_regs was = t->cpu.regs;
	struct trap trap;

	space_lock_in_handler();
	if (!t->inside) {
		struct space_range *r = space_find(t->cpu.regs.rbx);

		fast_forget(t);
		t->enclave = r != NULL ? r->enclave : NULL;
		if (t->enclave != NULL) {
			fast_look(t);
			enclave_epc_update(t->enclave);
			space_catch_up(t->enclave);
			rewrite_check(0, UINT64_MAX);
		}
		t->cpu.epc = t->enclave != NULL ? &t->enclave->epc : &no_epc;
		t->cpu.paging_context = t->enclave;
	}
	trap = execute_leaf(t);
	if (!t->inside && t->enclave != NULL && trap.vector == TRAP_GP && is_freed(t))
		trap = execute_leaf(t);
	if (!t->inside && t->cpu.enclave_mode)
		fast_entered(t, (uint32_t)was.rax == SGX_EENTER, was.rcx, was.rsp);
	space_unlock_in_handler();
	return trap;
}

void enclu_execute(struct thread *t, ucontext_t *uc)
{
	struct context_frame_bytes kept;
	struct trace_call call;
	struct trap trap;

	load(t, uc);
	trace_begin(&call, &t->cpu.regs);
	context_keep(uc, &kept);
	trap = execute(t);
	context_put_back(uc, &kept);
	trace_enclu(&call, &t->cpu, trap);
	if (t->inside && !t->cpu.enclave_mode)
		fast_exited(t, context_rip(uc));
	if (retired(trap))
		store(t, uc);
	else if (t->inside)
		aex_and_report(t, trap, uc);
	else
		report(t, trap, uc);
}

/*
 * A page fault in the enclave's range: the model's answer counts, since the real pages only say
 * that something is refused.  False: the access is allowed, and the real pages now allow it.
 */
static bool page_fault(struct thread *t, struct trap *trap)
{
	struct trap answer = *trap;
	bool is_mapped;

	space_lock_in_handler();
	is_mapped = space_find(trap->addr) != NULL;
	if (is_mapped && !(space_augment(trap->addr, trap->errcd) &&
	                   space_fault_is_bus(trap->addr, trap->errcd))) {
		answer = cpu_access(&t->cpu, trap->addr, trap->errcd & (PF_W | PF_I));
		if (retired(answer)) {
			uint64_t page = trap->addr & ~(uint64_t)(SGX_PAGE_SIZE - 1);

			space_sync(page, page + SGX_PAGE_SIZE);
		}
	}
	space_unlock_in_handler();
	if (!is_mapped)
		return true;
	if (!retired(answer)) {
		*trap = answer;
		return true;
	}
	if (t->fault_rip != t->cpu.regs.rip || t->fault_addr != trap->addr) {
		t->fault_rip = t->cpu.regs.rip;
		t->fault_addr = trap->addr;
		t->fault_count = 0;
	}
	return ++t->fault_count > SAME_FAULT_MAX;
}

static bool in_elrange(const struct cpu *cpu, uint64_t la)
{
	return la - cpu->elrange_base < cpu->elrange_size;
}

/* INT3 is a fault inside, and without a debugger's consent not even a breakpoint. */
static struct trap breakpoint(struct cpu *cpu)
{
	cpu->regs.rip--;
	return (struct trap){ .vector = cpu->dbgoptin ? TRAP_BP : TRAP_UD };
}

void enclu_exception(struct thread *t, int sig, const siginfo_t *info, ucontext_t *uc)
{
	struct trap trap = decode_trap(uc);

	load(t, uc);
	if (illegal_inside(&t->cpu, trap, decode_is_system_call(sig, info))) {
		trap = UD;
	} else if (!in_elrange(&t->cpu, t->cpu.regs.rip)) {
		/* The fetch has already faulted, or would have on a real processor. */
		trap = GP0;
	} else if (sig == SIGTRAP && trap.vector == TRAP_BP) {
		trap = breakpoint(&t->cpu);
	} else if (sig == SIGTRAP && !t->cpu.dbgoptin && !decode_is_int1(sig, info, uc)) {
		/* POPF cannot set TF inside. */
		uc->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)CPU_RFLAGS_TF;
		return;
	} else if (trap.vector == TRAP_PF && in_elrange(&t->cpu, trap.addr)) {
		if (sig == SIGSEGV && !page_fault(t, &trap))
			return;
	}
	aex_and_report(t, trap, uc);
}

void enclu_interrupt(struct thread *t, ucontext_t *uc)
{
	load(t, uc);
	aex(t, (struct trap){ .vector = TRAP_INTERRUPT }, uc);
}
