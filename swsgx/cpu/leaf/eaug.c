// SPDX-License-Identifier: Apache-2.0
/*
 * EAUG: offer a page of zeros to a running enclave, which has to accept it.  RBX PAGEINFO, RCX the
 * EPC page.  Checks are in the order of the SDM's pseudocode (vol. 3D, EAUG).  A SECINFO is for
 * shadow stacks only, which need CET.
 */
#include <string.h>

#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/leaf.h"

/* PAGEINFO and what it names, in order up to the validity of RCX. */
static struct trap read_operands(struct cpu *cpu, struct sgx_pageinfo *ret, uint32_t *ret_page,
                                 uint32_t *ret_secs)
{
	uint64_t rbx = cpu->regs.rbx, rcx = cpu->regs.rcx;
	struct trap t;

	if (!la_aligned(rbx, sizeof(*ret)) || !la_aligned(rcx, SGX_PAGE_SIZE))
		return GP0;
	t = epc_find(cpu, rcx, PF_W, ret_page);
	if (!retired(t))
		return t;
	t = epc_read(cpu, rbx, ret, sizeof(*ret));
	if (!retired(t))
		return t;
	if (!la_aligned(ret->secinfo, sizeof(struct sgx_secinfo)) ||
	    !la_aligned(ret->secs, SGX_PAGE_SIZE) || !la_aligned(ret->linaddr, SGX_PAGE_SIZE) ||
	    ret->srcpge != 0)
		return GP0;
	t = epc_find(cpu, ret->secs, 0, ret_secs);
	if (!retired(t))
		return t;
	if (cpu->epc->epcm[*ret_page].valid)
		return encls_pf(rcx);
	return RETIRED;
}

struct trap leaf_eaug(struct cpu *cpu)
{
	struct epcm_entry *epcm = cpu->epc->epcm;
	const struct sgx_secs *secs;
	struct sgx_pageinfo pageinfo;
	uint32_t page, secs_index;
	struct trap t = read_operands(cpu, &pageinfo, &page, &secs_index);

	if (!retired(t))
		return t;
	if (pageinfo.secinfo != 0)
		return GP0;
	if (!epcm[secs_index].valid || epcm[secs_index].pt != SGX_PT_SECS)
		return encls_pf(pageinfo.secs);
	secs = epc_secs(cpu->epc, secs_index);
	if (!(secs->attributes.flags & SGX_ATTR_INIT) ||
	    !la_inside(pageinfo.linaddr, secs->baseaddr, secs->size))
		return GP0;

	memset(epc_page(cpu->epc, page), 0, SGX_PAGE_SIZE);
	epc_hidden(cpu->epc, secs_index)->children++;
	epcm_set(&epcm[page], SGX_PT_REG, SGX_SECINFO_R | SGX_SECINFO_W, secs_index,
	         pageinfo.linaddr);
	epcm[page].pending = 1;
	return RETIRED;
}
