// SPDX-License-Identifier: Apache-2.0
/*
 * EMODPE: the enclave extends a page's permissions, at once.  RBX SECINFO, RCX the page.  Checks
 * are in the order of the SDM's pseudocode (vol. 3D, EMODPE).  Runs under the caller's lock: it
 * changes the EPCM.
 */
#include <string.h>

#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/leaf.h"

static bool page_usable(const struct epcm_entry *e, uint32_t secs, uint64_t page)
{
	return e->valid && !e->pending && !e->modified && !e->blocked && e->pt == SGX_PT_REG &&
	       e->secs == secs && e->enclaveaddress == page;
}

struct trap leaf_emodpe(struct cpu *cpu)
{
	uint64_t rbx = cpu->regs.rbx, rcx = cpu->regs.rcx;
	struct sgx_secinfo secinfo;
	uint32_t page, secinfo_page;
	struct epcm_entry *e;
	struct trap t;

	if (!la_aligned(rbx, sizeof(secinfo)) || !la_aligned(rcx, SGX_PAGE_SIZE) ||
	    !la_inside(rbx, cpu->elrange_base, cpu->elrange_size) ||
	    !la_inside(rcx, cpu->elrange_base, cpu->elrange_size))
		return GP0;
	t = epc_find_user(cpu, rbx, 0, &secinfo_page);
	if (!retired(t))
		return t;
	t = epc_find_user(cpu, rcx, 0, &page);
	if (!retired(t))
		return t;
	if (!epcm_permits_secinfo(cpu, secinfo_page, rbx))
		return sgx_pf(rbx, 0);
	memcpy(&secinfo, (uint8_t *)epc_page(cpu->epc, secinfo_page) + (rbx & (SGX_PAGE_SIZE - 1)),
	       sizeof(secinfo));
	if (!epcm_secinfo_valid(&secinfo))
		return GP0;
	e = &cpu->epc->epcm[page];
	if (!page_usable(e, cpu->secs_index, rcx))
		return sgx_pf(rcx, 0);
	if (!e->r && (secinfo.flags & (SGX_SECINFO_R | SGX_SECINFO_W)) == SGX_SECINFO_W)
		return GP0;

	e->r |= (secinfo.flags & SGX_SECINFO_R) != 0;
	e->w |= (secinfo.flags & SGX_SECINFO_W) != 0;
	e->x |= (secinfo.flags & SGX_SECINFO_X) != 0;
	return RETIRED;
}
