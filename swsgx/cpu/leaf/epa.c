// SPDX-License-Identifier: Apache-2.0
/*
 * EPA: an empty version array.  RBX PT_VA, RCX the EPC page.  Checks are in the order of the SDM's
 * pseudocode (vol. 3D, EPA).
 */
#include <string.h>

#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/leaf.h"

struct trap leaf_epa(struct cpu *cpu)
{
	uint64_t rcx = cpu->regs.rcx;
	uint32_t page;
	struct trap t;

	if (cpu->regs.rbx != SGX_PT_VA || !la_aligned(rcx, SGX_PAGE_SIZE))
		return GP0;
	t = epc_find(cpu, rcx, PF_W, &page);
	if (!retired(t))
		return t;
	if (cpu->epc->epcm[page].valid)
		return encls_pf(rcx);

	memset(epc_page(cpu->epc, page), 0, SGX_PAGE_SIZE);
	epcm_set(&cpu->epc->epcm[page], SGX_PT_VA, 0, 0, 0);
	return RETIRED;
}
