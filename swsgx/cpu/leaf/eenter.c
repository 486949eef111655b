// SPDX-License-Identifier: Apache-2.0
/*
 * EENTER: into an enclave at its entry point.  RBX TCS, RCX AEP; then RAX is CSSA and RCX the
 * address behind the instruction.  Checks are in the order of the SDM's pseudocode (vol. 3D,
 * EENTER).
 *
 * Needs no lock against other entries and exits, of this process or another: of two processors that
 * enter one TCS one wins and the other faults.  The caller's lock is needed against the leaves that
 * change the EPCM.  A single step that is pending behind the instruction (TF with DBGOPTIN) is left
 * in RFLAGS for who runs the enclave.
 */
#include "swsgx/cpu/entry.h"
#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/leaf.h"

/* Where the entry leads. */
struct target {
	struct ssa_frame frame;
	uint64_t rip, fsbase, gsbase;
};

static struct trap find_target(struct cpu *cpu, const struct entry *entry, struct target *ret)
{
	const struct sgx_tcs *tcs = entry->tcs;
	struct trap t;

	if (entry->cssa >= tcs->nssa)
		return GP0;
	t = ssa_find(cpu, entry->secs_index, tcs, entry->cssa, &ret->frame);
	if (!retired(t))
		return t;
	t = entry_address(entry, tcs->oentry, &ret->rip);
	if (!retired(t))
		return t;
	t = entry_address(entry, tcs->ofsbase, &ret->fsbase);
	if (!retired(t))
		return t;
	return entry_address(entry, tcs->ogsbase, &ret->gsbase);
}

struct trap leaf_eenter(struct cpu *cpu)
{
	struct target target;
	struct sgx_gprsgx *gpr;
	struct entry entry;
	struct trap t;
	bool again;

retry:
	t = entry_check(cpu, &entry);
	if (!retired(t))
		return t;
	t = find_target(cpu, &entry, &target);
	if (!retired(t))
		return t;
	if (!entry_claim(&entry, &again)) {
		if (again)
			goto retry;
		return GP0;
	}

	entry_commit(cpu, &entry, &target.frame, target.fsbase, target.gsbase);
	gpr = ssa_gpr(cpu->epc, target.frame.gpr);
	gpr->ursp = cpu->regs.rsp;
	gpr->urbp = cpu->regs.rbp;
	cpu->regs.rax = entry.cssa;
	cpu->regs.rcx = cpu->regs.rip;
	cpu->regs.rip = target.rip;
	return RETIRED;
}
