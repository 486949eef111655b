// SPDX-License-Identifier: Apache-2.0
/*
 * EMODPR: restrict a page's permissions, which the enclave then accepts.  RBX SECINFO, RCX the
 * page; the code is in RAX.  Checks are in the order of the SDM's pseudocode (vol. 3D, EMODPR).
 */
#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/leaf.h"

static void restrict_to(struct epcm_entry *e, uint64_t perm)
{
	e->pr = 1;
	e->r = e->r && (perm & SGX_SECINFO_R);
	e->w = e->w && (perm & SGX_SECINFO_W);
	e->x = e->x && (perm & SGX_SECINFO_X);
}

struct trap leaf_emodpr(struct cpu *cpu)
{
	uint64_t rbx = cpu->regs.rbx, rcx = cpu->regs.rcx;
	struct sgx_secinfo secinfo;
	struct epcm_entry *e;
	uint32_t page;
	struct trap t;

	if (!la_aligned(rbx, sizeof(secinfo)) || !la_aligned(rcx, SGX_PAGE_SIZE))
		return GP0;
	t = epc_find(cpu, rcx, PF_W, &page);
	if (!retired(t))
		return t;
	t = epc_read(cpu, rbx, &secinfo, sizeof(secinfo));
	if (!retired(t))
		return t;
	if (!epcm_secinfo_valid(&secinfo) ||
	    (secinfo.flags & (SGX_SECINFO_R | SGX_SECINFO_W)) == SGX_SECINFO_W)
		return GP0;
	e = &cpu->epc->epcm[page];
	if (!e->valid)
		return encls_pf(rcx);
	if (e->pending || e->modified) {
		cpu_set_code(cpu, SGX_PAGE_NOT_MODIFIABLE);
		return RETIRED;
	}
	if (e->pt != SGX_PT_REG)
		return encls_pf(rcx);
	if (!(epc_secs(cpu->epc, e->secs)->attributes.flags & SGX_ATTR_INIT))
		return GP0;

	restrict_to(e, secinfo.flags);
	epcm_start_tracking(cpu->epc, e);
	cpu_set_code(cpu, SGX_SUCCESS);
	return RETIRED;
}
