// SPDX-License-Identifier: Apache-2.0
/*
 * EDBGRD: a debugger reads 8 bytes of a debug enclave.  RCX where, RBX the result; the code is in
 * RAX.  Checks are in the order of the SDM's pseudocode (vol. 3D, EDBGRD).  Permissions, BLOCKED
 * and INIT do not matter to a debugger.
 */
#include <string.h>

#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/leaf.h"

/* Where the part of a TCS ends that a debugger may read: its architectural fields. */
#define TCS_LIMIT offsetof(struct sgx_tcs, reserved)

struct trap leaf_edbgrd(struct cpu *cpu)
{
	uint64_t rcx = cpu->regs.rcx, in_page = rcx & (SGX_PAGE_SIZE - 1), value;
	const struct epcm_entry *e;
	uint32_t page;
	struct trap t;

	if (!la_aligned(rcx, sizeof(value)))
		return GP0;
	t = epc_find(cpu, rcx, 0, &page);
	if (!retired(t))
		return t;
	e = &cpu->epc->epcm[page];
	if (!e->valid)
		return encls_pf(rcx);
	if (e->pt != SGX_PT_REG && e->pt != SGX_PT_TCS && e->pt != SGX_PT_VA)
		return encls_pf(rcx);
	if (e->pending || e->modified) {
		cpu_set_code(cpu, SGX_PAGE_NOT_DEBUGGABLE);
		return RETIRED;
	}
	if (e->pt == SGX_PT_TCS && in_page >= TCS_LIMIT)
		return GP0;
	if (e->pt != SGX_PT_VA && !(epc_secs(cpu->epc, e->secs)->attributes.flags & SGX_ATTR_DEBUG))
		return GP0;

	memcpy(&value, (uint8_t *)epc_page(cpu->epc, page) + in_page, sizeof(value));
	if (e->pt == SGX_PT_VA) /* whether the slot is used, not the version in it */
		value = value & ~UINT64_C(7) ? ~UINT64_C(0) : 0;
	cpu->regs.rbx = value;
	cpu_set_code(cpu, SGX_SUCCESS);
	return RETIRED;
}
