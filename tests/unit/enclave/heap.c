// SPDX-License-Identifier: Apache-2.0
/*
 * enclave/heap.c as plain code: what several programs share, and never at the same time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <asm/prctl.h>
#include <cmocka.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "enclave/heap.h"
#include "enclave/thread.h"

#define PAGE   4096
#define ROUNDS 300

/* This test's enclave: a layout page, TDs, and the heap. */
_Alignas(PAGE) const struct sgx_layout encl_layout = { .size = PAGE };
_Alignas(PAGE) static uint8_t tds[ENCL_THREADS][TD_STRIDE];
_Alignas(PAGE) uint8_t heap_start[ENCL_HEAP];

struct td *td_of(unsigned int i)
{
	return (struct td *)&tds[i][PAGE];
}

/* Be thread i. */
static void become(unsigned int i)
{
	syscall(SYS_arch_prctl, ARCH_SET_GS, td_of(i));
}

static int setup(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < ENCL_THREADS; i++) {
		td_of(i)->self = (uint64_t)td_of(i) - encl_base();
		become(i);
		heap_release();
	}
	become(0);
	return 0;
}

static void the_heap_gives_out_zeros_once(void **state)
{
	uint8_t *last = NULL;
	size_t total = 0;

	(void)state;
	for (size_t size = 1;; size = size * 3 % 5000 + 1) {
		uint8_t *p = encl_alloc(size);

		if (!p)
			break;
		assert_int_equal((uint64_t)p % 16, 0);
		assert_true(p >= heap_start && p + size <= heap_start + ENCL_HEAP && p != last);
		for (size_t i = 0; i < size; i++) {
			assert_int_equal(p[i], 0);
			p[i] = 0xaa;
		}
		last = p;
		total += size;
	}
	assert_true(total > ENCL_HEAP / 2);
	heap_release();
	for (size_t i = 0; i < ENCL_HEAP; i++)
		assert_int_equal(heap_start[i], 0);
	assert_non_null(encl_alloc(ENCL_HEAP));
}

static void sizes_that_cannot_be_have_no_memory(void **state)
{
	(void)state;
	assert_null(encl_alloc(ENCL_HEAP + 1));
	assert_null(encl_alloc(SIZE_MAX));
	assert_null(encl_alloc(SIZE_MAX - 8));
	assert_non_null(encl_alloc(0));
	assert_null(encl_alloc(ENCL_HEAP));
}

static void threads_never_share_memory_and_release_their_own_only(void **state)
{
	uint8_t *p[ENCL_THREADS];

	(void)state;
	for (unsigned int i = 0; i < ENCL_THREADS; i++) {
		become(i);
		p[i] = encl_alloc(30000);
		assert_non_null(p[i]);
		memset(p[i], (int)i + 1, 30000);
	}
	become(3);
	heap_release();
	assert_int_equal(p[3][29999], 0);
	for (unsigned int i = 0; i < ENCL_THREADS; i++)
		for (size_t k = 0; k < 30000; k++)
			assert_int_equal(p[i][k], i == 3 ? 0 : i + 1);
}

/* As program after program does: take, fill, look, give back. */
static void *programs(void *argument)
{
	unsigned int i = *(unsigned int *)argument;

	become(i);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		size_t size = 1000 + (round * 7919 + i * 104729) % 100000;
		uint8_t *p = encl_alloc(size);

		for (size_t k = 0; p && k < size; k++) {
			if (p[k] != 0)
				return "memory was not zero";
			p[k] = (uint8_t)(i + 1);
		}
		for (size_t k = 0; p && k < size; k++)
			if (p[k] != i + 1)
				return "memory was shared";
		heap_release();
	}
	return NULL;
}

static void programs_at_the_same_time_have_memory_of_their_own(void **state)
{
	pthread_t threads[ENCL_THREADS];
	unsigned int numbers[ENCL_THREADS];
	void *complaint;

	(void)state;
	for (unsigned int i = 0; i < ENCL_THREADS; i++) {
		numbers[i] = i;
		assert_int_equal(pthread_create(&threads[i], NULL, programs, &numbers[i]), 0);
	}
	for (unsigned int i = 0; i < ENCL_THREADS; i++) {
		pthread_join(threads[i], &complaint);
		if (complaint)
			fail_msg("%s", (const char *)complaint);
	}
	assert_non_null(encl_alloc(ENCL_HEAP));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_heap_gives_out_zeros_once, setup),
		cmocka_unit_test_setup(sizes_that_cannot_be_have_no_memory, setup),
		cmocka_unit_test_setup(threads_never_share_memory_and_release_their_own_only,
		                       setup),
		cmocka_unit_test_setup(programs_at_the_same_time_have_memory_of_their_own, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
