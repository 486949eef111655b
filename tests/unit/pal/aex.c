// SPDX-License-Identifier: Apache-2.0
/*
 * What the signal handlers make of a context, on contexts that are made up.  The handlers are aex.c's
 * own, so it is part of this file.
 */
#include "pal/aex.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define TCS 0x7000

static const unsigned char enclu_at[] = { 0x0f, 0x01, 0xd7 }, other_at[] = { 0x0f, 0x01, 0xcf };
static struct encl_thread thread = { .tcs = TCS };
static struct encl encl = { .thread = &thread, .thread_count = 1 };
static ucontext_t context;
static greg_t *const r = context.uc_mcontext.gregs;
static unsigned int passed;

static void pass(int sig)
{
	(void)sig;
	passed++;
}

/* As an asynchronous exit leaves it. */
static int begin(void **state)
{
	(void)state;
	memset(&context, 0, sizeof(context));
	r[REG_RAX] = SGX_ERESUME;
	r[REG_RBX] = TCS;
	r[REG_RCX] = r[REG_RIP] = (greg_t)enclu_at;
	atomic_store(&thread.kill, true);
	atomic_store(&thread.is_second, false);
	atomic_store(&aex.encl, &encl);
	aex.fault_count = FAULTS;
	for (size_t i = 0; i < FAULTS; i++)
		aex.old_fault[i] = (struct sigaction){ .sa_handler = pass };
	passed = 0;
	return 0;
}

static greg_t kicked(void)
{
	siginfo_t info = { .si_code = SI_TKILL };

	on_kick(SIGRTMAX - 1, &info, &context);
	return r[REG_RAX];
}

static void a_kick_in_the_enclave_becomes_an_entry(void **state)
{
	(void)state;
	assert_int_equal(kicked(), SGX_EENTER);
	assert_true(atomic_load(&thread.is_second));
	assert_true(atomic_load(&thread.kill));
}

static void a_kick_of_nobody_or_too_early_changes_nothing(void **state)
{
	(void)state;
	atomic_store(&thread.is_second, true);
	assert_int_equal(kicked(), SGX_ERESUME);
	begin(NULL);
	atomic_store(&thread.kill, false);
	assert_int_equal(kicked(), SGX_ERESUME);
	assert_false(atomic_load(&thread.is_second));
	begin(NULL);
	atomic_store(&aex.encl, NULL);
	assert_int_equal(kicked(), SGX_ERESUME);
}

static void what_only_looks_like_an_exit_is_left_alone(void **state)
{
	(void)state;
	r[REG_RBX] = TCS + 4096;
	assert_int_equal(kicked(), SGX_ERESUME);
	begin(NULL);
	r[REG_RCX]++;
	assert_int_equal(kicked(), SGX_ERESUME);
	begin(NULL);
	r[REG_RCX] = r[REG_RIP] = (greg_t)other_at;
	assert_int_equal(kicked(), SGX_ERESUME);
	begin(NULL);
	r[REG_RAX] = SGX_EEXIT;
	assert_int_equal(kicked(), SGX_EEXIT);
	assert_false(atomic_load(&thread.is_second));
}

static void a_trap_in_the_enclave_becomes_an_entry(void **state)
{
	siginfo_t info = { .si_code = SI_KERNEL };

	(void)state;
	atomic_store(&thread.kill, false);
	on_fault(SIGTRAP, &info, &context);
	assert_int_equal(r[REG_RAX], SGX_EENTER);
	assert_true(atomic_load(&thread.is_second));
	assert_int_equal(passed, 0);
}

static void a_fault_at_our_enclu_goes_to_its_record(void **state)
{
	static const struct {
		greg_t vector, address;
	} rows[] = { { 14, 0x123000 }, { 13, 0 }, { 6, 0 } };
	siginfo_t info = { .si_code = SI_KERNEL };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin(NULL);
		r[REG_RIP] = r[REG_RCX] = (greg_t)enter_aep;
		r[REG_TRAPNO] = rows[i].vector;
		r[REG_ERR] = 7;
		r[REG_CR2] = 0x123000;
		on_fault(SIGSEGV, &info, &context);
		assert_int_equal(r[REG_RIP], (greg_t)enter_fault);
		assert_int_equal(r[REG_RDI], rows[i].vector);
		assert_int_equal(r[REG_RSI], 7);
		assert_int_equal(r[REG_RDX], rows[i].address);
		assert_int_equal(r[REG_RAX], SGX_ERESUME);
	}
	assert_int_equal(passed, 0);
}

static void what_is_not_ours_is_passed_on(void **state)
{
	siginfo_t sent = { .si_code = SI_USER }, fault = { .si_code = SI_KERNEL };

	(void)state;
	/* Sent, not a fault, though the thread is at our ENCLU. */
	r[REG_RIP] = r[REG_RCX] = (greg_t)enter_aep;
	on_fault(SIGSEGV, &sent, &context);
	on_fault(SIGTRAP, &sent, &context);
	assert_int_equal(r[REG_RIP], (greg_t)enter_aep);
	/* A fault, but somewhere else. */
	r[REG_RIP] = (greg_t)other_at;
	on_fault(SIGSEGV, &fault, &context);
	on_fault(SIGTRAP, &fault, &context);
	assert_int_equal(r[REG_RIP], (greg_t)other_at);
	assert_int_equal(r[REG_RAX], SGX_ERESUME);
	assert_int_equal(passed, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, begin)
		T(a_kick_in_the_enclave_becomes_an_entry),
		T(a_kick_of_nobody_or_too_early_changes_nothing),
		T(what_only_looks_like_an_exit_is_left_alone),
		T(a_trap_in_the_enclave_becomes_an_entry),
		T(a_fault_at_our_enclu_goes_to_its_record),
		T(what_is_not_ours_is_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
