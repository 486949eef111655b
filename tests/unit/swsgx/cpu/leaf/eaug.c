// SPDX-License-Identifier: Apache-2.0
/* EAUG: every check of the SDM's pseudocode, then what a success leaves behind. */
#include "tests/unit/swsgx/cpu/rows.h"

#define PAGE    FIX_FREE
#define TARGET  EPC_LA(PAGE)
#define LINADDR ENC_LA(20)

static void prepare(struct fixture *f)
{
	struct sgx_pageinfo *pageinfo = fix_ram(f, RAM_PAGEINFO);

	fix_enclave(f);
	*pageinfo = (struct sgx_pageinfo){ .linaddr = LINADDR, .secs = EPC_LA(FIX_SECS) };
	f->cpu.regs.rax = SGX_EAUG;
	f->cpu.regs.rbx = RAM_LA(RAM_PAGEINFO);
	f->cpu.regs.rcx = TARGET;
}

static const struct row rows[] = {
	ROW_GP("PAGEINFO not 32-aligned", REG(rbx, RAM_LA(RAM_PAGEINFO) + 8)),
	ROW_GP("destination not page-aligned", REG(rcx, TARGET + 256)),
	ROW_PF("destination in ordinary memory", RAM_LA(0), PF_ENCLS, REG(rcx, RAM_LA(0))),
	ROW_PF("destination absent", FIX_NOWHERE, PF_W, REG(rcx, FIX_NOWHERE)),
	ROW_PF("PAGEINFO absent", FIX_NOWHERE, 0, REG(rbx, FIX_NOWHERE)),
	ROW_GP("SECINFO not 64-aligned", PI(secinfo, RAM_LA(RAM_SECINFO) + 32),
	       PI(secs, RAM_LA(0))),
	ROW_GP("SECS not page-aligned", PI(secs, EPC_LA(FIX_SECS) + 64)),
	ROW_GP("LINADDR not page-aligned", PI(linaddr, LINADDR + 64)),
	ROW_GP("source page given", PI(srcpge, RAM_LA(RAM_SOURCE))),
	ROW_PF("SECS in ordinary memory", RAM_LA(0), PF_ENCLS, PI(secs, RAM_LA(0))),
	ROW_PF("destination already valid", TARGET, PF_ENCLS, EPCM(PAGE, valid, 1)),
	ROW_GP("SECINFO given without CET", PI(secinfo, RAM_LA(RAM_SECINFO))),
	ROW_PF("SECS not valid", EPC_LA(FIX_SECS), PF_ENCLS, EPCM(FIX_SECS, valid, 0)),
	ROW_PF("SECS of another page type", EPC_LA(FIX_DATA), PF_ENCLS, PI(secs, EPC_LA(FIX_DATA))),
	ROW_GP("enclave not initialized",
	       EPC(FIX_SECS, struct sgx_secs, attributes.flags, SGX_ATTR_MODE64BIT)),
	ROW_GP("LINADDR outside the enclave", PI(linaddr, FIX_BASE + FIX_SIZE)),
};

static void a_success_offers_zeros_that_wait_to_be_accepted(void **state)
{
	struct fixture *f = *state;
	const struct epcm_entry *e = &f->epcm[PAGE];
	struct cpu_regs regs;

	prepare(f);
	regs = f->cpu.regs;
	regs.rip += 3;
	assert_true(retired(cpu_encls(&f->cpu)));
	assert_memory_equal(&regs, &f->cpu.regs, sizeof(regs));
	assert_true(bytes_zero(fix_epc(f, PAGE), SGX_PAGE_SIZE));
	assert_int_equal(e->valid, 1);
	assert_int_equal(e->pending, 1);
	assert_int_equal(e->pt, SGX_PT_REG);
	assert_int_equal(e->r << 2 | e->w << 1 | e->x, 6);
	assert_int_equal(e->enclaveaddress, LINADDR);
	assert_int_equal(e->blocked | e->modified | e->pr, 0);
	assert_int_equal(epc_hidden(&f->epc, FIX_SECS)->children, FIX_COUNT);
}

int main(void)
{
	const struct table table = TABLE(prepare, cpu_encls, rows);
	const struct CMUnitTest others[] = {
		TEST(a_success_offers_zeros_that_wait_to_be_accepted),
	};

	return rows_run(&table, 1, others, COUNT(others));
}
