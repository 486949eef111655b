// SPDX-License-Identifier: Apache-2.0
/*
 * The C side of sequence.S: what an entry may remember, and what a signal in the middle of a sequence
 * means.  An entry is undone, an exit is undone until the processor has left and then done: either
 * way the program and the enclave see an instruction.
 */
#include "swsgx/trap/fast.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "sgx/leaf.h"
#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/ssa.h"
#include "swsgx/driver/rewrite.h"
#include "swsgx/driver/space.h"
#include "swsgx/driver/trace.h"
#include "swsgx/trap/context.h"
#include "swsgx/trap/decode.h"
#include "swsgx/trap/segment.h"
#include "swsgx/trap/signal.h"
#include "swsgx/trap/thread.h"

#define FLAGS_AH \
	((uint64_t)(CPU_RFLAGS_CF | CPU_RFLAGS_PF | CPU_RFLAGS_AF | CPU_RFLAGS_ZF | CPU_RFLAGS_SF))
#define FLAGS_STATUS (FLAGS_AH | CPU_RFLAGS_OF)

/* sequence.S */
#define LABEL(name) extern const char name[] __attribute__((visibility("hidden")))
LABEL(fast_enter);
LABEL(fast_enter_is_eenter);
LABEL(fast_enter_counted);
LABEL(fast_enter_tried);
LABEL(fast_enter_claimed);
LABEL(fast_enter_inside);
LABEL(fast_enter_inside_end);
LABEL(fast_enter_claimed_end);
LABEL(fast_enter_end);
LABEL(fast_exit);
LABEL(fast_exit_flags_in_rax);
LABEL(fast_exit_saved);
LABEL(fast_exit_left);
LABEL(fast_exit_not_inside);
LABEL(fast_exit_uncounted);
LABEL(fast_exit_end);
LABEL(fast_exit_traps);
LABEL(fast_exit_overflow);
LABEL(fast_exit_flags);
LABEL(fast_exit_traps_end);

#define OFFSET(name) offsetof(struct thread, fast.name)
_Static_assert(OFFSET(tcs_la) == FAST_TCS_LA, "sequence.S");
_Static_assert(OFFSET(space_generation) == FAST_SPACE_GENERATION, "sequence.S");
_Static_assert(OFFSET(state_generation) == FAST_STATE_GENERATION, "sequence.S");
_Static_assert(OFFSET(state_generation_at) == FAST_STATE_GENERATION_AT, "sequence.S");
_Static_assert(OFFSET(enclave_inside) == FAST_ENCLAVE_INSIDE, "sequence.S");
_Static_assert(OFFSET(tcs) == FAST_TCS, "sequence.S");
_Static_assert(OFFSET(processor_count) == FAST_PROCESSOR_COUNT, "sequence.S");
_Static_assert(OFFSET(gpr) == FAST_GPR, "sequence.S");
_Static_assert(OFFSET(cssa) == FAST_CSSA && OFFSET(target) == FAST_TARGET, "sequence.S");
_Static_assert(OFFSET(fs) == FAST_FS && OFFSET(gs) == FAST_GS, "sequence.S");
_Static_assert(OFFSET(running) == FAST_RUNNING && OFFSET(exits) == FAST_EXITS, "sequence.S");
_Static_assert(OFFSET(saved) == FAST_SAVED && OFFSET(aep) == FAST_AEP, "sequence.S");
_Static_assert(OFFSET(owner) == FAST_OWNER, "sequence.S");
_Static_assert(1 << SLOT_SHIFT == SLOT_SIZE, "sequence.S");
_Static_assert(offsetof(struct sgx_tcs, cssa) == TCS_CSSA &&
                       offsetof(struct sgx_tcs, aep) == TCS_AEP &&
                       TCS_HIDDEN_OFFSET + offsetof(struct tcs_hidden, owner) == TCS_OWNER,
               "sequence.S");
_Static_assert(offsetof(struct sgx_gprsgx, ursp) == GPR_URSP &&
                       offsetof(struct sgx_gprsgx, urbp) == GPR_URBP,
               "sequence.S");

static bool is_on, exits_are_fast;
/* The stack pointer above which no handler runs that was started without a slot. */
static __thread uint64_t handler_rsp __attribute__((tls_model("initial-exec")));

void fast_init(void)
{
	const char *wanted = getenv("SWSGX_REWRITE");
	static bool is_done; /* atomic: two threads may open their first node at once */

	if (__atomic_exchange_n(&is_done, true, __ATOMIC_ACQ_REL))
		return;
	if (wanted != NULL && strcmp(wanted, "0") == 0)
		return;
	if (!thread_has_fsgsbase || trace_mode != 0) /* what is traced has to trap */
		return;
	is_on = true;
	if (!segment_find())
		return;
	exits_are_fast = true;
	rewrite_enable(fast_exit);
}

/* Without a segment of its own a thread would be taken for the one that made it. */
void fast_take(unsigned int index)
{
	if (!exits_are_fast || segment_take(index))
		return;
	exits_are_fast = false;
	space_lock_in_handler();
	rewrite_disable();
	space_unlock_in_handler();
}

bool fast_is_on(void)
{
	return is_on;
}

void fast_handler_without_slot(uint64_t rsp)
{
	if (rsp > handler_rsp)
		handler_rsp = rsp;
}

void fast_forget(struct thread *t)
{
	t->fast.space_generation = 0;
}

void fast_look(struct thread *t)
{
	t->fast.state_generation =
		__atomic_load_n(&t->enclave->state->generation, __ATOMIC_ACQUIRE);
}

void fast_stayed(struct thread *t)
{
	if (t->cpu.enclave_mode && ssa_gpr(t->cpu.epc, t->cpu.gpr_index) != t->fast.gpr)
		fast_forget(t);
}

/* Will the signals of this thread come on its slot's stack until it says otherwise? */
static bool keeps_stack(const struct thread *t, uint64_t rsp)
{
	const stack_t *s = &t->program_stack;

	return rsp >= handler_rsp &&
	       ((s->ss_flags & SS_DISABLE) || rsp - (uintptr_t)s->ss_sp >= s->ss_size);
}

void fast_entered(struct thread *t, bool is_eenter, uint64_t aep, uint64_t rsp)
{
	const struct cpu *cpu = &t->cpu;
	struct secs_hidden *hidden = epc_hidden(cpu->epc, cpu->secs_index);
	struct fast *f = &t->fast;

	f->tcs_la = cpu->tcs_la;
	f->state_generation_at = &t->enclave->state->generation;
	f->enclave = t->enclave;
	f->enclave_inside = &t->enclave->inside;
	f->tcs = epc_tcs(cpu->epc, cpu->tcs_index);
	f->processor_count = &hidden->inside[cpu->entry_epoch & 1];
	f->gpr = ssa_gpr(cpu->epc, cpu->gpr_index);
	f->cssa = cpu->regs.rax;
	f->target = cpu->regs.rip;
	f->fs = cpu->regs.fsbase;
	f->gs = cpu->regs.gsbase;
	f->exits = exits_are_fast && !cpu->save_tf;
	f->running = 1;
	if (is_eenter && is_on && aep == (uintptr_t)vdso_enclu && !cpu->save_tf &&
	    keeps_stack(t, rsp))
		f->space_generation = __atomic_load_n(&space_generation, __ATOMIC_ACQUIRE);
	else
		fast_forget(t);
}

void fast_exited(const struct thread *t, uint64_t la)
{
	if (!t->fast.exits)
		return;
	space_lock_in_handler();
	rewrite_found(la);
	space_unlock_in_handler();
}

static bool within(uint64_t rip, const char *start, const char *end)
{
	return rip >= (uintptr_t)start && rip < (uintptr_t)end;
}

static void undo_enter(struct thread *t, ucontext_t *uc)
{
	greg_t *regs = uc->uc_mcontext.gregs;
	const uint64_t rip = context_rip(uc);
	const struct fast *f = &t->fast;
	const bool has_tried = within(rip, fast_enter_tried, fast_enter_claimed);
	const bool is_inside = within(rip, fast_enter_inside, fast_enter_inside_end);
	const bool is_claimed = within(rip, fast_enter_claimed, fast_enter_claimed_end) ||
	                        (has_tried && !(regs[REG_EFL] & CPU_RFLAGS_CF));

	t->inside = 0;
	if (is_claimed) {
		tcs_release(f->tcs);
		regs[REG_RBX] = (greg_t)f->tcs_la;
	}
	if (is_inside)
		__atomic_fetch_sub(f->processor_count, 1, __ATOMIC_SEQ_CST);
	if (rip >= (uintptr_t)fast_enter_counted)
		__atomic_fetch_sub(f->enclave_inside, 1, __ATOMIC_ACQ_REL);
	if (rip >= (uintptr_t)fast_enter_is_eenter)
		regs[REG_RAX] = SGX_EENTER;
	t->fast.running = 0;
	fast_forget(t);
	regs[REG_RIP] = (greg_t)(uintptr_t)vdso_enclu;
	regs[REG_RCX] = (greg_t)(uintptr_t)vdso_enclu;
	regs[REG_EFL] = (regs[REG_EFL] & ~(greg_t)FLAGS_STATUS) | CPU_RFLAGS_ZF | CPU_RFLAGS_PF;
}

/* Status flags from AH, and OF from what SETO made of it. */
static void put_flags(ucontext_t *uc, uint64_t saved)
{
	greg_t *flags = &uc->uc_mcontext.gregs[REG_EFL];

	*flags = (*flags & ~(greg_t)FLAGS_STATUS) | (greg_t)(saved >> 8 & FLAGS_AH) |
	         (saved & 1 ? CPU_RFLAGS_OF : 0);
}

static void finish_exit(struct thread *t, ucontext_t *uc)
{
	greg_t *regs = uc->uc_mcontext.gregs;
	const uint64_t rip = context_rip(uc);
	const struct fast *f = &t->fast;

	if (rip < (uintptr_t)fast_exit_not_inside)
		__atomic_fetch_sub(f->processor_count, 1, __ATOMIC_SEQ_CST);
	if (rip < (uintptr_t)fast_exit_uncounted)
		__atomic_fetch_sub(f->enclave_inside, 1, __ATOMIC_ACQ_REL);
	t->fast.running = 0;
	t->inside = 0;
	put_flags(uc, f->saved);
	regs[REG_RAX] = SGX_EEXIT;
	regs[REG_RCX] = (greg_t)f->aep;
	regs[REG_RIP] = regs[REG_RBX];
}

/* To the ENCLU, with the flags that the enclave had. */
static void undo_exit(const struct thread *t, ucontext_t *uc)
{
	greg_t *regs = uc->uc_mcontext.gregs;
	const uint64_t rip = context_rip(uc), rax = (uint64_t)regs[REG_RAX];
	uint64_t saved = rax;

	if (within(rip, fast_exit_saved, fast_exit_left) ||
	    within(rip, fast_exit_end, fast_exit_traps))
		saved = t->fast.saved;
	if (within(rip, fast_exit_flags_in_rax, fast_exit_left) ||
	    within(rip, fast_exit_end, fast_exit_overflow))
		put_flags(uc, saved);
	if (rip == (uintptr_t)fast_exit_overflow)
		put_flags(uc, (saved & ~UINT64_C(1)) | ((uint64_t)regs[REG_EFL] >> 11 & 1));
	regs[REG_RIP] = (greg_t)(saved >> 16);
	if (rip >= (uintptr_t)fast_exit_overflow)
		regs[REG_RIP] = regs[REG_RCX];
	regs[REG_RAX] = SGX_EEXIT;
}

/* The handler's view of the processor, which the sequences do not keep. */
static void settle_cpu(struct thread *t)
{
	struct cpu *cpu = &t->cpu;
	const bool was_inside = cpu->enclave_mode;

	cpu->enclave_mode = t->inside != 0;
	if (!t->inside) {
		t->enclave = NULL;
		return;
	}
	cpu->save_fsbase = t->host_fs;
	cpu->save_gsbase = t->host_gs;
	if (was_inside)
		return;
	t->enclave = t->fast.enclave;
	cpu->save_tf = false;
	t->hidden_signals = 0;
	t->fault_count = 0;
}

/* In a stub, or where a rewritten MOV has no instruction. */
static bool settle_rewritten(const struct thread *t, int sig, ucontext_t *uc)
{
	const uint64_t rip = context_rip(uc);
	uint64_t enclu;
	bool was_rewritten = false;

	if (!t->inside)
		return false;
	space_lock_in_handler();
	if (rewrite_is_stub(rip, &enclu)) {
		uc->uc_mcontext.gregs[REG_RIP] = (greg_t)enclu;
		uc->uc_mcontext.gregs[REG_RAX] = SGX_EEXIT;
	} else if (sig == SIGILL && context_vector(uc) == TRAP_UD) {
		was_rewritten = rewrite_undo(rip);
	}
	space_unlock_in_handler();
	return was_rewritten;
}

bool fast_settle(struct thread *t, int sig, const siginfo_t *info, ucontext_t *uc)
{
	const uint64_t rip = context_rip(uc);
	bool is_over = false;

	if (within(rip, fast_enter, fast_enter_end)) {
		undo_enter(t, uc);
		is_over = decode_is_exception(sig, info) && sig != SIGTRAP;
	} else if (within(rip, fast_exit_left, fast_exit_end)) {
		finish_exit(t, uc);
	} else if (within(rip, fast_exit, fast_exit_traps_end)) {
		undo_exit(t, uc);
	} else {
		is_over = settle_rewritten(t, sig, uc);
	}
	settle_cpu(t);
	return is_over;
}
