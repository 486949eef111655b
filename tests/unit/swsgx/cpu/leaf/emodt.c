// SPDX-License-Identifier: Apache-2.0
/* EMODT: every check of the SDM's pseudocode, then what a success leaves behind. */
#include "tests/unit/swsgx/cpu/rows.h"

#define TARGET EPC_LA(FIX_DATA)
#define TRIM   UINT64_C(0x400)

static void prepare(struct fixture *f)
{
	fix_enclave(f);
	memset(fix_ram(f, RAM_SECINFO), 0, sizeof(struct sgx_secinfo));
	((struct sgx_secinfo *)fix_ram(f, RAM_SECINFO))->flags = TRIM;
	f->cpu.regs.rax = SGX_EMODT;
	f->cpu.regs.rbx = RAM_LA(RAM_SECINFO);
	f->cpu.regs.rcx = TARGET;
}

static const struct row rows[] = {
	ROW_GP("SECINFO not 64-aligned", REG(rbx, RAM_LA(RAM_SECINFO) + 32)),
	ROW_GP("page not aligned", REG(rcx, TARGET + 64)),
	ROW_PF("page in ordinary memory", RAM_LA(0), PF_ENCLS, REG(rcx, RAM_LA(0))),
	ROW_PF("SECINFO absent", FIX_NOWHERE, 0, REG(rbx, FIX_NOWHERE)),
	ROW_GP("SECINFO reserved flag", SECINFO(TRIM | 0x80)),
	ROW_GP("SECINFO reserved byte", RAM_BYTE(RAM_SECINFO, 40, 1)),
	ROW_GP("to REG", SECINFO(0x200)),
	ROW_GP("to SECS", SECINFO(0)),
	ROW_GP("to VA", SECINFO(0x300)),
	ROW_PF("page not valid", TARGET, PF_ENCLS, EPCM(FIX_DATA, valid, 0)),
	ROW_PF("TCS to TCS", EPC_LA(FIX_TCS), PF_ENCLS, REG(rcx, EPC_LA(FIX_TCS)), SECINFO(0x100)),
	ROW_PF("TRIM to TRIM: the fault comes first", TARGET, PF_ENCLS,
	       EPCM(FIX_DATA, pt, SGX_PT_TRIM), EPCM(FIX_DATA, modified, 1)),
	ROW_PF("SECS to TRIM", EPC_LA(FIX_SECS), PF_ENCLS, REG(rcx, EPC_LA(FIX_SECS))),
	ROW_CODE("page pending", SGX_PAGE_NOT_MODIFIABLE, EPCM(FIX_DATA, pending, 1)),
	ROW_CODE("page modified", SGX_PAGE_NOT_MODIFIABLE, EPCM(FIX_DATA, modified, 1)),
	ROW_GP("enclave not initialized",
	       EPC(FIX_SECS, struct sgx_secs, attributes.flags, SGX_ATTR_MODE64BIT)),
};

static void assert_changes(struct fixture *f, uint32_t page, uint64_t flags, uint8_t pt)
{
	const struct epcm_entry *e = &f->epcm[page];

	prepare(f);
	((struct sgx_secinfo *)fix_ram(f, RAM_SECINFO))->flags = flags;
	f->epcm[page].pr = 1;
	epc_hidden(&f->epc, FIX_SECS)->epoch = 3;
	fix_assert_code(f, fix_encls(f, SGX_EMODT, RAM_LA(RAM_SECINFO), EPC_LA(page), 0),
	                SGX_SUCCESS);
	assert_int_equal(e->pt, pt);
	assert_int_equal(e->modified, 1);
	assert_int_equal(e->epoch, 3);
	assert_int_equal(e->r | e->w | e->x | e->pr | e->pending, 0);
}

static void a_page_becomes_a_tcs(void **state)
{
	assert_changes(*state, FIX_DATA, 0x107, SGX_PT_TCS);
}

static void a_page_is_trimmed(void **state)
{
	assert_changes(*state, FIX_CODE, TRIM, SGX_PT_TRIM);
}

static void a_tcs_is_trimmed(void **state)
{
	assert_changes(*state, FIX_TCS, TRIM, SGX_PT_TRIM);
}

int main(void)
{
	const struct table table = TABLE(prepare, cpu_encls, rows);
	const struct CMUnitTest others[] = {
		TEST(a_page_becomes_a_tcs),
		TEST(a_page_is_trimmed),
		TEST(a_tcs_is_trimmed),
	};

	return rows_run(&table, 1, others, COUNT(others));
}
