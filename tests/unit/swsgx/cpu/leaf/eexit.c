// SPDX-License-Identifier: Apache-2.0
/* EEXIT: its one check, and that it changes so little. */
#include "tests/unit/swsgx/cpu/rows.h"

static void prepare(struct fixture *f)
{
	fix_enclave(f);
	fix_enter(f);
	f->cpu.regs.rax = SGX_EEXIT;
	f->cpu.regs.rbx = 0x403000;
}

static const struct row rows[] = {
	ROW_GP("target not canonical", REG(rbx, FIX_ODD)),
};

static void everything_but_rip_rcx_and_segments_stays_the_enclaves(void **state)
{
	struct fixture *f = *state;
	const struct sgx_tcs *tcs = fix_epc(f, FIX_TCS);
	uint64_t fsbase, gsbase, aep;
	uint8_t xsave[FIX_XSAVE];
	struct cpu_regs want;

	fix_enclave(f);
	fsbase = f->cpu.regs.fsbase;
	gsbase = f->cpu.regs.gsbase;
	fix_enter(f);
	aep = tcs->aep;
	f->cpu.regs.rax = SGX_EEXIT;
	f->cpu.regs.rbx = 0x403000;
	f->cpu.regs.rsp = 0x1111;
	f->cpu.regs.rbp = 0x2222;
	f->cpu.regs.rflags |= CPU_RFLAGS_DF | CPU_RFLAGS_ZF;
	memset(f->xsave, 0x3d, sizeof(f->xsave));
	memcpy(xsave, f->xsave, sizeof(xsave));
	want = f->cpu.regs;
	assert_true(retired(cpu_enclu(&f->cpu)));
	want.rip = 0x403000;
	want.rcx = aep;
	want.fsbase = fsbase;
	want.gsbase = gsbase;
	assert_memory_equal(&f->cpu.regs, &want, sizeof(want));
	assert_memory_equal(f->xsave, xsave, sizeof(xsave));
	assert_false(f->cpu.enclave_mode);
	assert_int_equal(tcs->state, 0);
	assert_int_equal(tcs->cssa, 0);
	assert_int_equal(epc_inside(epc_hidden(&f->epc, FIX_SECS)), 0);
}

static void single_stepping_goes_on_as_it_was_at_entry(void **state)
{
	struct fixture *f = *state;

	fix_enclave(f);
	f->cpu.regs.rflags |= CPU_RFLAGS_TF;
	fix_enter(f);
	assert_true(retired(fix_enclu(f, SGX_EEXIT, 0x403000, 0, 0)));
	assert_int_equal(f->cpu.regs.rflags & CPU_RFLAGS_TF, CPU_RFLAGS_TF);
	f->cpu.regs.rflags &= ~(uint64_t)CPU_RFLAGS_TF;
	fix_enter(f);
	f->cpu.regs.rflags |= CPU_RFLAGS_TF; /* no POPF inside can do this */
	assert_true(retired(fix_enclu(f, SGX_EEXIT, 0x403000, 0, 0)));
	assert_int_equal(f->cpu.regs.rflags & CPU_RFLAGS_TF, 0);
}

static void a_target_inside_the_enclave_is_accepted(void **state)
{
	struct fixture *f = *state;

	prepare(f);
	f->cpu.regs.rbx = ENC_LA(FIX_CODE);
	assert_true(retired(cpu_enclu(&f->cpu)));
	assert_int_equal(f->cpu.regs.rip, ENC_LA(FIX_CODE));
}

static void the_thread_can_enter_again_and_again(void **state)
{
	struct fixture *f = *state;

	fix_enclave(f);
	for (int i = 0; i < 3; i++) {
		fix_enter(f);
		assert_int_equal(f->cpu.regs.rax, 0);
		assert_true(retired(fix_enclu(f, SGX_EEXIT, 0x403000, 0, 0)));
	}
}

int main(void)
{
	const struct table table = TABLE(prepare, cpu_enclu, rows);
	const struct CMUnitTest others[] = {
		TEST(everything_but_rip_rcx_and_segments_stays_the_enclaves),
		TEST(single_stepping_goes_on_as_it_was_at_entry),
		TEST(a_target_inside_the_enclave_is_accepted),
		TEST(the_thread_can_enter_again_and_again),
	};

	return rows_run(&table, 1, others, COUNT(others));
}
