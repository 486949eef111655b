// SPDX-License-Identifier: Apache-2.0
/*
 * EEXIT: out of the enclave to RBX; RCX becomes the AEP (SDM vol. 3D, EEXIT).  Nothing else
 * changes: every other register holds what the enclave left there.  Needs no lock.
 */
#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/leaf.h"

struct trap leaf_eexit(struct cpu *cpu)
{
	struct cpu_regs *r = &cpu->regs;
	struct sgx_tcs *tcs = epc_tcs(cpu->epc, cpu->tcs_index);

	if (!la_canonical(r->rbx))
		return GP0;

	r->rip = r->rbx;
	r->rcx = tcs->aep;
	r->fsbase = cpu->save_fsbase;
	r->gsbase = cpu->save_gsbase;
	if (!cpu->dbgoptin && cpu->save_tf)
		r->rflags |= CPU_RFLAGS_TF;
	else if (!cpu->dbgoptin)
		r->rflags &= ~(uint64_t)CPU_RFLAGS_TF;
	cpu->enclave_mode = false;
	/* In this order: once nobody is counted inside, the TCS's page may go. */
	tcs_release(tcs);
	epc_leave(cpu);
	return RETIRED;
}
