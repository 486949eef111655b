// SPDX-License-Identifier: Apache-2.0
/*
 * EBLOCK: no new use of a page that is to be evicted.  RCX the page; RAX has an error (ZF) or an
 * information (CF).  Checks are in the order of the SDM's pseudocode (vol. 3D, EBLOCK).
 */
#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/leaf.h"

struct trap leaf_eblock(struct cpu *cpu)
{
	uint64_t rcx = cpu->regs.rcx;
	struct epcm_entry *e;
	uint32_t page;
	struct trap t;

	if (!la_aligned(rcx, SGX_PAGE_SIZE))
		return GP0;
	t = epc_find(cpu, rcx, PF_W, &page);
	if (!retired(t))
		return t;
	e = &cpu->epc->epcm[page];
	if (!e->valid) {
		cpu_set_code(cpu, SGX_PG_INVLD);
		return RETIRED;
	}
	if (e->pt != SGX_PT_REG && e->pt != SGX_PT_TCS && e->pt != SGX_PT_TRIM) {
		cpu_set_info(cpu, e->pt == SGX_PT_SECS ? SGX_PG_IS_SECS : SGX_NOTBLOCKABLE);
		return RETIRED;
	}
	if (e->blocked) {
		cpu_set_info(cpu, SGX_BLKSTATE);
		return RETIRED;
	}

	e->blocked = 1;
	epcm_start_tracking(cpu->epc, e);
	cpu_set_code(cpu, SGX_SUCCESS);
	return RETIRED;
}
