// SPDX-License-Identifier: Apache-2.0
/* SSA frames: the sizes that the published offsets of the XSAVE components give. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>

#include "lib/sgx/ssaframe.h"

static void frames_are_as_large_as_their_state(void **state)
{
	static const struct {
		uint64_t xfrm;
		uint32_t miscselect, pages;
	} rows[] = {
		{ 0x3, 0, 1 },   { 0x3, 3, 1 },     { 0x7, 1, 1 },
		{ 0x1f, 1, 1 },  { 0xe7, 1, 1 },    { 0x2e7, 1, 1 },
		{ 0x2ff, 3, 1 }, { 0x602e7, 1, 3 }, { 0x60003, 0, 3 },
	};
	uint32_t pages;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(ssaframe_pages(rows[i].xfrm, rows[i].miscselect, &pages), 0);
		assert_int_equal(pages, rows[i].pages);
	}
}

static void state_without_a_known_place_is_refused(void **state)
{
	uint32_t pages = 7;

	(void)state;
	assert_int_equal(ssaframe_pages(0x103, 0, &pages), -EINVAL);
	assert_int_equal(ssaframe_pages(UINT64_C(1) << 63 | 3, 0, &pages), -EINVAL);
	assert_int_equal(ssaframe_pages(3, 4, &pages), -EINVAL);
	assert_int_equal(pages, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_as_large_as_their_state),
		cmocka_unit_test(state_without_a_known_place_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
