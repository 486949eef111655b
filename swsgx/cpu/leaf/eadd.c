// SPDX-License-Identifier: Apache-2.0
/*
 * EADD: a page of an enclave that is being built.  RBX PAGEINFO, RCX the EPC page.  Checks are in
 * the order of the SDM's pseudocode (vol. 3D, EADD), but that the page is copied once everything
 * else has passed: only of a TCS does the content matter to the checks.
 */
#include <string.h>

#include "lib/sgx/measure.h"
#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/leaf.h"

/* The operands, found and checked as far as they can be without the page's content. */
struct eadd {
	struct sgx_pageinfo pageinfo;
	struct sgx_secinfo secinfo;
	uint32_t page, secs;
};

static struct trap read_operands(struct cpu *cpu, struct eadd *ret)
{
	uint64_t rbx = cpu->regs.rbx, rcx = cpu->regs.rcx;
	struct trap t;

	if (!la_aligned(rbx, sizeof(ret->pageinfo)) || !la_aligned(rcx, SGX_PAGE_SIZE))
		return GP0;
	t = epc_find(cpu, rcx, PF_W, &ret->page);
	if (!retired(t))
		return t;
	t = epc_read(cpu, rbx, &ret->pageinfo, sizeof(ret->pageinfo));
	if (!retired(t))
		return t;
	if (!la_aligned(ret->pageinfo.srcpge, SGX_PAGE_SIZE) ||
	    !la_aligned(ret->pageinfo.secs, SGX_PAGE_SIZE) ||
	    !la_aligned(ret->pageinfo.secinfo, sizeof(ret->secinfo)) ||
	    !la_aligned(ret->pageinfo.linaddr, SGX_PAGE_SIZE))
		return GP0;
	t = epc_find(cpu, ret->pageinfo.secs, 0, &ret->secs);
	if (!retired(t))
		return t;
	return epc_read(cpu, ret->pageinfo.secinfo, &ret->secinfo, sizeof(ret->secinfo));
}

/*
 * Read the content into the page, which is not valid yet; a TCS is checked and cleaned on its way.
 */
static struct trap fill(struct cpu *cpu, const struct eadd *op, const struct sgx_secs *secs)
{
	bool is_tcs = secinfo_pt(&op->secinfo) == SGX_PT_TCS;
	struct sgx_tcs tcs;
	struct mapping source;
	struct trap t;

	t = epc_walk(cpu, op->pageinfo.srcpge, 0, &source);
	if (!retired(t))
		return t;
	if (is_tcs) {
		epc_copy(&source, &tcs, sizeof(tcs));
		if (!bytes_zero(tcs.reserved, sizeof(tcs.reserved)) ||
		    !tcs_limits_valid(&tcs, secs))
			return GP0;
	} else if ((op->secinfo.flags & SGX_SECINFO_W) && !(op->secinfo.flags & SGX_SECINFO_R)) {
		return GP0;
	}
	if (!la_inside(op->pageinfo.linaddr, secs->baseaddr, secs->size))
		return GP0;
	if (secs->attributes.flags & SGX_ATTR_INIT)
		return GP0;
	if (!is_tcs) {
		if (source.epc_index != EPC_NONE || source.host != epc_content(cpu->epc, op->page))
			epc_copy(&source, epc_page(cpu->epc, op->page), SGX_PAGE_SIZE);
		return RETIRED;
	}
	tcs.flags &= ~SGX_TCS_DBGOPTIN;
	tcs.cssa = 0;
	tcs.aep = 0;
	tcs.state = 0;
	memcpy(epc_page(cpu->epc, op->page), &tcs, sizeof(tcs));
	return RETIRED;
}

struct trap leaf_eadd(struct cpu *cpu)
{
	struct epcm_entry *epcm = cpu->epc->epcm;
	const struct sgx_secs *secs;
	struct secs_hidden *hidden;
	struct eadd op;
	uint64_t perm;
	struct trap t = read_operands(cpu, &op);
	uint8_t pt;

	if (!retired(t))
		return t;
	pt = secinfo_pt(&op.secinfo);
	if (!epcm_secinfo_valid(&op.secinfo) || (pt != SGX_PT_REG && pt != SGX_PT_TCS))
		return GP0;
	if (epcm[op.page].valid)
		return encls_pf(cpu->regs.rcx);
	if (!epcm[op.secs].valid || epcm[op.secs].pt != SGX_PT_SECS)
		return encls_pf(op.pageinfo.secs);
	secs = epc_secs(cpu->epc, op.secs);
	t = fill(cpu, &op, secs);
	if (!retired(t))
		return t;

	perm = pt == SGX_PT_TCS ? 0 : op.secinfo.flags & SGX_SECINFO_RWX;
	hidden = epc_hidden(cpu->epc, op.secs);
	measure_eadd(&hidden->measurement, op.pageinfo.linaddr - secs->baseaddr, op.secinfo.flags);
	hidden->records++;
	hidden->children++;
	epcm_set(&epcm[op.page], pt, perm, op.secs, op.pageinfo.linaddr);
	return RETIRED;
}
