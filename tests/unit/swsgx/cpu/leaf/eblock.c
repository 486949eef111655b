// SPDX-License-Identifier: Apache-2.0
/*
 * EBLOCK and ETRACK: their checks, their informations in CF, and when a tracking cycle has ended.
 */
#include "tests/unit/swsgx/cpu/rows.h"

static void prepare_block(struct fixture *f)
{
	fix_enclave(f);
	f->cpu.regs.rax = SGX_EBLOCK;
	f->cpu.regs.rcx = EPC_LA(FIX_DATA);
}

static void prepare_track(struct fixture *f)
{
	fix_enclave(f);
	f->cpu.regs.rax = SGX_ETRACK;
	f->cpu.regs.rcx = EPC_LA(FIX_SECS);
}

static const struct row block_rows[] = {
	ROW_GP("EBLOCK: page not aligned", REG(rcx, EPC_LA(FIX_DATA) + 64)),
	ROW_PF("EBLOCK: ordinary memory", RAM_LA(0), PF_ENCLS, REG(rcx, RAM_LA(0))),
	ROW_PF("EBLOCK: absent", FIX_NOWHERE, PF_W, REG(rcx, FIX_NOWHERE)),
	ROW_CODE("EBLOCK: not valid", SGX_PG_INVLD, EPCM(FIX_DATA, valid, 0)),
};

static const struct row track_rows[] = {
	ROW_GP("ETRACK: SECS not aligned", REG(rcx, EPC_LA(FIX_SECS) + 64)),
	ROW_PF("ETRACK: ordinary memory", RAM_LA(0), PF_ENCLS, REG(rcx, RAM_LA(0))),
	ROW_PF("ETRACK: absent", FIX_NOWHERE, PF_W, REG(rcx, FIX_NOWHERE)),
	ROW_PF("ETRACK: not valid", EPC_LA(FIX_SECS), PF_ENCLS, EPCM(FIX_SECS, valid, 0)),
	ROW_PF("ETRACK: no SECS", EPC_LA(FIX_DATA), PF_ENCLS, REG(rcx, EPC_LA(FIX_DATA))),
};

static void assert_info(struct fixture *f, uint32_t page, uint64_t code)
{
	struct snapshot *before;

	f->cpu.regs.rax = SGX_EBLOCK;
	f->cpu.regs.rcx = fix_epc_la(page);
	f->cpu.regs.rflags |= CPU_RFLAGS_ZF | CPU_RFLAGS_OF;
	before = fix_snapshot(f);
	assert_true(retired(cpu_encls(&f->cpu)));
	assert_int_equal(f->cpu.regs.rax, code);
	assert_int_equal(f->cpu.regs.rflags & (CPU_RFLAGS_ZF | CPU_RFLAGS_CF | CPU_RFLAGS_OF),
	                 CPU_RFLAGS_CF);
	fix_assert_same(f, before, true);
}

static void eblock_informs_of_pages_it_need_not_or_cannot_block(void **state)
{
	struct fixture *f = *state;

	fix_enclave(f);
	assert_info(f, FIX_SECS, SGX_PG_IS_SECS);
	epcm_set(&f->epcm[FIX_FREE], SGX_PT_VA, 0, 0, 0);
	assert_info(f, FIX_FREE, SGX_NOTBLOCKABLE);
	f->epcm[FIX_DATA].blocked = 1;
	assert_info(f, FIX_DATA, SGX_BLKSTATE);
}

static void a_blocked_page_is_of_no_use_to_the_enclave(void **state)
{
	struct fixture *f = *state;

	prepare_block(f);
	fix_assert_code(f, cpu_encls(&f->cpu), SGX_SUCCESS);
	assert_int_equal(f->epcm[FIX_DATA].blocked, 1);
	fix_enter(f);
	fix_assert_trap(cpu_access(&f->cpu, ENC_LA(FIX_DATA), 0), sgx_pf(ENC_LA(FIX_DATA), 0));
}

/* Another processor on the other TCS. */
static struct cpu enter2(const struct fixture *f)
{
	struct cpu cpu = f->cpu;

	cpu.xsave = NULL;
	cpu.regs.rax = SGX_EENTER;
	cpu.regs.rbx = ENC_LA(FIX_TCS2);
	cpu.regs.rcx = 0x402000;
	assert_true(retired(cpu_enclu(&cpu)));
	return cpu;
}

static void track(struct fixture *f, uint64_t code)
{
	fix_assert_code(f, fix_encls(f, SGX_ETRACK, 0, EPC_LA(FIX_SECS), 0), code);
}

static void a_cycle_ends_when_who_was_inside_has_left(void **state)
{
	struct fixture *f = *state;
	struct cpu old, young;

	fix_enclave(f);
	track(f, SGX_SUCCESS); /* what was before the page was blocked is not enough */
	f->cpu.regs.rax = SGX_EBLOCK;
	f->cpu.regs.rcx = EPC_LA(FIX_DATA);
	old = enter2(f);
	fix_assert_code(f, cpu_encls(&f->cpu), SGX_SUCCESS);
	assert_false(epcm_tracked(&f->epc, &f->epcm[FIX_DATA]));
	track(f, SGX_SUCCESS);
	assert_false(epcm_tracked(&f->epc, &f->epcm[FIX_DATA]));
	track(f, SGX_PREV_TRK_INCMPL);
	young = f->cpu; /* enters after ETRACK: does not count */
	young.regs.rax = SGX_EENTER;
	young.regs.rbx = ENC_LA(FIX_TCS);
	young.regs.rcx = 0x402000;
	assert_true(retired(cpu_enclu(&young)));
	assert_false(epcm_tracked(&f->epc, &f->epcm[FIX_DATA]));
	cpu_aex(&old, (struct trap){ .vector = TRAP_INTERRUPT });
	assert_true(epcm_tracked(&f->epc, &f->epcm[FIX_DATA]));
	track(f, SGX_SUCCESS);
	assert_true(epcm_tracked(&f->epc, &f->epcm[FIX_DATA])); /* whoever is inside now */
	track(f, SGX_PREV_TRK_INCMPL);                          /* now young is the old one */
	young.regs.rax = SGX_EEXIT;
	young.regs.rbx = 0x403000;
	assert_true(retired(cpu_enclu(&young)));
	track(f, SGX_SUCCESS);
}

int main(void)
{
	const struct table tables[] = {
		TABLE(prepare_block, cpu_encls, block_rows),
		TABLE(prepare_track, cpu_encls, track_rows),
	};
	const struct CMUnitTest others[] = {
		TEST(eblock_informs_of_pages_it_need_not_or_cannot_block),
		TEST(a_blocked_page_is_of_no_use_to_the_enclave),
		TEST(a_cycle_ends_when_who_was_inside_has_left),
	};

	return rows_run(tables, COUNT(tables), others, COUNT(others));
}
