// SPDX-License-Identifier: Apache-2.0
/*
 * A page's 16 EEXTENDs at once.  All that EEXTEND checks of a chunk it checks of the page and its
 * SECS, which stand still meanwhile: the first chunk goes through the leaf, and the others cannot
 * end in another way.
 */
#include "lib/sgx/measure.h"
#include "swsgx/cpu/epc.h"

#define RECORDS (1 + MEASURE_CHUNK / 64)

struct trap cpu_eextend_page(struct cpu *cpu)
{
	struct cpu_regs regs = cpu->regs;
	const struct epcm_entry *e;
	struct secs_hidden *hidden;
	uint32_t page;
	struct trap t;

	if (!la_aligned(regs.rcx, SGX_PAGE_SIZE))
		return GP0;
	cpu->regs.rax = SGX_EEXTEND;
	t = cpu_encls(cpu);
	if (retired(t))
		t = epc_find(cpu, regs.rcx, 0, &page);
	if (!retired(t)) {
		cpu->regs = regs;
		return t;
	}
	e = &cpu->epc->epcm[page];
	hidden = epc_hidden(cpu->epc, e->secs);
	measure_chunks(&hidden->measurement,
	               e->enclaveaddress - epc_secs(cpu->epc, e->secs)->baseaddr + MEASURE_CHUNK,
	               epc_content(cpu->epc, page) + MEASURE_CHUNK, MEASURE_PAGE_CHUNKS - 1);
	hidden->records += RECORDS * (MEASURE_PAGE_CHUNKS - 1);
	return RETIRED;
}
