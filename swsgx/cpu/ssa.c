// SPDX-License-Identifier: Apache-2.0
/*
 * The geometry of SSA frames.  An entry resolves the pages of its frame once; the AEX that ends it
 * goes to those pages, whatever has become of the page tables and the EPCM since.
 */
#include "swsgx/cpu/ssa.h"

#include <string.h>

#include "swsgx/cpu/epc.h"

#define XFRM_MPX    UINT64_C(0x18)
#define XFRM_AVX512 UINT64_C(0xe0)
#define XFRM_AMX    UINT64_C(0x60000)

/* All of these bits or none. */
static bool together(uint64_t xfrm, uint64_t bits)
{
	return (xfrm & bits) == 0 || (xfrm & bits) == bits;
}

bool ssa_xfrm_legal(const struct platform *p, uint64_t xfrm)
{
	if ((xfrm & SGX_XFRM_LEGACY) != SGX_XFRM_LEGACY || (xfrm & ~p->xfrm_mask) != 0)
		return false;
	if (!together(xfrm, XFRM_MPX) || !together(xfrm, XFRM_AVX512) || !together(xfrm, XFRM_AMX))
		return false;
	if ((xfrm & XFRM_AVX512) && !(xfrm & SGX_XFRM_AVX))
		return false;
	for (unsigned int i = 2; i < 64; i++)
		if ((xfrm >> i & 1) && p->xstate_size[i] == 0)
			return false;
	return ssa_xsave_size(p, xfrm) <= SSA_XSAVE_PAGES * SGX_PAGE_SIZE;
}

uint64_t ssa_xsave_size(const struct platform *p, uint64_t xfrm)
{
	uint64_t end = 576; /* legacy region and header */

	for (unsigned int i = 2; i < 64; i++) {
		uint64_t component_end = (uint64_t)p->xstate_offset[i] + p->xstate_size[i];

		if ((xfrm >> i & 1) && component_end > end)
			end = component_end;
	}
	return end;
}

uint64_t ssa_size(const struct platform *p, uint64_t xfrm, uint32_t miscselect)
{
	uint64_t misc = miscselect & SGX_MISC_EXINFO ? sizeof(struct sgx_exinfo) : 0;

	return ssa_xsave_size(p, xfrm) + misc + sizeof(struct sgx_gprsgx);
}

/* The EPC page at la, which the enclave must be able to read and write. */
static struct trap find_page(struct cpu *cpu, uint32_t secs, uint64_t la, uint32_t *ret_index)
{
	struct mapping m;
	struct trap t = epc_walk(cpu, la, PF_W | PF_U, &m);

	if (!retired(t))
		return t;
	if (m.epc_index == EPC_NONE ||
	    !epcm_permits(&cpu->epc->epcm[m.epc_index], secs, la, SGX_SECINFO_R | SGX_SECINFO_W))
		return sgx_pf(la, PF_W);
	*ret_index = m.epc_index;
	return RETIRED;
}

struct trap ssa_find(struct cpu *cpu, uint32_t secs_index, const struct sgx_tcs *tcs,
                     uint32_t number, struct ssa_frame *ret)
{
	const struct sgx_secs *secs = epc_secs(cpu->epc, secs_index);
	uint64_t frame_size = (uint64_t)secs->ssaframesize * SGX_PAGE_SIZE;
	uint64_t la = secs->baseaddr + tcs->ossa + frame_size * number;
	uint64_t xsave_size = ssa_xsave_size(cpu->platform, secs->attributes.xfrm);
	struct ssa_frame frame = { .gpr = EPC_NONE };
	struct trap t;

	if (xsave_size > SSA_XSAVE_PAGES * SGX_PAGE_SIZE) /* another platform's enclave */
		return GP0;
	for (uint32_t i = 0; (uint64_t)i * SGX_PAGE_SIZE < xsave_size; i++) {
		t = find_page(cpu, secs_index, la + (uint64_t)i * SGX_PAGE_SIZE, &frame.xsave[i]);
		if (!retired(t))
			return t;
	}
	/* Pages between the two are the enclave's own affair. */
	t = find_page(cpu, secs_index, la + frame_size - SGX_PAGE_SIZE, &frame.gpr);
	if (!retired(t))
		return t;
	*ret = frame;
	return RETIRED;
}

struct sgx_gprsgx *ssa_gpr(const struct epc *epc, uint32_t gpr_index)
{
	return (void *)(epc->page + (size_t)gpr_index * SGX_PAGE_SIZE + SGX_PAGE_SIZE -
	                sizeof(struct sgx_gprsgx));
}

void ssa_use(struct cpu *cpu, const struct ssa_frame *frame)
{
	_Static_assert(sizeof(cpu->frame_index) == sizeof(frame->xsave), "one list of pages");
	memcpy(cpu->frame_index, frame->xsave, sizeof(cpu->frame_index));
	cpu->gpr_index = frame->gpr;
}
