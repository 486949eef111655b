// SPDX-License-Identifier: Apache-2.0
/*
 * EACCEPTCOPY: the enclave accepts a new page with the content of another.  RBX SECINFO, RCX the
 * new page, RDX the source; the code is in RAX.  Checks are in the order of the SDM's pseudocode
 * (vol. 3D, EACCEPTCOPY).  Runs under the caller's lock: it changes the EPCM.
 */
#include <string.h>

#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/leaf.h"

struct eacceptcopy {
	uint32_t secinfo, page, source;
};

static struct trap find_operands(struct cpu *cpu, struct eacceptcopy *ret)
{
	uint64_t rbx = cpu->regs.rbx, rcx = cpu->regs.rcx, rdx = cpu->regs.rdx;
	struct trap t;

	if (!la_aligned(rbx, sizeof(struct sgx_secinfo)) || !la_aligned(rcx, SGX_PAGE_SIZE) ||
	    !la_aligned(rdx, SGX_PAGE_SIZE) ||
	    !la_inside(rbx, cpu->elrange_base, cpu->elrange_size) ||
	    !la_inside(rcx, cpu->elrange_base, cpu->elrange_size) ||
	    !la_inside(rdx, cpu->elrange_base, cpu->elrange_size))
		return GP0;
	t = epc_find_user(cpu, rbx, 0, &ret->secinfo);
	if (!retired(t))
		return t;
	t = epc_find_user(cpu, rcx, PF_W, &ret->page);
	if (!retired(t))
		return t;
	t = epc_find_user(cpu, rdx, 0, &ret->source);
	if (!retired(t))
		return t;
	if (!epcm_permits_secinfo(cpu, ret->secinfo, rbx))
		return sgx_pf(rbx, 0);
	return RETIRED;
}

/* A page as EAUG left it. */
static bool is_new(const struct epcm_entry *e, uint32_t secs, uint64_t page)
{
	return e->valid && e->pending && !e->modified && !e->blocked && e->pt == SGX_PT_REG &&
	       e->secs == secs && e->enclaveaddress == page && e->r && e->w && !e->x;
}

struct trap leaf_eacceptcopy(struct cpu *cpu)
{
	uint64_t rbx = cpu->regs.rbx, rdx = cpu->regs.rdx;
	struct sgx_secinfo secinfo;
	struct eacceptcopy op;
	struct epcm_entry *e;
	struct trap t = find_operands(cpu, &op);

	if (!retired(t))
		return t;
	memcpy(&secinfo, (uint8_t *)epc_page(cpu->epc, op.secinfo) + (rbx & (SGX_PAGE_SIZE - 1)),
	       sizeof(secinfo));
	if (!epcm_secinfo_valid(&secinfo) || secinfo_pt(&secinfo) != SGX_PT_REG ||
	    (secinfo.flags & (SGX_SECINFO_R | SGX_SECINFO_W)) == SGX_SECINFO_W)
		return GP0;
	if (!epcm_permits(&cpu->epc->epcm[op.source], cpu->secs_index, rdx, SGX_SECINFO_R))
		return sgx_pf(rdx, 0);
	e = &cpu->epc->epcm[op.page];
	if (!is_new(e, cpu->secs_index, cpu->regs.rcx)) {
		cpu_set_code(cpu, SGX_PAGE_ATTRIBUTES_MISMATCH);
		return RETIRED;
	}

	memcpy(epc_page(cpu->epc, op.page), epc_page(cpu->epc, op.source), SGX_PAGE_SIZE);
	e->r = (secinfo.flags & SGX_SECINFO_R) != 0;
	e->w = (secinfo.flags & SGX_SECINFO_W) != 0;
	e->x = (secinfo.flags & SGX_SECINFO_X) != 0;
	e->pending = 0;
	cpu_set_code(cpu, SGX_SUCCESS);
	return RETIRED;
}
