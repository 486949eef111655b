// SPDX-License-Identifier: Apache-2.0
/*
 * Asynchronous enclave exit (SDM vol. 3D, Asynchronous Enclave Exit): the state of the enclave goes
 * to the SSA frame whose pages were resolved at entry, and a synthetic state takes its place.
 * Cannot fault, and needs no lock: everything it writes is this thread's own.
 */
#include <string.h>

#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/ssa.h"

#define RAX_ERESUME 3

_Static_assert(offsetof(struct cpu_regs, rip) == offsetof(struct sgx_gprsgx, rip),
               "RAX to RIP have one order");

/* What an ordinary delivery would have pushed: 1 for faults, else as it is. */
static bool sets_rf(uint8_t vector)
{
	return vector != TRAP_INTERRUPT && vector != TRAP_DB;
}

static bool exinfo_selected(const struct sgx_secs *secs)
{
	return (secs->miscselect & SGX_MISC_EXINFO) != 0;
}

static uint32_t exitinfo(const struct sgx_secs *secs, uint8_t vector)
{
	switch (vector) {
	case TRAP_DE:
	case TRAP_DB:
	case TRAP_BR:
	case TRAP_UD:
	case TRAP_MF:
	case TRAP_AC:
	case TRAP_XM: return SGX_EXITINFO_VALID | SGX_EXITINFO_HARDWARE | vector;
	case TRAP_BP: return SGX_EXITINFO_VALID | SGX_EXITINFO_SOFTWARE | vector;
	case TRAP_GP:
	case TRAP_PF:
		if (exinfo_selected(secs))
			return SGX_EXITINFO_VALID | SGX_EXITINFO_HARDWARE | vector;
		return 0;
	default: return 0;
	}
}

static void save(struct cpu *cpu, const struct sgx_secs *secs, struct trap event)
{
	struct sgx_gprsgx *gpr = ssa_gpr(cpu->epc, cpu->gpr_index);

	/* URSP, URBP and AEXNOTIFY of the frame are left alone. */
	memcpy(gpr, &cpu->regs, offsetof(struct sgx_gprsgx, ursp));
	gpr->rflags &= ~(uint64_t)CPU_RFLAGS_TF;
	if (sets_rf(event.vector))
		gpr->rflags |= CPU_RFLAGS_RF;
	gpr->fsbase = cpu->regs.fsbase;
	gpr->gsbase = cpu->regs.gsbase;
	xstate_save(cpu, secs->attributes.xfrm);
	gpr->exitinfo = exitinfo(secs, event.vector);
	if (exinfo_selected(secs) && (event.vector == TRAP_PF || event.vector == TRAP_GP)) {
		struct sgx_exinfo *exinfo = (void *)((uint8_t *)gpr - sizeof(*exinfo));

		exinfo->maddr = event.vector == TRAP_PF ? event.addr : 0;
		exinfo->errcd = event.errcd;
		exinfo->reserved = 0;
	}
}

static void synthetic_state(struct cpu *cpu, const struct sgx_tcs *tcs,
                            const struct sgx_gprsgx *gpr)
{
	const uint64_t cleared = CPU_RFLAGS_CF | CPU_RFLAGS_PF | CPU_RFLAGS_AF | CPU_RFLAGS_ZF |
	                         CPU_RFLAGS_SF | CPU_RFLAGS_OF | CPU_RFLAGS_RF;
	uint64_t rflags = cpu->regs.rflags & ~cleared; /* DF too stays the enclave's */

	if (!cpu->dbgoptin) {
		rflags &= ~(uint64_t)CPU_RFLAGS_TF;
		rflags |= cpu->save_tf ? CPU_RFLAGS_TF : 0;
	}
	cpu->regs = (struct cpu_regs){
		.rax = RAX_ERESUME,
		.rbx = cpu->tcs_la,
		.rcx = tcs->aep,
		.rsp = gpr->ursp,
		.rbp = gpr->urbp,
		.rip = tcs->aep,
		.rflags = rflags,
		.fsbase = cpu->save_fsbase,
		.gsbase = cpu->save_gsbase,
	};
}

void cpu_aex(struct cpu *cpu, struct trap event)
{
	const struct sgx_secs *secs = epc_secs(cpu->epc, cpu->secs_index);
	struct sgx_tcs *tcs = epc_tcs(cpu->epc, cpu->tcs_index);

	save(cpu, secs, event);
	xstate_init(cpu, secs->attributes.xfrm, event.vector);
	synthetic_state(cpu, tcs, ssa_gpr(cpu->epc, cpu->gpr_index));
	tcs_set_cssa(tcs, tcs_cssa(tcs) + 1);
	cpu->enclave_mode = false;
	/* In this order: once nobody is counted inside, the TCS's page may go. */
	tcs_release(tcs);
	epc_leave(cpu);
}
