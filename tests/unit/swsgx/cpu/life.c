// SPDX-License-Identifier: Apache-2.0
/* The life of an enclave from ECREATE to EREMOVE, every leaf succeeding. */
#include "tests/unit/swsgx/cpu/fixture.h"

static void an_enclave_lives_from_ecreate_to_eremove(void **state)
{
	struct fixture *f = *state;
	struct cpu_regs before;

	fix_enclave(f);
	before = f->cpu.regs;
	fix_enter(f);
	assert_int_equal(f->cpu.regs.rip, FIX_BASE + f->tcs.oentry);
	assert_int_equal(f->cpu.regs.rcx, before.rip + 3);
	assert_int_equal(f->cpu.regs.rax, 0);

	cpu_aex(&f->cpu, (struct trap){ .vector = TRAP_INTERRUPT });
	assert_false(f->cpu.enclave_mode);
	assert_int_equal(f->cpu.regs.rip, 0x402000);
	assert_true(retired(cpu_enclu(&f->cpu))); /* RAX, RBX and RCX are ready for ERESUME */
	assert_true(f->cpu.enclave_mode);
	assert_int_equal(f->cpu.regs.rip, FIX_BASE + f->tcs.oentry);

	assert_true(retired(fix_enclu(f, SGX_EREPORT, fix_la(FIX_DATA), fix_la(FIX_DATA) + 512,
	                              fix_la(FIX_DATA1))));
	f->cpu.regs.rdx = 0;
	fix_assert_code(f, fix_enclu(f, SGX_EGETKEY, fix_la(FIX_DATA), fix_la(FIX_DATA1), 0),
	                SGX_INVALID_ATTRIBUTE); /* KEYNAME 0 is the launch key */
	assert_true(retired(fix_enclu(f, SGX_EEXIT, 0x403000, 0, 0)));
	assert_int_equal(f->cpu.regs.rip, 0x403000);
	assert_int_equal(f->cpu.regs.rcx, 0x402000);
	assert_int_equal(f->cpu.regs.fsbase, before.fsbase);

	for (uint32_t page = FIX_TCS; page < FIX_COUNT; page++)
		fix_assert_code(f, fix_encls(f, SGX_EREMOVE, 0, fix_epc_la(page), 0), 0);
	fix_assert_code(f, fix_encls(f, SGX_EREMOVE, 0, fix_epc_la(FIX_SECS), 0), 0);
	for (uint32_t page = 0; page < FIX_EPC_PAGES; page++)
		assert_int_equal(f->epcm[page].valid, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_enclave_lives_from_ecreate_to_eremove, fix_setup,
		                                fix_teardown),
	};

	return cmocka_run_group_tests(tests, fix_group_setup, fix_group_teardown);
}
