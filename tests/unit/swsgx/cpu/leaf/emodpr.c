// SPDX-License-Identifier: Apache-2.0
/* EMODPR: every check of the SDM's pseudocode, then what a success leaves behind. */
#include "tests/unit/swsgx/cpu/rows.h"

#define TARGET EPC_LA(FIX_DATA)

static void prepare(struct fixture *f)
{
	fix_enclave(f);
	memset(fix_ram(f, RAM_SECINFO), 0, sizeof(struct sgx_secinfo));
	((struct sgx_secinfo *)fix_ram(f, RAM_SECINFO))->flags = SGX_SECINFO_R;
	f->cpu.regs.rax = SGX_EMODPR;
	f->cpu.regs.rbx = RAM_LA(RAM_SECINFO);
	f->cpu.regs.rcx = TARGET;
}

static const struct row rows[] = {
	ROW_GP("SECINFO not 64-aligned", REG(rbx, RAM_LA(RAM_SECINFO) + 32)),
	ROW_GP("page not aligned", REG(rcx, TARGET + 64)),
	ROW_PF("page in ordinary memory", RAM_LA(0), PF_ENCLS, REG(rcx, RAM_LA(0))),
	ROW_PF("page absent", FIX_NOWHERE, PF_W, REG(rcx, FIX_NOWHERE)),
	ROW_PF("SECINFO absent", FIX_NOWHERE, 0, REG(rbx, FIX_NOWHERE)),
	ROW_GP("SECINFO reserved flag", SECINFO(0x41)),
	ROW_GP("SECINFO reserved byte", RAM_BYTE(RAM_SECINFO, 40, 1)),
	ROW_GP("W without R", SECINFO(SGX_SECINFO_W)),
	ROW_PF("page not valid", TARGET, PF_ENCLS, EPCM(FIX_DATA, valid, 0)),
	ROW_CODE("page pending", SGX_PAGE_NOT_MODIFIABLE, EPCM(FIX_DATA, pending, 1)),
	ROW_CODE("page modified", SGX_PAGE_NOT_MODIFIABLE, EPCM(FIX_DATA, modified, 1)),
	ROW_CODE("trimmed page, not accepted: the code comes first", SGX_PAGE_NOT_MODIFIABLE,
	         EPCM(FIX_DATA, modified, 1), EPCM(FIX_DATA, pt, SGX_PT_TRIM)),
	ROW_PF("trimmed page, accepted", TARGET, PF_ENCLS, EPCM(FIX_DATA, pt, SGX_PT_TRIM)),
	ROW_PF("page is a TCS", EPC_LA(FIX_TCS), PF_ENCLS, REG(rcx, EPC_LA(FIX_TCS))),
	ROW_GP("enclave not initialized",
	       EPC(FIX_SECS, struct sgx_secs, attributes.flags, SGX_ATTR_MODE64BIT)),
};

static void permissions_only_shrink(void **state)
{
	struct fixture *f = *state;
	const struct epcm_entry *e = &f->epcm[FIX_DATA];

	prepare(f);
	fix_assert_code(f, cpu_encls(&f->cpu), SGX_SUCCESS);
	assert_int_equal(e->r << 2 | e->w << 1 | e->x, 4);
	assert_int_equal(e->pr, 1);
	((struct sgx_secinfo *)fix_ram(f, RAM_SECINFO))->flags = SGX_SECINFO_RWX;
	fix_assert_code(f, fix_encls(f, SGX_EMODPR, RAM_LA(RAM_SECINFO), TARGET, 0), SGX_SUCCESS);
	assert_int_equal(e->r << 2 | e->w << 1 | e->x, 4);
}

static void all_permissions_can_be_taken_and_tracking_begins(void **state)
{
	struct fixture *f = *state;
	const struct epcm_entry *e = &f->epcm[FIX_CODE];

	prepare(f);
	epc_hidden(&f->epc, FIX_SECS)->epoch = 3;
	((struct sgx_secinfo *)fix_ram(f, RAM_SECINFO))->flags = 0;
	fix_assert_code(f, fix_encls(f, SGX_EMODPR, RAM_LA(RAM_SECINFO), EPC_LA(FIX_CODE), 0),
	                SGX_SUCCESS);
	assert_int_equal(e->r | e->w | e->x, 0);
	assert_int_equal(e->epoch, 3);
}

static void reduced_permissions_hold_before_they_are_accepted(void **state)
{
	struct fixture *f = *state;

	prepare(f);
	fix_assert_code(f, cpu_encls(&f->cpu), SGX_SUCCESS);
	fix_enter(f);
	fix_assert_trap(cpu_access(&f->cpu, ENC_LA(FIX_DATA), 0), RETIRED);
	fix_assert_trap(cpu_access(&f->cpu, ENC_LA(FIX_DATA), PF_W),
	                sgx_pf(ENC_LA(FIX_DATA), PF_W));
}

int main(void)
{
	const struct table table = TABLE(prepare, cpu_encls, rows);
	const struct CMUnitTest others[] = {
		TEST(permissions_only_shrink),
		TEST(all_permissions_can_be_taken_and_tracking_begins),
		TEST(reduced_permissions_hold_before_they_are_accepted),
	};

	return rows_run(&table, 1, others, COUNT(others));
}
