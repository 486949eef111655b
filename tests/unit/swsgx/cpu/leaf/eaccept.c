// SPDX-License-Identifier: Apache-2.0
/* EACCEPT: every check of the SDM's pseudocode, and the life cycles that end in it. */
#include "tests/unit/swsgx/cpu/rows.h"

#define PAGE    FIX_FREE
#define PAGE_LA ENC_LA(20)
#define INFO_LA ENC_LA(FIX_DATA)
#define NEW     UINT64_C(0x20b) /* what EAUG made */

static struct sgx_secinfo *info_of(const struct fixture *f)
{
	return fix_epc(f, FIX_DATA);
}

static void accept_flags(struct fixture *f, uint64_t la, uint64_t flags)
{
	*info_of(f) = (struct sgx_secinfo){ .flags = flags };
	f->cpu.regs.rax = SGX_EACCEPT;
	f->cpu.regs.rbx = INFO_LA;
	f->cpu.regs.rcx = la;
}

static void prepare(struct fixture *f)
{
	fix_enclave(f);
	epcm_set(&f->epcm[PAGE], SGX_PT_REG, SGX_SECINFO_R | SGX_SECINFO_W, FIX_SECS, PAGE_LA);
	f->epcm[PAGE].pending = 1;
	memset(fix_epc(f, PAGE), 0, SGX_PAGE_SIZE);
	fix_map_page(f, PAGE_LA, PAGE, fix_epc(f, PAGE));
	fix_enter(f);
	accept_flags(f, PAGE_LA, NEW);
}

/* PAGE is being turned into a TCS, and everybody has left since. */
static void prepare_tcs(struct fixture *f)
{
	struct sgx_tcs *tcs = fix_epc(f, PAGE);

	prepare(f);
	*tcs = f->tcs;
	epcm_set(&f->epcm[PAGE], SGX_PT_TCS, 0, FIX_SECS, PAGE_LA);
	f->epcm[PAGE].modified = 1;
	epc_hidden(&f->epc, FIX_SECS)->epoch = 2; /* two cycles later */
	accept_flags(f, PAGE_LA, 0x110);
}

#define INFO(value)       EPC(FIX_DATA, struct sgx_secinfo, flags, value)
#define TCS(field, value) EPC(PAGE, struct sgx_tcs, field, value)

static const struct row rows[] = {
	ROW_GP("SECINFO not 64-aligned", REG(rbx, INFO_LA + 32)),
	ROW_GP("SECINFO outside the enclave", REG(rbx, RAM_LA(0))),
	ROW_PF("SECINFO in ordinary memory", INFO_LA, PF_ENCLU_READ,
	       MAP(INFO_LA, epc_index, EPC_NONE)),
	ROW_PF("SECINFO without R", INFO_LA, PF_ENCLU_READ, EPCM(FIX_DATA, r, 0)),
	ROW_PF("SECINFO blocked", INFO_LA, PF_ENCLU_READ, EPCM(FIX_DATA, blocked, 1)),
	ROW_GP("SECINFO reserved flag", INFO(NEW | 0x40)),
	ROW_GP("SECINFO reserved byte", EPC_BYTE(FIX_DATA, 20, 1)),
	ROW_GP("page not aligned", REG(rcx, PAGE_LA + 64)),
	ROW_GP("page outside the enclave", REG(rcx, RAM_LA(0))),
	ROW_PF("page absent", ENC_LA(30), PF_U, REG(rcx, ENC_LA(30))),
	ROW_PF("page in ordinary memory", PAGE_LA, PF_ENCLU_READ,
	       MAP(PAGE_LA, epc_index, EPC_NONE)),
	ROW_GP("REG that is neither PENDING nor PR", INFO(0x203)),
	ROW_GP("REG that is MODIFIED", INFO(0x21b)),
	ROW_GP("TCS that is PENDING", INFO(0x118)),
	ROW_GP("TRIM that is not MODIFIED", INFO(0x400)),
	ROW_GP("TRIM with PR", INFO(0x430)),
	ROW_GP("VA", INFO(0x308)),
	ROW_PF("page not valid", PAGE_LA, PF_ENCLU_READ, EPCM(PAGE, valid, 0)),
	ROW_PF("page blocked", PAGE_LA, PF_ENCLU_READ, EPCM(PAGE, blocked, 1)),
	ROW_PF("page is a VA page", PAGE_LA, PF_ENCLU_READ, EPCM(PAGE, pt, SGX_PT_VA)),
	ROW_PF("page of another enclave", PAGE_LA, PF_ENCLU_READ, EPCM(PAGE, secs, FIX_FREE)),
	ROW_CODE("page at another address", SGX_PAGE_ATTRIBUTES_MISMATCH,
	         EPCM(PAGE, enclaveaddress, ENC_LA(21))),
	ROW_CODE("not pending", SGX_PAGE_ATTRIBUTES_MISMATCH, EPCM(PAGE, pending, 0)),
	ROW_CODE("modified", SGX_PAGE_ATTRIBUTES_MISMATCH, EPCM(PAGE, modified, 1)),
	ROW_CODE("other R", SGX_PAGE_ATTRIBUTES_MISMATCH, INFO(NEW & ~SGX_SECINFO_R)),
	ROW_CODE("other W", SGX_PAGE_ATTRIBUTES_MISMATCH, INFO(NEW & ~SGX_SECINFO_W)),
	ROW_CODE("other X", SGX_PAGE_ATTRIBUTES_MISMATCH, INFO(NEW | SGX_SECINFO_X)),
	ROW_CODE("other type", SGX_PAGE_ATTRIBUTES_MISMATCH, EPCM(PAGE, pt, SGX_PT_TCS)),
};

static const struct row tcs_rows[] = {
	ROW_CODE("TCS not tracked", SGX_NOT_TRACKED, EPCM(PAGE, epoch, 2)),
	ROW_GP("TCS reserved byte", EPC_BYTE(PAGE, 72, 1)),
	ROW_GP("TCS DBGOPTIN", TCS(flags, SGX_TCS_DBGOPTIN)),
	ROW_GP("TCS CSSA is NSSA", TCS(cssa, 2)),
	ROW_GP("TCS AEP", TCS(aep, 1)),
	ROW_GP("TCS STATE", TCS(state, 1)),
	ROW_GP("32-bit TCS limits", EPC(FIX_SECS, struct sgx_secs, attributes.flags, 1)),
};

static void a_new_page_is_usable_once_accepted(void **state)
{
	struct fixture *f = *state;

	prepare(f);
	fix_assert_trap(cpu_access(&f->cpu, PAGE_LA, 0), sgx_pf(PAGE_LA, 0));
	fix_assert_code(f, cpu_enclu(&f->cpu), SGX_SUCCESS);
	fix_assert_trap(cpu_access(&f->cpu, PAGE_LA, PF_W), RETIRED);
	/* Not twice. */
	accept_flags(f, PAGE_LA, NEW);
	fix_assert_code(f, cpu_enclu(&f->cpu), SGX_PAGE_ATTRIBUTES_MISMATCH);
}

static void a_new_tcs_can_be_entered(void **state)
{
	struct fixture *f = *state;

	prepare_tcs(f);
	fix_assert_code(f, cpu_enclu(&f->cpu), SGX_SUCCESS);
	assert_true(retired(fix_enclu(f, SGX_EEXIT, 0x403000, 0, 0)));
	assert_true(retired(fix_enclu(f, SGX_EENTER, PAGE_LA, 0x402000, 0)));
}

static void reduced_permissions_are_accepted_after_etrack_and_exits(void **state)
{
	struct fixture *f = *state;
	struct cpu outside;

	prepare(f);
	outside = f->cpu;
	outside.enclave_mode = false;
	memset(fix_ram(f, RAM_SECINFO), 0, sizeof(struct sgx_secinfo));
	((struct sgx_secinfo *)fix_ram(f, RAM_SECINFO))->flags = SGX_SECINFO_R;
	outside.regs.rax = SGX_EMODPR;
	outside.regs.rbx = RAM_LA(RAM_SECINFO);
	outside.regs.rcx = EPC_LA(FIX_DATA1);
	assert_true(retired(cpu_encls(&outside)));
	accept_flags(f, ENC_LA(FIX_DATA1), 0x221);
	fix_assert_code(f, cpu_enclu(&f->cpu), SGX_NOT_TRACKED);
	outside.regs.rax = SGX_ETRACK;
	outside.regs.rcx = EPC_LA(FIX_SECS);
	assert_true(retired(cpu_encls(&outside)));
	accept_flags(f, ENC_LA(FIX_DATA1), 0x221);
	fix_assert_code(f, cpu_enclu(&f->cpu), SGX_NOT_TRACKED); /* itself was inside */
	cpu_aex(&f->cpu, (struct trap){ .vector = TRAP_INTERRUPT });
	assert_true(retired(cpu_enclu(&f->cpu)));
	accept_flags(f, ENC_LA(FIX_DATA1), 0x221);
	fix_assert_code(f, cpu_enclu(&f->cpu), SGX_SUCCESS);
	assert_int_equal(f->epcm[FIX_DATA1].pr, 0);
}

int main(void)
{
	const struct table tables[] = {
		TABLE(prepare, cpu_enclu, rows),
		TABLE(prepare_tcs, cpu_enclu, tcs_rows),
	};
	const struct CMUnitTest others[] = {
		TEST(a_new_page_is_usable_once_accepted),
		TEST(a_new_tcs_can_be_entered),
		TEST(reduced_permissions_are_accepted_after_etrack_and_exits),
	};

	return rows_run(tables, COUNT(tables), others, COUNT(others));
}
