// SPDX-License-Identifier: Apache-2.0
/* Reserved address space. */
#include "pal/range.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <cmocka.h>

static int is_mapped(uint64_t page)
{
	unsigned char in_core;

	return mincore((void *)page, 4096, &in_core) == 0;
}

static void a_range_is_aligned_to_its_size(void **state)
{
	(void)state;
	for (uint64_t size = 8192; size <= UINT64_C(1) << 36; size *= 2) {
		struct range range;

		assert_int_equal(range_reserve(size, &range), 0);
		assert_int_equal(range.start % size, 0);
		assert_int_equal(range.size, size);
		assert_true(is_mapped(range.start) && is_mapped(range.start + size - 4096));
		range_release(&range);
	}
}

static void release_unmaps_all_of_it_and_can_be_repeated(void **state)
{
	struct range range;
	uint64_t start;

	(void)state;
	assert_int_equal(range_reserve(1 << 20, &range), 0);
	start = range.start;
	range_release(&range);
	assert_false(is_mapped(start) || is_mapped(start + (1 << 20) - 4096));
	range_release(&range);
	assert_int_equal(range.size, 0);
}

static void sizes_that_are_no_power_of_2_are_refused(void **state)
{
	struct range range = { 1, 2 };

	(void)state;
	assert_int_equal(range_reserve(0, &range), -EINVAL);
	assert_int_equal(range_reserve(3 * 4096, &range), -EINVAL);
	assert_int_equal(range_reserve(UINT64_C(1) << 63, &range), -EINVAL);
	assert_int_equal(range_reserve(UINT64_C(1) << 60, &range), -ENOMEM);
	assert_int_equal(range.start, 1);
}

static void a_place_is_reserved_once(void **state)
{
	struct range first, second = { 1, 2 };
	uint64_t start;

	(void)state;
	assert_int_equal(range_reserve(1 << 20, &first), 0);
	start = first.start;
	assert_int_equal(range_reserve_at(start + 4096, 4096, &second), -EEXIST);
	assert_int_equal(second.start, 1);
	range_release(&first);
	assert_int_equal(range_reserve_at(start, 1 << 20, &second), 0);
	assert_int_equal(second.start, start);
	range_release(&second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_range_is_aligned_to_its_size),
		cmocka_unit_test(release_unmaps_all_of_it_and_can_be_repeated),
		cmocka_unit_test(sizes_that_are_no_power_of_2_are_refused),
		cmocka_unit_test(a_place_is_reserved_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
