// SPDX-License-Identifier: Apache-2.0
/* EMODPE: every check of the SDM's pseudocode, then what a success leaves behind. */
#include "tests/unit/swsgx/cpu/rows.h"

#define PAGE_LA ENC_LA(FIX_CONST)
#define INFO_LA ENC_LA(FIX_DATA)

static void prepare(struct fixture *f)
{
	fix_enclave(f);
	fix_enter(f);
	*(struct sgx_secinfo *)fix_epc(f, FIX_DATA) =
		(struct sgx_secinfo){ .flags = SGX_SECINFO_REG | SGX_SECINFO_W | SGX_SECINFO_R };
	f->cpu.regs.rax = SGX_EMODPE;
	f->cpu.regs.rbx = INFO_LA;
	f->cpu.regs.rcx = PAGE_LA;
}

#define INFO(value) EPC(FIX_DATA, struct sgx_secinfo, flags, value)

static const struct row rows[] = {
	ROW_GP("SECINFO not 64-aligned", REG(rbx, INFO_LA + 32)),
	ROW_GP("page not aligned", REG(rcx, PAGE_LA + 64)),
	ROW_GP("SECINFO outside the enclave", REG(rbx, RAM_LA(0))),
	ROW_GP("page outside the enclave", REG(rcx, RAM_LA(0))),
	ROW_PF("SECINFO absent", ENC_LA(30), PF_U, REG(rbx, ENC_LA(30))),
	ROW_PF("page absent", ENC_LA(30), PF_U, REG(rcx, ENC_LA(30))),
	ROW_PF("SECINFO without R", INFO_LA, PF_ENCLU_READ, EPCM(FIX_DATA, r, 0)),
	ROW_GP("SECINFO reserved flag", INFO(0x283)),
	ROW_GP("SECINFO reserved byte", EPC_BYTE(FIX_DATA, 63, 1)),
	ROW_PF("page not valid", PAGE_LA, PF_ENCLU_READ, EPCM(FIX_CONST, valid, 0)),
	ROW_PF("page pending", PAGE_LA, PF_ENCLU_READ, EPCM(FIX_CONST, pending, 1)),
	ROW_PF("page modified", PAGE_LA, PF_ENCLU_READ, EPCM(FIX_CONST, modified, 1)),
	ROW_PF("page blocked", PAGE_LA, PF_ENCLU_READ, EPCM(FIX_CONST, blocked, 1)),
	ROW_PF("page is a TCS", ENC_LA(FIX_TCS), PF_ENCLU_READ, REG(rcx, ENC_LA(FIX_TCS))),
	ROW_PF("page of another enclave", PAGE_LA, PF_ENCLU_READ, EPCM(FIX_CONST, secs, 30)),
	ROW_PF("page at another address", PAGE_LA, PF_ENCLU_READ,
	       EPCM(FIX_CONST, enclaveaddress, 0)),
	ROW_GP("W without R", INFO(0x202), EPCM(FIX_CONST, r, 0)),
};

static void permissions_only_grow(void **state)
{
	struct fixture *f = *state;
	const struct epcm_entry *e = &f->epcm[FIX_CONST];
	struct cpu_regs regs;

	prepare(f);
	regs = f->cpu.regs;
	regs.rip += 3;
	assert_true(retired(cpu_enclu(&f->cpu)));
	assert_memory_equal(&regs, &f->cpu.regs, sizeof(regs)); /* no code, no flags */
	assert_int_equal(e->r << 2 | e->w << 1 | e->x, 6);
	*(struct sgx_secinfo *)fix_epc(f, FIX_DATA) = (struct sgx_secinfo){ .flags = 0x204 };
	assert_true(retired(fix_enclu(f, SGX_EMODPE, INFO_LA, PAGE_LA, 0)));
	assert_int_equal(e->r << 2 | e->w << 1 | e->x, 7);
}

static void a_page_without_r_may_get_r_and_w_or_x(void **state)
{
	struct fixture *f = *state;
	const struct epcm_entry *e = &f->epcm[FIX_CONST];

	prepare(f);
	f->epcm[FIX_CONST].r = 0;
	*(struct sgx_secinfo *)fix_epc(f, FIX_DATA) = (struct sgx_secinfo){ .flags = 0x204 };
	assert_true(retired(fix_enclu(f, SGX_EMODPE, INFO_LA, PAGE_LA, 0)));
	assert_int_equal(e->r << 2 | e->w << 1 | e->x, 1);
	*(struct sgx_secinfo *)fix_epc(f, FIX_DATA) = (struct sgx_secinfo){ .flags = 0x203 };
	assert_true(retired(fix_enclu(f, SGX_EMODPE, INFO_LA, PAGE_LA, 0)));
	assert_int_equal(e->r << 2 | e->w << 1 | e->x, 7);
}

int main(void)
{
	const struct table table = TABLE(prepare, cpu_enclu, rows);
	const struct CMUnitTest others[] = {
		TEST(permissions_only_grow),
		TEST(a_page_without_r_may_get_r_and_w_or_x),
	};

	return rows_run(&table, 1, others, COUNT(others));
}
