// SPDX-License-Identifier: Apache-2.0
/* EDBGRD and EDBGWR: every check of the SDM's pseudocode, and that they go past permissions. */
#include "tests/unit/swsgx/cpu/rows.h"

#define TARGET (EPC_LA(FIX_CODE) + 0x128)

static void prepare(struct fixture *f, uint32_t leaf)
{
	f->secs.attributes.flags |= SGX_ATTR_DEBUG;
	fix_enclave(f);
	f->cpu.regs.rax = leaf;
	f->cpu.regs.rbx = 0x1122334455667788;
	f->cpu.regs.rcx = TARGET;
}

static void prepare_rd(struct fixture *f)
{
	prepare(f, SGX_EDBGRD);
}

static void prepare_wr(struct fixture *f)
{
	prepare(f, SGX_EDBGWR);
}

#define BOTH(name, access)                                                                         \
	ROW_GP(name ": not 8-aligned", REG(rcx, TARGET + 4)),                                      \
		ROW_PF(name ": ordinary memory", RAM_LA(0), PF_ENCLS, REG(rcx, RAM_LA(0))),        \
		ROW_PF(name ": absent", FIX_NOWHERE, access, REG(rcx, FIX_NOWHERE)),               \
		ROW_PF(name ": not valid", TARGET, PF_ENCLS, EPCM(FIX_CODE, valid, 0)),            \
		ROW_PF(name ": a SECS", EPC_LA(FIX_SECS), PF_ENCLS, REG(rcx, EPC_LA(FIX_SECS))),   \
		ROW_PF(name ": trimmed", TARGET, PF_ENCLS, EPCM(FIX_CODE, pt, SGX_PT_TRIM)),       \
		ROW_CODE(name ": pending", SGX_PAGE_NOT_DEBUGGABLE, EPCM(FIX_CODE, pending, 1)),   \
		ROW_CODE(name ": modified", SGX_PAGE_NOT_DEBUGGABLE, EPCM(FIX_CODE, modified, 1)), \
		ROW_GP(name ": production enclave",                                                \
	               EPC(FIX_SECS, struct sgx_secs, attributes.flags,                            \
	                   SGX_ATTR_MODE64BIT | SGX_ATTR_INIT))

static const struct row rd_rows[] = {
	BOTH("EDBGRD", 0),
	ROW_GP("EDBGRD: behind the fields of a TCS", REG(rcx, EPC_LA(FIX_TCS) + 72)),
};

static const struct row wr_rows[] = {
	BOTH("EDBGWR", PF_W),
	ROW_PF("EDBGWR: a VA page", TARGET, PF_ENCLS, EPCM(FIX_CODE, pt, SGX_PT_VA)),
	ROW_GP("EDBGWR: TCS.STATE", REG(rcx, EPC_LA(FIX_TCS))),
	ROW_GP("EDBGWR: TCS.OSSA", REG(rcx, EPC_LA(FIX_TCS) + 16)),
};

static void a_debugger_writes_code_and_reads_it_back(void **state)
{
	struct fixture *f = *state;

	prepare_wr(f);
	f->epcm[FIX_CODE].blocked = 1;
	fix_assert_code(f, cpu_encls(&f->cpu), SGX_SUCCESS);
	f->epcm[FIX_CODE].r = 0;
	fix_assert_code(f, fix_encls(f, SGX_EDBGRD, 0, TARGET, 0), SGX_SUCCESS);
	assert_int_equal(f->cpu.regs.rbx, 0x1122334455667788);
}

static void a_debugger_sets_dbgoptin(void **state)
{
	struct fixture *f = *state;

	prepare_wr(f);
	fix_assert_code(f, fix_encls(f, SGX_EDBGWR, SGX_TCS_DBGOPTIN, EPC_LA(FIX_TCS) + 8, 0),
	                SGX_SUCCESS);
	fix_enter(f);
	assert_true(f->cpu.dbgoptin);
}

static void an_enclave_that_is_being_built_can_be_debugged(void **state)
{
	struct fixture *f = *state;

	f->secs.attributes.flags |= SGX_ATTR_DEBUG;
	fix_build(f);
	fix_assert_code(f, fix_encls(f, SGX_EDBGRD, 0, EPC_LA(FIX_TCS) + 64, 0), SGX_SUCCESS);
	assert_int_equal(f->cpu.regs.rbx, 0);
}

static void of_a_va_slot_only_its_use_is_shown(void **state)
{
	struct fixture *f = *state;
	uint64_t *slot = fix_epc(f, FIX_FREE);

	prepare_rd(f);
	epcm_set(&f->epcm[FIX_FREE], SGX_PT_VA, 0, 0, 0);
	slot[0] = 0x1234;
	slot[1] = 0;
	fix_assert_code(f, fix_encls(f, SGX_EDBGRD, 0, EPC_LA(FIX_FREE), 0), SGX_SUCCESS);
	assert_int_equal(f->cpu.regs.rbx, ~UINT64_C(0));
	fix_assert_code(f, fix_encls(f, SGX_EDBGRD, 1, EPC_LA(FIX_FREE) + 8, 0), SGX_SUCCESS);
	assert_int_equal(f->cpu.regs.rbx, 0);
}

int main(void)
{
	const struct table tables[] = {
		TABLE(prepare_rd, cpu_encls, rd_rows),
		TABLE(prepare_wr, cpu_encls, wr_rows),
	};
	const struct CMUnitTest others[] = {
		TEST(a_debugger_writes_code_and_reads_it_back),
		TEST(a_debugger_sets_dbgoptin),
		TEST(an_enclave_that_is_being_built_can_be_debugged),
		TEST(of_a_va_slot_only_its_use_is_shown),
	};

	return rows_run(tables, COUNT(tables), others, COUNT(others));
}
