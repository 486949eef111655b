// SPDX-License-Identifier: Apache-2.0
/* The loop around an ecall, against an enclave that is a list of exits. */
#include "pal/ecall.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sgx/leaf.h"
#include "tests/unit/pal/fake.h"

#define EXIT(why, result)                             \
	{                                             \
		SGX_EEXIT, 0, why, (uint64_t)(result) \
	}
#define FAULT(vector)                     \
	{                                 \
		SGX_ERESUME, vector, 0, 0 \
	}
#define LOST(vector)                     \
	{                                \
		SGX_EENTER, vector, 0, 0 \
	}

/* How an entry ends. */
struct step {
	uint32_t function;
	uint16_t vector;
	uint64_t rdx, rdi;
};

struct fake_exit fake_exit;
static const struct step *script;
static unsigned int entries, leafs[32];
static uint64_t first_rdi[32];
static struct encl_thread thread = { .tcs = 0x1000 };
static struct encl encl = { .enter = fake_enter, .thread = &thread, .thread_count = 1 };
/* The signal handler turned this entry into one at CSSA 1. */
static unsigned int flip_at;

void fake_enclave(uint64_t rdi, uint64_t rsi, uint64_t rdx, unsigned int leaf,
                  struct sgx_enclave_run *run)
{
	const struct step *s = &script[entries];

	(void)rsi;
	(void)rdx;
	assert_int_equal(run->tcs, 0x1000);
	assert_true(entries < 31);
	leafs[entries] = leaf;
	first_rdi[entries++] = rdi;
	if (entries == flip_at)
		atomic_store(&thread.is_second, true);
	run->function = s->function;
	run->exception_vector = s->vector;
	run->exception_addr = 0xabc000;
	fake_exit = (struct fake_exit){ s->rdi, 0, s->rdx, 0 };
}

static int64_t answer(void *context, uint64_t number, uint64_t arg)
{
	(void)arg;
	(void)number;
	return *(int64_t *)context;
}

static unsigned int notices;

static void notice(void *context)
{
	(void)context;
	notices++;
}

static int run(const struct step *steps, struct ecall *call)
{
	script = steps;
	entries = notices = 0;
	thread.is_dead = false;
	return encl_ecall(&encl, &thread, call);
}

static int begin(void **state)
{
	(void)state;
	flip_at = 0;
	atomic_store(&thread.kill, false);
	return 0;
}

static void the_enclaves_result_is_the_result(void **state)
{
	static const struct step good[] = { EXIT(ENCL_EXIT_RETURN, 0) };
	static const struct step bad[] = { EXIT(ENCL_EXIT_RETURN, -E2BIG) };
	static const struct step refused[] = { EXIT(ENCL_EXIT_REFUSED, -EBUSY) };
	struct ecall call = { .number = ENCL_ECALL_MAIN };

	(void)state;
	assert_int_equal(run(good, &call), 0);
	assert_int_equal(first_rdi[0], ENCL_ECALL_MAIN);
	assert_int_equal(leafs[0], SGX_EENTER);
	assert_int_equal(run(bad, &call), -E2BIG);
	assert_int_equal(run(refused, &call), -EBUSY);
	assert_false(thread.is_dead || call.fault.happened);
}

static void an_ocall_is_answered_by_the_next_entry(void **state)
{
	static const struct step steps[] = { EXIT(ENCL_EXIT_OCALL, 1), EXIT(ENCL_EXIT_OCALL, 0),
		                             EXIT(ENCL_EXIT_RETURN, 0) };
	int64_t result = 4711;
	struct ecall call = { .number = ENCL_ECALL_MAIN, .ocall = answer, .context = &result };
	struct ecall deaf = { .number = ENCL_ECALL_REPORT };

	(void)state;
	assert_int_equal(run(steps, &call), 0);
	assert_int_equal(entries, 3);
	assert_int_equal(leafs[1], SGX_EENTER);
	assert_int_equal(first_rdi[1], 4711);
	assert_int_equal(run(steps, &deaf), 0);
	assert_int_equal((int64_t)first_rdi[1], -ENOSYS);
}

static void a_kill_in_an_ocall_is_noticed_once(void **state)
{
	static const struct step steps[] = { EXIT(ENCL_EXIT_OCALL, 1), EXIT(ENCL_EXIT_RETURN, 0) };
	int64_t result = ENCL_OCALL_KILLED;
	struct ecall call = { .ocall = answer, .noticed = notice, .context = &result };

	(void)state;
	atomic_store(&thread.kill, true);
	assert_int_equal(run(steps, &call), 0);
	assert_int_equal(notices, 1);
	assert_false(atomic_load(&thread.kill));
}

static void a_fault_is_served_at_cssa_1_then_resumed(void **state)
{
	static const struct step steps[] = { FAULT(14), EXIT(ENCL_EXIT_EXCEPTION, 0),
		                             EXIT(ENCL_EXIT_RETURN, 0) };
	struct ecall call = { .number = ENCL_ECALL_MAIN };

	(void)state;
	assert_int_equal(run(steps, &call), 0);
	assert_int_equal(leafs[1], SGX_EENTER);
	assert_int_equal(leafs[2], SGX_ERESUME);
	assert_true(call.fault.happened);
	assert_int_equal(call.fault.vector, 14);
	assert_int_equal(call.fault.addr, 0xabc000);
	assert_false(thread.is_dead);
}

static void a_thread_whose_fault_is_not_served_is_dead(void **state)
{
	static const struct step refused[] = { FAULT(6), EXIT(ENCL_EXIT_REFUSED, -EAGAIN) };
	static const struct step failed[] = { FAULT(6), EXIT(ENCL_EXIT_EXCEPTION, -EIO) };
	static const struct step again[] = { FAULT(6), FAULT(14) };
	static const struct step lost[] = { LOST(13) };
	static const struct step full[] = { FAULT(6), LOST(13) };
	static const struct step *const all[] = { refused, failed, again, lost, full };
	struct ecall call = { .number = ENCL_ECALL_MAIN };

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		assert_int_equal(run(all[i], &call), -EIO);
		assert_true(thread.is_dead && call.fault.happened);
		assert_int_equal(entries, i == 3 ? 1 : 2);
	}
	assert_int_equal(call.fault.vector, 6);
}

static void an_unwinding_that_faults_for_ever_is_given_up(void **state)
{
	struct step steps[31];
	struct ecall call = { .number = ENCL_ECALL_MAIN };

	(void)state;
	for (int i = 0; i < 31; i++)
		steps[i] =
			i % 2 ? (struct step)EXIT(ENCL_EXIT_EXCEPTION, 0) : (struct step)FAULT(6);
	assert_int_equal(run(steps, &call), -EIO);
	assert_true(thread.is_dead);
}

static void a_kick_that_is_served_is_noticed_and_resumed(void **state)
{
	static const struct step steps[] = { EXIT(ENCL_EXIT_EXCEPTION, 0),
		                             EXIT(ENCL_EXIT_RETURN, 0) };
	struct ecall call = { .number = ENCL_ECALL_MAIN, .noticed = notice };

	(void)state;
	flip_at = 1;
	atomic_store(&thread.kill, true);
	assert_int_equal(run(steps, &call), 0);
	assert_int_equal(leafs[1], SGX_ERESUME);
	assert_int_equal(notices, 1);
	assert_false(call.fault.happened || thread.is_dead);
}

static void a_kick_that_comes_at_a_bad_time_is_resumed_and_not_noticed(void **state)
{
	static const struct step refused[] = { EXIT(ENCL_EXIT_REFUSED, -EAGAIN),
		                               EXIT(ENCL_EXIT_OCALL, 0),
		                               EXIT(ENCL_EXIT_RETURN, 0) };
	int64_t result = 0;
	struct ecall call = { .ocall = answer, .noticed = notice, .context = &result };

	(void)state;
	flip_at = 1;
	atomic_store(&thread.kill, true);
	assert_int_equal(run(refused, &call), 0);
	assert_int_equal(leafs[1], SGX_ERESUME);
	/* With the return, at last. */
	assert_int_equal(notices, 1);
	assert_false(thread.is_dead);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, begin)
		T(the_enclaves_result_is_the_result),
		T(an_ocall_is_answered_by_the_next_entry),
		T(a_kill_in_an_ocall_is_noticed_once),
		T(a_fault_is_served_at_cssa_1_then_resumed),
		T(a_thread_whose_fault_is_not_served_is_dead),
		T(an_unwinding_that_faults_for_ever_is_given_up),
		T(a_kick_that_is_served_is_noticed_and_resumed),
		T(a_kick_that_comes_at_a_bad_time_is_resumed_and_not_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
