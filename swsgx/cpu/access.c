// SPDX-License-Identifier: Apache-2.0
/*
 * Memory accesses of enclave code: paging first, then the EPCM (SDM vol. 3D, Access-control
 * requirements).  Neither grants what the other refuses.
 */
#include "swsgx/cpu/epc.h"

struct trap cpu_access(struct cpu *cpu, uint64_t la, uint32_t access)
{
	uint64_t perm = access & PF_I   ? SGX_SECINFO_X
	                : access & PF_W ? SGX_SECINFO_W
	                                : SGX_SECINFO_R;
	struct mapping m;
	struct trap t = epc_walk(cpu, la, access | PF_U, &m);

	if (!retired(t))
		return t;
	if (!cpu->enclave_mode) /* in the EPC: the abort page, which does not fault */
		return RETIRED;
	if (!la_inside(la, cpu->elrange_base, cpu->elrange_size))
		return access & PF_I ? GP0 : RETIRED;
	if (m.epc_index == EPC_NONE ||
	    !epcm_permits(&cpu->epc->epcm[m.epc_index], cpu->secs_index, la_page(la), perm))
		return sgx_pf(la, access);
	return RETIRED;
}
