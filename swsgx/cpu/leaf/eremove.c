// SPDX-License-Identifier: Apache-2.0
/*
 * EREMOVE: take a page out of the EPC.  RCX the page.  Checks are in the order of the SDM's
 * pseudocode (vol. 3D, EREMOVE).  The content stays, which nobody can read before the page is added
 * anew.
 */
#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/leaf.h"

struct trap leaf_eremove(struct cpu *cpu)
{
	uint64_t rcx = cpu->regs.rcx;
	enum sgx_code code = SGX_SUCCESS;
	struct secs_hidden *hidden = NULL;
	struct epcm_entry *e;
	uint32_t page;
	struct trap t;

	if (!la_aligned(rcx, SGX_PAGE_SIZE))
		return GP0;
	t = epc_find(cpu, rcx, PF_W, &page);
	if (!retired(t))
		return t;
	e = &cpu->epc->epcm[page];
	if (e->valid && e->pt == SGX_PT_SECS) {
		if (epc_hidden(cpu->epc, page)->children != 0)
			code = SGX_CHILD_PRESENT;
	} else if (e->valid && e->pt != SGX_PT_VA) {
		hidden = epc_hidden(cpu->epc, e->secs);
		/* A trimmed page that was accepted is nobody's: it goes while threads run. */
		if (!(e->pt == SGX_PT_TRIM && !e->modified) && epc_inside(hidden) != 0)
			code = SGX_ENCLAVE_ACT;
	}

	if (code == SGX_SUCCESS) {
		if (hidden != NULL)
			hidden->children--;
		e->valid = 0;
	}
	cpu_set_code(cpu, code);
	return RETIRED;
}
