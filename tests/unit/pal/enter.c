// SPDX-License-Identifier: Apache-2.0
/*
 * The way into the enclave: what is kept, what is passed, what comes back.  A signal handler plays the
 * enclave behind the ENCLU of our own.
 */
#include "pal/enter.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>
#include <cmocka.h>

#include "sgx/leaf.h"
#include "tests/unit/pal/fake.h"

struct fake_exit fake_exit;
static struct {
	uint64_t rdi, rsi, rdx;
	unsigned int leaf;
	struct sgx_enclave_run *run;
} seen;

void fake_enclave(uint64_t rdi, uint64_t rsi, uint64_t rdx, unsigned int leaf,
                  struct sgx_enclave_run *run)
{
	seen.rdi = rdi;
	seen.rsi = rsi;
	seen.rdx = rdx;
	seen.leaf = leaf;
	seen.run = run;
}

static void the_vdso_gets_its_arguments_and_gives_its_results(void **state)
{
	struct enter_regs regs = { 11, 22, 33 };
	struct sgx_enclave_run run = { 0 };

	(void)state;
	fake_exit = (struct fake_exit){ 44, 55, 66, -22 };
	assert_int_equal(enter_vdso(&regs, SGX_ERESUME, &run, fake_enter), -22);
	assert_int_equal(seen.rdi, 11);
	assert_int_equal(seen.rsi, 22);
	assert_int_equal(seen.rdx, 33);
	assert_int_equal(seen.leaf, SGX_ERESUME);
	assert_ptr_equal(seen.run, &run);
	assert_int_equal(regs.rdi, 44);
	assert_int_equal(regs.rsi, 55);
	assert_int_equal(regs.rdx, 66);
}

static void the_callers_registers_survive_the_vdso(void **state)
{
	struct enter_regs regs = { 0 };
	struct sgx_enclave_run run = { 0 };

	(void)state;
	assert_int_equal(kept_call((void *)enter_vdso, &regs, SGX_EENTER, &run, (void *)fake_enter),
	                 0);
}

static greg_t at_enclu[NGREG];
static uint16_t fault_vector; /* 0: play an EEXIT */

static void play(int sig, siginfo_t *info, void *context)
{
	static const unsigned int poisoned[] = { REG_R8,  REG_R9,  REG_R10, REG_R11,
		                                 REG_R12, REG_R13, REG_R14, REG_R15,
		                                 REG_RBX, REG_RCX, REG_RAX };
	ucontext_t *c = context;
	greg_t *r = c->uc_mcontext.gregs;

	(void)sig;
	(void)info;
	memcpy(at_enclu, r, sizeof(at_enclu));
	if ((uint64_t)r[REG_RIP] != (uint64_t)enter_aep)
		_exit(1);
	if (fault_vector) {
		r[REG_RAX] = SGX_ERESUME;
		r[REG_RIP] = (greg_t)enter_fault;
		r[REG_RDI] = fault_vector;
		r[REG_RSI] = 0x8007;
		r[REG_RDX] = 0x123456789000;
		return;
	}
	for (size_t i = 0; i < sizeof(poisoned) / sizeof(poisoned[0]); i++)
		r[poisoned[i]] = 0x5a5a5a5a5a5a5a5a;
	r[REG_EFL] |= 0x400;
	c->uc_mcontext.fpregs->mxcsr = 0x7f80;
	c->uc_mcontext.fpregs->cwd = 0x0c7f;
	r[REG_RDI] = 77;
	r[REG_RSI] = 88;
	r[REG_RDX] = 99;
	r[REG_RIP] += 3;
}

static struct sigaction old_segv, old_ill;

/* cmocka sets its own handlers before each function, so this is called in the test. */
static void play_begin(void)
{
	struct sigaction act = { .sa_sigaction = play, .sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &act, &old_segv);
	sigaction(SIGILL, &act, &old_ill);
}

static void play_end(void)
{
	fault_vector = 0;
	sigaction(SIGSEGV, &old_segv, NULL);
	sigaction(SIGILL, &old_ill, NULL);
}

static void our_enclu_gets_its_operands_and_gives_what_eexit_left(void **state)
{
	struct enter_regs regs = { 11, 22, 33 };
	struct sgx_enclave_run run = { .tcs = 0xabcd };

	(void)state;
	play_begin();
	assert_int_equal(enter_enclu(&regs, SGX_EENTER, &run), 0);
	play_end();
	assert_int_equal(at_enclu[REG_RAX], SGX_EENTER);
	assert_int_equal(at_enclu[REG_RBX], 0xabcd);
	assert_int_equal(at_enclu[REG_RCX], (uint64_t)enter_aep);
	assert_int_equal(at_enclu[REG_RDI], 11);
	assert_int_equal(at_enclu[REG_RSI], 22);
	assert_int_equal(at_enclu[REG_RDX], 33);
	assert_int_equal(run.function, SGX_EEXIT);
	assert_int_equal(regs.rdi, 77);
	assert_int_equal(regs.rsi, 88);
	assert_int_equal(regs.rdx, 99);
}

static void the_callers_registers_survive_our_enclu(void **state)
{
	struct enter_regs regs = { 0 };
	struct sgx_enclave_run run = { .tcs = 0xabcd };
	int kept;

	(void)state;
	play_begin();
	kept = kept_call((void *)enter_enclu, &regs, SGX_EENTER, &run, NULL);
	play_end();
	assert_int_equal(kept, 0);
}

static void a_fault_at_our_enclu_is_a_record_as_the_kernels(void **state)
{
	struct enter_regs regs = { 11, 22, 33 };
	struct sgx_enclave_run run = { .tcs = 0xabcd };
	int kept;

	(void)state;
	fault_vector = 14;
	play_begin();
	kept = kept_call((void *)enter_enclu, &regs, SGX_EENTER, &run, NULL);
	play_end();
	assert_int_equal(kept, 0);
	assert_int_equal(run.function, SGX_ERESUME);
	assert_int_equal(run.exception_vector, 14);
	assert_int_equal(run.exception_error_code, 0x8007);
	assert_int_equal(run.exception_addr, 0x123456789000);
	assert_int_equal(regs.rdi, 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vdso_gets_its_arguments_and_gives_its_results),
		cmocka_unit_test(the_callers_registers_survive_the_vdso),
		cmocka_unit_test(our_enclu_gets_its_operands_and_gives_what_eexit_left),
		cmocka_unit_test(the_callers_registers_survive_our_enclu),
		cmocka_unit_test(a_fault_at_our_enclu_is_a_record_as_the_kernels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
