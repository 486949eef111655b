// SPDX-License-Identifier: Apache-2.0
/*
 * ECREATE: a SECS from its source page.  RBX PAGEINFO, RCX the EPC page.  Checks are in the order
 * of the SDM's pseudocode (vol. 3D, ECREATE); the source is copied once and the copy is checked.
 */
#include <string.h>

#include "lib/sgx/measure.h"
#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/leaf.h"
#include "swsgx/cpu/ssa.h"

static bool reserved_zero(const struct sgx_secs *secs)
{
	return bytes_zero(secs->reserved1, sizeof(secs->reserved1)) &&
	       bytes_zero(secs->reserved2, sizeof(secs->reserved2)) &&
	       bytes_zero(secs->reserved3, sizeof(secs->reserved3)) &&
	       bytes_zero(secs->reserved4, sizeof(secs->reserved4));
}

static bool range_valid(const struct platform *p, const struct sgx_secs *secs)
{
	bool is_64 = (secs->attributes.flags & SGX_ATTR_MODE64BIT) != 0;
	uint32_t max_log2 = is_64 ? p->max_size_log2_64 : p->max_size_log2_32;

	if (is_64 ? !la_canonical(secs->baseaddr) : secs->baseaddr >> 32 != 0)
		return false;
	if (secs->size >= UINT64_C(1) << max_log2) /* the maximum itself is refused */
		return false;
	if (secs->size < 2 * SGX_PAGE_SIZE || (secs->size & (secs->size - 1)) != 0)
		return false;
	return la_aligned(secs->baseaddr, secs->size);
}

static bool secs_valid(const struct platform *p, const struct sgx_secs *secs)
{
	const struct sgx_attributes *a = &secs->attributes;

	if (!ssa_xfrm_legal(p, a->xfrm))
		return false;
	if (secs->cet_attributes != 0 || secs->cet_leg_bitmap_offset != 0) /* no CET here */
		return false;
	if ((secs->miscselect & ~p->miscselect_mask) != 0)
		return false;
	if ((uint64_t)secs->ssaframesize * SGX_PAGE_SIZE < ssa_size(p, a->xfrm, secs->miscselect))
		return false;
	if (!range_valid(p, secs))
		return false;
	if ((a->flags & ~p->attributes_mask) != 0 || !reserved_zero(secs))
		return false;
	return (a->flags & SGX_ATTR_KSS) != 0 ||
	       (secs->configsvn == 0 && bytes_zero(secs->configid, sizeof(secs->configid)));
}

struct trap leaf_ecreate(struct cpu *cpu)
{
	uint64_t rbx = cpu->regs.rbx, rcx = cpu->regs.rcx;
	struct sgx_pageinfo pageinfo;
	struct sgx_secinfo secinfo;
	struct secs_hidden *hidden;
	struct sgx_secs secs;
	uint32_t page;
	struct trap t;

	if (!la_aligned(rbx, sizeof(pageinfo)) || !la_aligned(rcx, SGX_PAGE_SIZE))
		return GP0;
	t = epc_find(cpu, rcx, PF_W, &page);
	if (!retired(t))
		return t;
	t = epc_read(cpu, rbx, &pageinfo, sizeof(pageinfo));
	if (!retired(t))
		return t;
	if (!la_aligned(pageinfo.srcpge, SGX_PAGE_SIZE) ||
	    !la_aligned(pageinfo.secinfo, sizeof(secinfo)))
		return GP0;
	if (pageinfo.linaddr != 0 || pageinfo.secs != 0)
		return GP0;
	t = epc_read(cpu, pageinfo.secinfo, &secinfo, sizeof(secinfo));
	if (!retired(t))
		return t;
	if (!epcm_secinfo_valid(&secinfo) || secinfo_pt(&secinfo) != SGX_PT_SECS)
		return GP0;
	if (cpu->epc->epcm[page].valid)
		return encls_pf(rcx);
	t = epc_read(cpu, pageinfo.srcpge, &secs, sizeof(secs));
	if (!retired(t))
		return t;
	if (!secs_valid(cpu->platform, &secs))
		return GP0;

	memset(secs.mrenclave, 0, sizeof(secs.mrenclave));
	memset(secs.mrsigner, 0, sizeof(secs.mrsigner));
	secs.isvprodid = 0;
	secs.isvsvn = 0;
	memcpy(epc_page(cpu->epc, page), &secs, sizeof(secs));
	hidden = epc_hidden(cpu->epc, page);
	sha256_init(&hidden->measurement);
	measure_ecreate(&hidden->measurement, secs.ssaframesize, secs.size, 0);
	hidden->records = 1;
	/* Processors of several processes share the platform. */
	hidden->eid = __atomic_fetch_add(&cpu->platform->next_eid, 1, __ATOMIC_RELAXED);
	epcm_set(&cpu->epc->epcm[page], SGX_PT_SECS, 0, page, 0);
	return RETIRED;
}
