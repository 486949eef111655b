// SPDX-License-Identifier: Apache-2.0
/*
 * EDBGWR: a debugger writes 8 bytes of a debug enclave.  RCX where, RBX the value; the code is in
 * RAX.  Checks are in the order of the SDM's pseudocode (vol. 3D, EDBGWR).  Of a TCS only FLAGS can
 * be written: this is how a debugger sets DBGOPTIN.
 */
#include <string.h>

#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/leaf.h"

struct trap leaf_edbgwr(struct cpu *cpu)
{
	uint64_t rcx = cpu->regs.rcx, in_page = rcx & (SGX_PAGE_SIZE - 1), value = cpu->regs.rbx;
	const struct epcm_entry *e;
	uint32_t page;
	struct trap t;

	if (!la_aligned(rcx, sizeof(value)))
		return GP0;
	t = epc_find(cpu, rcx, PF_W, &page);
	if (!retired(t))
		return t;
	e = &cpu->epc->epcm[page];
	if (!e->valid)
		return encls_pf(rcx);
	if (e->pt != SGX_PT_REG && e->pt != SGX_PT_TCS)
		return encls_pf(rcx);
	if (e->pending || e->modified) {
		cpu_set_code(cpu, SGX_PAGE_NOT_DEBUGGABLE);
		return RETIRED;
	}
	if (e->pt == SGX_PT_TCS && in_page != offsetof(struct sgx_tcs, flags))
		return GP0;
	if (!(epc_secs(cpu->epc, e->secs)->attributes.flags & SGX_ATTR_DEBUG))
		return GP0;

	memcpy((uint8_t *)epc_page(cpu->epc, page) + in_page, &value, sizeof(value));
	cpu_set_code(cpu, SGX_SUCCESS);
	return RETIRED;
}
