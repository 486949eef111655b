// SPDX-License-Identifier: Apache-2.0
/*
 * ERESUME: back to where an AEX interrupted the thread, or, when the enclave asked for it, to its
 * entry point first (AEX-Notify).  RBX TCS, RCX AEP.  Checks are in the order of the SDM's
 * pseudocode (vol. 3D, ERESUME), but that the frame's content is read and judged with the TCS
 * already claimed, so that no other processor can have resumed it in between; a refused frame gives
 * the TCS back.
 *
 * Locking as in EENTER.
 */
#include <string.h>

#include "swsgx/cpu/entry.h"
#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/leaf.h"

#define RFLAGS_NT UINT64_C(0x4000)
#define RFLAGS_AC UINT64_C(0x40000)
#define RFLAGS_ID UINT64_C(0x200000)

/* What comes from the SSA; TF, IF, IOPL and the virtual-8086 flags stay as they are. */
#define RFLAGS_RESTORED                                                                  \
	(CPU_RFLAGS_CF | CPU_RFLAGS_PF | CPU_RFLAGS_AF | CPU_RFLAGS_ZF | CPU_RFLAGS_SF | \
	 CPU_RFLAGS_DF | CPU_RFLAGS_OF | CPU_RFLAGS_RF | RFLAGS_NT | RFLAGS_AC | RFLAGS_ID)

_Static_assert(offsetof(struct cpu_regs, rflags) == offsetof(struct sgx_gprsgx, rflags),
               "RAX to R15 have one order");

/* AEX-Notify: like an EENTER with the interrupted frame pending. */
static struct trap resume_notify(struct cpu *cpu, const struct entry *entry)
{
	const struct sgx_tcs *tcs = entry->tcs;
	uint64_t rip, fsbase, gsbase;
	struct sgx_gprsgx *gpr;
	struct ssa_frame frame;
	struct trap t;

	if (entry->cssa >= tcs->nssa)
		return GP0;
	t = ssa_find(cpu, entry->secs_index, tcs, entry->cssa, &frame);
	if (!retired(t))
		return t;
	t = entry_address(entry, tcs->oentry, &rip);
	if (!retired(t))
		return t;
	t = entry_address(entry, tcs->ofsbase, &fsbase);
	if (!retired(t))
		return t;
	t = entry_address(entry, tcs->ogsbase, &gsbase);
	if (!retired(t))
		return t;

	entry_commit(cpu, entry, &frame, fsbase, gsbase);
	gpr = ssa_gpr(cpu->epc, frame.gpr);
	gpr->ursp = cpu->regs.rsp;
	gpr->urbp = cpu->regs.rbp;
	cpu->regs.rax = entry->cssa;
	cpu->regs.rcx = cpu->regs.rip;
	cpu->regs.rip = rip;
	return RETIRED;
}

static struct trap resume(struct cpu *cpu, const struct entry *entry, const struct ssa_frame *frame,
                          const struct sgx_gprsgx *gpr)
{
	uint64_t xfrm = entry->secs->attributes.xfrm;
	struct cpu_regs *r = &cpu->regs;
	struct xstate_head head;
	uint64_t rflags;

	if (!la_canonical(gpr->rip) || !la_canonical(gpr->fsbase) || !la_canonical(gpr->gsbase))
		return GP0;
	if (!xstate_valid(cpu->epc, frame, xfrm, &head))
		return GP0;

	entry_commit(cpu, entry, frame, gpr->fsbase, gpr->gsbase);
	xstate_load(cpu, frame, xfrm, &head);
	rflags = r->rflags;
	memcpy(r, gpr, offsetof(struct sgx_gprsgx, rflags));
	r->rflags = (rflags & ~(uint64_t)RFLAGS_RESTORED) | (gpr->rflags & RFLAGS_RESTORED);
	r->rip = gpr->rip;
	tcs_set_cssa(entry->tcs, entry->cssa - 1);
	return RETIRED;
}

struct trap leaf_eresume(struct cpu *cpu)
{
	struct sgx_gprsgx gpr;
	struct ssa_frame frame;
	struct entry entry;
	struct trap t;
	bool again;

retry:
	t = entry_check(cpu, &entry);
	if (!retired(t))
		return t;
	if (entry.cssa == 0)
		return GP0;
	t = ssa_find(cpu, entry.secs_index, entry.tcs, entry.cssa - 1, &frame);
	if (!retired(t))
		return t;
	if (!entry_claim(&entry, &again)) {
		if (again)
			goto retry;
		return GP0;
	}
	gpr = *ssa_gpr(cpu->epc, frame.gpr);
	if ((entry.tcs->flags & SGX_TCS_AEXNOTIFY) && (gpr.aexnotify & 1))
		t = resume_notify(cpu, &entry);
	else
		t = resume(cpu, &entry, &frame, &gpr);
	if (!retired(t))
		tcs_release(entry.tcs);
	return t;
}
