// SPDX-License-Identifier: Apache-2.0
/* EDECCSSA: every check of the SDM's pseudocode, and that the next AEX goes to the frame below. */
#include "tests/unit/swsgx/cpu/rows.h"

#define SSA_LA ENC_LA(FIX_SSA)

/* The handler of an interrupted thread. */
static void prepare(struct fixture *f)
{
	fix_enclave(f);
	fix_enter(f);
	cpu_aex(&f->cpu, (struct trap){ .vector = TRAP_UD });
	fix_enter(f);
	f->cpu.regs.rax = SGX_EDECCSSA;
}

static const struct row rows[] = {
	ROW_GP("no frame below", EPC(FIX_TCS, struct sgx_tcs, cssa, 0)),
	ROW_PF("frame absent", SSA_LA, PF_U | PF_W, MAP(SSA_LA, present, false)),
	ROW_PF("frame not valid", SSA_LA, PF_ENCLU_WRITE, EPCM(FIX_SSA, valid, 0)),
	ROW_PF("frame blocked", SSA_LA, PF_ENCLU_WRITE, EPCM(FIX_SSA, blocked, 1)),
	ROW_PF("frame without W", SSA_LA, PF_ENCLU_WRITE, EPCM(FIX_SSA, w, 0)),
};

static void the_next_aex_overwrites_the_interrupted_frame(void **state)
{
	struct fixture *f = *state;
	struct cpu_regs regs;

	prepare(f);
	regs = f->cpu.regs;
	regs.rip += 3;
	assert_true(retired(cpu_enclu(&f->cpu)));
	assert_memory_equal(&regs, &f->cpu.regs, sizeof(regs));
	assert_int_equal(((struct sgx_tcs *)fix_epc(f, FIX_TCS))->cssa, 0);
	f->cpu.regs.r8 = 0x88;
	cpu_aex(&f->cpu, (struct trap){ .vector = TRAP_INTERRUPT });
	assert_int_equal(ssa_gpr(&f->epc, FIX_SSA)->r8, 0x88);
	assert_int_equal(((struct sgx_tcs *)fix_epc(f, FIX_TCS))->cssa, 1);
}

int main(void)
{
	const struct table table = TABLE(prepare, cpu_enclu, rows);
	const struct CMUnitTest others[] = { TEST(the_next_aex_overwrites_the_interrupted_frame) };

	return rows_run(&table, 1, others, COUNT(others));
}
