// SPDX-License-Identifier: Apache-2.0
/*
 * EMODT: change a page's type to TCS or TRIM, which the enclave then accepts.  RBX SECINFO, RCX the
 * page; the code is in RAX.  Checks are in the order of the SDM's pseudocode (vol. 3D, EMODT).
 */
#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/leaf.h"

static bool may_become(uint8_t from, uint8_t to)
{
	if (from == SGX_PT_REG)
		return to == SGX_PT_TCS || to == SGX_PT_TRIM;
	return from == SGX_PT_TCS && to == SGX_PT_TRIM;
}

struct trap leaf_emodt(struct cpu *cpu)
{
	uint64_t rbx = cpu->regs.rbx, rcx = cpu->regs.rcx;
	struct sgx_secinfo secinfo;
	struct epcm_entry *e;
	uint32_t page;
	struct trap t;
	uint8_t pt;

	if (!la_aligned(rbx, sizeof(secinfo)) || !la_aligned(rcx, SGX_PAGE_SIZE))
		return GP0;
	t = epc_find(cpu, rcx, PF_W, &page);
	if (!retired(t))
		return t;
	t = epc_read(cpu, rbx, &secinfo, sizeof(secinfo));
	if (!retired(t))
		return t;
	pt = secinfo_pt(&secinfo);
	if (!epcm_secinfo_valid(&secinfo) || (pt != SGX_PT_TCS && pt != SGX_PT_TRIM))
		return GP0;
	e = &cpu->epc->epcm[page];
	if (!e->valid || !may_become(e->pt, pt))
		return encls_pf(rcx);
	if (e->pending || e->modified) {
		cpu_set_code(cpu, SGX_PAGE_NOT_MODIFIABLE);
		return RETIRED;
	}
	if (!(epc_secs(cpu->epc, e->secs)->attributes.flags & SGX_ATTR_INIT))
		return GP0;

	e->pr = 0;
	e->modified = 1;
	e->r = 0;
	e->w = 0;
	e->x = 0;
	e->pt = pt;
	epcm_start_tracking(cpu->epc, e);
	cpu_set_code(cpu, SGX_SUCCESS);
	return RETIRED;
}
