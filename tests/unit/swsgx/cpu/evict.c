// SPDX-License-Identifier: Apache-2.0
/* EPC paging for the tests; see evict.h. */
#include "tests/unit/swsgx/cpu/evict.h"

void evict_epa(struct fixture *f)
{
	assert_true(retired(fix_encls(f, SGX_EPA, SGX_PT_VA, fix_epc_la(EVICT_VA), 0)));
}

void evict_block(struct fixture *f, uint32_t page)
{
	uint32_t secs = f->epcm[page].secs;

	fix_assert_code(f, fix_encls(f, SGX_EBLOCK, 0, fix_epc_la(page), 0), SGX_SUCCESS);
	fix_assert_code(f, fix_encls(f, SGX_ETRACK, 0, fix_epc_la(secs), 0), SGX_SUCCESS);
}

void evict_prepare(struct fixture *f, uint32_t page, uint32_t slot)
{
	struct sgx_pageinfo *pageinfo = fix_ram(f, RAM_PAGEINFO);

	*pageinfo = (struct sgx_pageinfo){
		.srcpge = fix_ram_la(RAM_SOURCE),
		.secinfo = fix_ram_la(RAM_OTHER),
	};
	f->cpu.regs.rax = SGX_EWB;
	f->cpu.regs.rbx = fix_ram_la(RAM_PAGEINFO);
	f->cpu.regs.rcx = fix_epc_la(page);
	f->cpu.regs.rdx = EVICT_SLOT_LA(slot);
}

void evict(struct fixture *f, uint32_t page, uint32_t slot)
{
	if (f->epcm[page].pt != SGX_PT_SECS && f->epcm[page].pt != SGX_PT_VA)
		evict_block(f, page);
	evict_prepare(f, page, slot);
	fix_assert_code(f, cpu_encls(&f->cpu), SGX_SUCCESS);
}

struct trap evict_load(struct fixture *f, uint32_t leaf, uint32_t page, uint32_t slot)
{
	struct sgx_pageinfo *pageinfo = fix_ram(f, RAM_PAGEINFO);
	uint64_t pt = evict_pcmd(f)->secinfo.flags >> SGX_SECINFO_PT_SHIFT;

	pageinfo->secs = pt == SGX_PT_SECS || pt == SGX_PT_VA ? 0 : fix_epc_la(FIX_SECS);
	return fix_encls(f, leaf, fix_ram_la(RAM_PAGEINFO), fix_epc_la(page), EVICT_SLOT_LA(slot));
}
