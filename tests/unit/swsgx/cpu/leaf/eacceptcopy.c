// SPDX-License-Identifier: Apache-2.0
/* EACCEPTCOPY: every check of the SDM's pseudocode, then what a success leaves behind. */
#include "tests/unit/swsgx/cpu/rows.h"

#define PAGE    FIX_FREE
#define PAGE_LA ENC_LA(20)
#define INFO_LA ENC_LA(FIX_DATA)
#define FROM_LA ENC_LA(FIX_DATA1)

static void prepare(struct fixture *f)
{
	fix_enclave(f);
	epcm_set(&f->epcm[PAGE], SGX_PT_REG, SGX_SECINFO_R | SGX_SECINFO_W, FIX_SECS, PAGE_LA);
	f->epcm[PAGE].pending = 1;
	fix_map_page(f, PAGE_LA, PAGE, fix_epc(f, PAGE));
	fix_enter(f);
	*(struct sgx_secinfo *)fix_epc(f, FIX_DATA) =
		(struct sgx_secinfo){ .flags = SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_X };
	memset(fix_epc(f, FIX_DATA1), 0x3a, SGX_PAGE_SIZE);
	f->cpu.regs.rax = SGX_EACCEPTCOPY;
	f->cpu.regs.rbx = INFO_LA;
	f->cpu.regs.rcx = PAGE_LA;
	f->cpu.regs.rdx = FROM_LA;
}

#define INFO(value) EPC(FIX_DATA, struct sgx_secinfo, flags, value)

static const struct row rows[] = {
	ROW_GP("SECINFO not 64-aligned", REG(rbx, INFO_LA + 32)),
	ROW_GP("page not aligned", REG(rcx, PAGE_LA + 64)),
	ROW_GP("source not aligned", REG(rdx, FROM_LA + 64)),
	ROW_GP("SECINFO outside the enclave", REG(rbx, RAM_LA(0))),
	ROW_GP("page outside the enclave", REG(rcx, RAM_LA(0))),
	ROW_GP("source outside the enclave", REG(rdx, RAM_LA(0))),
	ROW_PF("SECINFO absent", ENC_LA(30), PF_U, REG(rbx, ENC_LA(30))),
	ROW_PF("page absent", ENC_LA(30), PF_U | PF_W, REG(rcx, ENC_LA(30))),
	ROW_PF("source absent", ENC_LA(30), PF_U, REG(rdx, ENC_LA(30))),
	ROW_PF("SECINFO without R", INFO_LA, PF_ENCLU_READ, EPCM(FIX_DATA, r, 0)),
	ROW_GP("SECINFO reserved flag", INFO(0x285)),
	ROW_GP("W without R", INFO(0x202)),
	ROW_GP("page type TCS", INFO(0x105)),
	ROW_PF("source without R", FROM_LA, PF_ENCLU_READ, EPCM(FIX_DATA1, r, 0)),
	ROW_PF("source pending", FROM_LA, PF_ENCLU_READ, EPCM(FIX_DATA1, pending, 1)),
	ROW_PF("source is a TCS", ENC_LA(FIX_TCS), PF_ENCLU_READ, REG(rdx, ENC_LA(FIX_TCS))),
	ROW_CODE("page not valid", SGX_PAGE_ATTRIBUTES_MISMATCH, EPCM(PAGE, valid, 0)),
	ROW_CODE("page not pending", SGX_PAGE_ATTRIBUTES_MISMATCH, EPCM(PAGE, pending, 0)),
	ROW_CODE("page modified", SGX_PAGE_ATTRIBUTES_MISMATCH, EPCM(PAGE, modified, 1)),
	ROW_CODE("page blocked", SGX_PAGE_ATTRIBUTES_MISMATCH, EPCM(PAGE, blocked, 1)),
	ROW_CODE("page of another type", SGX_PAGE_ATTRIBUTES_MISMATCH, EPCM(PAGE, pt, 4)),
	ROW_CODE("page of another enclave", SGX_PAGE_ATTRIBUTES_MISMATCH, EPCM(PAGE, secs, 30)),
	ROW_CODE("page at another address", SGX_PAGE_ATTRIBUTES_MISMATCH,
	         EPCM(PAGE, enclaveaddress, 0)),
	ROW_CODE("page without R", SGX_PAGE_ATTRIBUTES_MISMATCH, EPCM(PAGE, r, 0)),
	ROW_CODE("page without W", SGX_PAGE_ATTRIBUTES_MISMATCH, EPCM(PAGE, w, 0)),
	ROW_CODE("page with X", SGX_PAGE_ATTRIBUTES_MISMATCH, EPCM(PAGE, x, 1)),
};

static void the_page_gets_content_and_permissions_at_once(void **state)
{
	struct fixture *f = *state;
	const struct epcm_entry *e = &f->epcm[PAGE];

	prepare(f);
	fix_assert_code(f, cpu_enclu(&f->cpu), SGX_SUCCESS);
	assert_memory_equal(fix_epc(f, PAGE), fix_epc(f, FIX_DATA1), SGX_PAGE_SIZE);
	assert_int_equal(e->r << 2 | e->w << 1 | e->x, 5);
	assert_int_equal(e->pending, 0);
	fix_assert_trap(cpu_access(&f->cpu, PAGE_LA, PF_I), RETIRED);
}

static void the_page_may_end_up_without_any_permission(void **state)
{
	struct fixture *f = *state;
	const struct epcm_entry *e = &f->epcm[PAGE];

	prepare(f);
	((struct sgx_secinfo *)fix_epc(f, FIX_DATA))->flags = SGX_SECINFO_REG;
	fix_assert_code(f, cpu_enclu(&f->cpu), SGX_SUCCESS);
	assert_int_equal(e->r | e->w | e->x, 0);
}

int main(void)
{
	const struct table table = TABLE(prepare, cpu_enclu, rows);
	const struct CMUnitTest others[] = {
		TEST(the_page_gets_content_and_permissions_at_once),
		TEST(the_page_may_end_up_without_any_permission),
	};

	return rows_run(&table, 1, others, COUNT(others));
}
