// SPDX-License-Identifier: Apache-2.0
/*
 * EACCEPT: the enclave agrees to what system software did to a page.  RBX SECINFO, RCX the page;
 * the code is in RAX.  Checks are in the order of the SDM's pseudocode (vol. 3D, EACCEPT).  Runs
 * under the caller's lock: it changes the EPCM.
 */
#include <string.h>

#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/leaf.h"

/* The combinations of type and state that there are to accept. */
static bool acceptable(const struct sgx_secinfo *secinfo)
{
	bool pending = (secinfo->flags & SGX_SECINFO_PENDING) != 0;
	bool modified = (secinfo->flags & SGX_SECINFO_MODIFIED) != 0;
	bool pr = (secinfo->flags & SGX_SECINFO_PR) != 0;

	switch (secinfo_pt(secinfo)) {
	case SGX_PT_REG: return !modified && (pr || pending);
	case SGX_PT_TCS:
	case SGX_PT_TRIM: return modified && !pr && !pending;
	default: return false;
	}
}

static bool page_usable(const struct epcm_entry *e, uint32_t secs)
{
	return e->valid && !e->blocked &&
	       (e->pt == SGX_PT_REG || e->pt == SGX_PT_TCS || e->pt == SGX_PT_TRIM) &&
	       e->secs == secs;
}

static bool matches(const struct epcm_entry *e, const struct sgx_secinfo *secinfo, uint64_t page)
{
	uint64_t flags = (e->r ? SGX_SECINFO_R : 0) | (e->w ? SGX_SECINFO_W : 0) |
	                 (e->x ? SGX_SECINFO_X : 0) | (e->pending ? SGX_SECINFO_PENDING : 0) |
	                 (e->modified ? SGX_SECINFO_MODIFIED : 0) |
	                 (uint64_t)e->pt << SGX_SECINFO_PT_SHIFT;

	return e->enclaveaddress == page && (secinfo->flags & ~SGX_SECINFO_PR) == flags;
}

/*
 * A page that becomes a TCS was written by the enclave itself: what EADD would have cleared counts.
 */
static bool tcs_valid(const struct sgx_tcs *tcs, const struct sgx_secs *secs)
{
	return bytes_zero(tcs->reserved, sizeof(tcs->reserved)) &&
	       !(tcs->flags & SGX_TCS_DBGOPTIN) && tcs->cssa < tcs->nssa && tcs->aep == 0 &&
	       tcs->state == 0 && tcs_limits_valid(tcs, secs);
}

struct trap leaf_eaccept(struct cpu *cpu)
{
	uint64_t rcx = cpu->regs.rcx;
	enum sgx_code code = SGX_SUCCESS;
	struct sgx_secinfo secinfo;
	struct epcm_entry *e;
	void *secinfo_at;
	uint32_t page;
	struct trap t;

	t = epc_operand(cpu, cpu->regs.rbx, sizeof(secinfo), SGX_SECINFO_R, &secinfo_at);
	if (!retired(t))
		return t;
	memcpy(&secinfo, secinfo_at, sizeof(secinfo));
	if (!epcm_secinfo_valid(&secinfo) || !la_aligned(rcx, SGX_PAGE_SIZE) ||
	    !la_inside(rcx, cpu->elrange_base, cpu->elrange_size))
		return GP0;
	t = epc_find_user(cpu, rcx, 0, &page);
	if (!retired(t))
		return t;
	if (!acceptable(&secinfo))
		return GP0;
	e = &cpu->epc->epcm[page];
	if (!page_usable(e, cpu->secs_index))
		return sgx_pf(rcx, 0);
	if (!matches(e, &secinfo, rcx))
		code = SGX_PAGE_ATTRIBUTES_MISMATCH;
	else if (!e->pending && !epcm_tracked(cpu->epc, e)) /* a new page is in no TLB */
		code = SGX_NOT_TRACKED;
	else if (e->pt == SGX_PT_TCS &&
	         !tcs_valid(epc_tcs(cpu->epc, page), epc_secs(cpu->epc, cpu->secs_index)))
		return GP0;

	if (code == SGX_SUCCESS) {
		e->pending = 0;
		e->modified = 0;
		e->pr = 0;
	}
	cpu_set_code(cpu, code);
	return RETIRED;
}
