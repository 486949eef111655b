// SPDX-License-Identifier: Apache-2.0
/*
 * enclave/bounds.c as plain code: the edges of the range check, and copies that touch no byte beyond
 * the aligned words they need.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "enclave/bounds.h"
#include "enclave/image.h"

#define PAGE 4096

/* This test's enclave: the bounds take its place and size from its layout page. */
_Alignas(PAGE) const struct sgx_layout encl_layout = { .size = 0x10000 };

static void every_edge_of_the_range_is_judged(void **state)
{
	const uint64_t base = 0x10000000, size = 0x100000, top = UINT64_C(1) << 47;
	const struct {
		uint64_t address, size;
		bool outside;
	} rows[] = {
		{ base - 16, 16, true },        /* ends right below */
		{ base - 16, 17, false },       /* one byte in */
		{ base - 1, 1, true },          /* */
		{ base - 1, 2, false },         /* */
		{ base, 1, false },             /* */
		{ base, 0, false },             /* nothing, but at a place inside */
		{ base - 1, 0, true },          /* */
		{ base + size - 1, 1, false },  /* the last byte */
		{ base + size, 1, true },       /* starts right above */
		{ base + size, 0, true },       /* */
		{ base + size - 1, 2, false },  /* leaves */
		{ base + 8, 16, false },        /* in the middle */
		{ base, size, false },          /* all of it */
		{ base - 8, size + 16, false }, /* encloses */
		{ 1, top - 1, false },          /* encloses everything */
		{ 0, 8, false },                /* null */
		{ 0, 0, false },                /* */
		{ UINT64_MAX, 1, false },       /* */
		{ UINT64_MAX - 7, 16, false },  /* wraps */
		{ 16, UINT64_MAX, false },      /* wraps to below itself */
		{ top - 1, 1, true },           /* the last canonical byte */
		{ top - 1, 2, false },          /* */
		{ top, 1, false },              /* */
		{ UINT64_C(0xffff800000000000), 8, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (range_outside(base, size, rows[i].address, rows[i].size) != rows[i].outside)
			fail_msg("%#lx, %#lx: not %s", rows[i].address, rows[i].size,
			         rows[i].outside ? "outside" : "refused");
}

static void an_enclave_at_address_zero_has_no_below(void **state)
{
	(void)state;
	assert_false(range_outside(0, 0x1000, 0x800, 8));
	assert_false(range_outside(0, 0x1000, 0xfff, 2));
	assert_true(range_outside(0, 0x1000, 0x1000, 8));
}

static void a_copy_from_or_to_the_inside_touches_nothing(void **state)
{
	const uint64_t base = encl_base(), end = base + encl_size();
	const hptr inside[] = { { base },     { base + 100 }, { base - 4 }, { end - 4 },
		                { base - 8 }, { 0 },          { -8ULL },    { 1ULL << 47 } };
	uint8_t buffer[16], before[16];

	(void)state;
	memset(buffer, 0x5a, sizeof(buffer));
	memcpy(before, buffer, sizeof(before));
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		assert_int_equal(copy_in(buffer, inside[i], sizeof(buffer)), -EFAULT);
		assert_int_equal(copy_out(inside[i], buffer, sizeof(buffer)), -EFAULT);
		assert_memory_equal(buffer, before, sizeof(buffer));
	}
}

/* A page with nothing on either side. */
static uint8_t *lone_page(void)
{
	uint8_t *p = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(p != MAP_FAILED);
	assert_int_equal(mprotect(p + PAGE, PAGE, PROT_READ | PROT_WRITE), 0);
	return p + PAGE;
}

static void copies_stay_in_the_aligned_words_they_need(void **state)
{
	uint8_t *page = lone_page(), wanted[PAGE], got[64];

	(void)state;
	for (size_t i = 0; i < PAGE; i++)
		page[i] = wanted[i] = (uint8_t)(i * 7 + 3);
	for (size_t n = 0; n <= 40; n++) {
		for (size_t skip = 0; skip < 24; skip++) {
			const size_t places[] = { skip, PAGE - n - skip };

			for (int k = 0; k < 2; k++) {
				memset(got, 0, sizeof(got));
				assert_int_equal(
					copy_in(got, (hptr){ (uint64_t)page + places[k] }, n), 0);
				assert_memory_equal(got, page + places[k], n);
				assert_int_equal(got[n], 0);
				memset(got, 0x99, n);
				assert_int_equal(
					copy_out((hptr){ (uint64_t)page + places[k] }, got, n), 0);
				memset(wanted + places[k], 0x99, n);
				assert_memory_equal(page, wanted, PAGE);
			}
		}
	}
	munmap(page - PAGE, 3 * PAGE);
}

static void a_copy_of_nothing_touches_nothing(void **state)
{
	uint8_t *page = lone_page();

	(void)state;
	assert_int_equal(copy_in(page, (hptr){ (uint64_t)page + PAGE }, 0), 0);
	assert_int_equal(copy_out((hptr){ (uint64_t)page - 1 }, page, 0), 0);
	munmap(page - PAGE, 3 * PAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_edge_of_the_range_is_judged),
		cmocka_unit_test(an_enclave_at_address_zero_has_no_below),
		cmocka_unit_test(a_copy_from_or_to_the_inside_touches_nothing),
		cmocka_unit_test(copies_stay_in_the_aligned_words_they_need),
		cmocka_unit_test(a_copy_of_nothing_touches_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
