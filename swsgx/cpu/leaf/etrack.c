// SPDX-License-Identifier: Apache-2.0
/*
 * ETRACK: begin a new tracking cycle.  RCX the SECS; the code is in RAX.  Checks are in the order
 * of the SDM's pseudocode (vol. 3D, ETRACK).  How processors are counted is not published; ours is
 * in swsgx/cpu/epc.h.
 */
#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/leaf.h"

struct trap leaf_etrack(struct cpu *cpu)
{
	uint64_t rcx = cpu->regs.rcx;
	uint32_t page;
	struct trap t;

	if (!la_aligned(rcx, SGX_PAGE_SIZE))
		return GP0;
	t = epc_find(cpu, rcx, PF_W, &page);
	if (!retired(t))
		return t;
	if (!cpu->epc->epcm[page].valid || cpu->epc->epcm[page].pt != SGX_PT_SECS)
		return encls_pf(rcx);

	cpu_set_code(cpu,
	             epc_track(epc_hidden(cpu->epc, page)) ? SGX_SUCCESS : SGX_PREV_TRK_INCMPL);
	return RETIRED;
}
