// SPDX-License-Identifier: Apache-2.0
/*
 * EEXTEND: measure 256 bytes of a page.  RBX the SECS, RCX the chunk, both in the EPC.  Checks are
 * in the order of the SDM's pseudocode (vol. 3D, EEXTEND).
 */
#include "lib/sgx/measure.h"
#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/leaf.h"

#define RECORDS (1 + MEASURE_CHUNK / 64)

struct trap leaf_eextend(struct cpu *cpu)
{
	uint64_t rbx = cpu->regs.rbx, rcx = cpu->regs.rcx;
	uint64_t in_page = rcx & (SGX_PAGE_SIZE - 1);
	const struct epcm_entry *e;
	const struct sgx_secs *secs;
	struct secs_hidden *hidden;
	uint32_t secs_index, page;
	struct trap t;

	if (!la_aligned(rbx, SGX_PAGE_SIZE))
		return GP0;
	t = epc_find(cpu, rbx, 0, &secs_index);
	if (!retired(t))
		return t;
	if (!la_aligned(rcx, MEASURE_CHUNK))
		return GP0;
	t = epc_find(cpu, rcx, 0, &page);
	if (!retired(t))
		return t;
	e = &cpu->epc->epcm[page];
	if (!e->valid)
		return encls_pf(rcx);
	if (e->pt != SGX_PT_REG && e->pt != SGX_PT_TCS)
		return encls_pf(rcx);
	if (e->secs != secs_index)
		return GP0;
	secs = epc_secs(cpu->epc, secs_index);
	if (secs->attributes.flags & SGX_ATTR_INIT)
		return GP0;

	hidden = epc_hidden(cpu->epc, secs_index);
	measure_eextend(&hidden->measurement, e->enclaveaddress - secs->baseaddr + in_page,
	                epc_content(cpu->epc, page) + in_page);
	hidden->records += RECORDS;
	return RETIRED;
}
