// SPDX-License-Identifier: Apache-2.0
/* Which images are taken, what is said of the others, and what the taken ones measure. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/sgx/image.h"
#include "lib/sgx/measure.h"
#include "sgx/secinfo.h"
#include "tests/unit/lib/sgx/imagefile.h"

static const struct image_options none;

static int load(void **state)
{
	struct err e;

	(void)state;
	return crypto_load(&e);
}

static void expect_refused(const void *file, size_t size, const struct image_options *options,
                           const char *cause)
{
	struct image image, before;
	struct err e;

	memset(&image, 0x77, sizeof(image));
	memcpy(&before, &image, sizeof(image));
	assert_int_equal(image_parse("encl.bin", file, size, options, &image, &e), -EINVAL);
	assert_memory_equal(e.text, "encl.bin: ", 10);
	assert_string_equal(e.text + 10, cause);
	assert_memory_equal(&image, &before, sizeof(image));
}

/* One broken field a row. */
#define FIELD(member) offsetof(struct sgx_layout, member), sizeof(((struct sgx_layout *)0)->member)
#define SEGMENT(n, m) \
	offsetof(struct sgx_layout, segment[n].m), sizeof(((struct sgx_layout *)0)->segment[n].m)

static const struct {
	size_t at, size;
	uint64_t value;
	const char *cause;
} broken[] = {
	{ FIELD(magic), 0, "not an enclave image: no layout page" },
	{ FIELD(file_size), 0x5000, "cut short: 16384 bytes of 20480" },
	{ FIELD(file_size), 0x3000, "16384 bytes, its layout says 12288" },
	{ FIELD(size), 0, "enclave size 0 is not a power of 2 from 8192" },
	{ FIELD(size), 0x1000, "enclave size 0x1000 is not a power of 2 from 8192" },
	{ FIELD(size), 0x18000, "enclave size 0x18000 is not a power of 2 from 8192" },
	{ FIELD(size), 0x4000, "segment 3: outside the enclave" },
	{ FIELD(ssaframesize), 0, "SSAFRAMESIZE is 0" },
	{ FIELD(attributes), 5, "attributes 0x5 hold INIT or DEBUG" },
	{ FIELD(attributes), 6, "attributes 0x6 hold INIT or DEBUG" },
	{ FIELD(xfrm), 1, "XFRM 0x1 lacks x87 or SSE" },
	{ FIELD(segment_count), 0, "0 segments, not 1 to 64" },
	{ FIELD(segment_count), 65, "65 segments, not 1 to 64" },
	{ FIELD(segment_count), UINT32_MAX, "4294967295 segments, not 1 to 64" },
	{ FIELD(segment_count), 6, "segment 5: empty" },
	{ FIELD(reserved), 1, "a reserved field of the layout is not 0" },
	{ FIELD(reserved2[0]), 1, "a reserved field of the layout is not 0" },
	{ FIELD(reserved2[1]), 1, "a reserved field of the layout is not 0" },
	{ SEGMENT(1, offset), 0x1001, "segment 1: not a multiple of 4096" },
	{ SEGMENT(1, size), 0x800, "segment 1: not a multiple of 4096" },
	{ SEGMENT(1, file_offset), 0x10, "segment 1: not a multiple of 4096" },
	{ SEGMENT(1, size), 0, "segment 1: empty" },
	{ SEGMENT(1, reserved), 1, "segment 1: a reserved field is not 0" },
	{ SEGMENT(1, flags), 2, "segment 1: a reserved field is not 0" },
	{ SEGMENT(2, offset), 0x10000, "segment 2: outside the enclave" },
	{ SEGMENT(2, offset), -(uint64_t)0x1000, "segment 2: outside the enclave" },
	{ SEGMENT(2, size), -(uint64_t)0x1000, "segment 2: outside the enclave" },
	{ SEGMENT(3, offset), 0x2000, "segments 2 and 3 overlap" },
	{ SEGMENT(2, offset), 0x1000, "segments 1 and 2 overlap" },
	{ SEGMENT(4, size), 0xb000, "segment 4: outside the enclave" },
	{ SEGMENT(2, file_offset), 0x4000, "segment 2: outside the file" },
	{ SEGMENT(2, file_offset), -(uint64_t)0x1000, "segment 2: outside the file" },
	{ SEGMENT(3, size), 0x2000, "segment 3: outside the file" },
	{ SEGMENT(4, file_offset), 0x1000, "segment 4: pages of zeros with an offset in the file" },
	{ SEGMENT(3, secinfo_flags), 0x202, "segment 3: writable but not readable" },
	{ SEGMENT(3, secinfo_flags), 0x206, "segment 3: writable but not readable" },
	{ SEGMENT(3, secinfo_flags), 0x207, "segment 3: writable and executable" },
	{ SEGMENT(3, secinfo_flags), 0x003, "segment 3: page type is neither REG nor TCS" },
	{ SEGMENT(3, secinfo_flags), 0x403, "segment 3: page type is neither REG nor TCS" },
	{ SEGMENT(3, secinfo_flags), 0xff03, "segment 3: page type is neither REG nor TCS" },
	{ SEGMENT(3, secinfo_flags), 0x20b,
	  "segment 3: SECINFO holds more than a page type and permissions" },
	{ SEGMENT(3, secinfo_flags), 0x10203,
	  "segment 3: SECINFO holds more than a page type and permissions" },
	{ SEGMENT(1, secinfo_flags), 0x101, "segment 1: a TCS has no permissions" },
	{ SEGMENT(4, secinfo_flags), 0x100, "segment 4: a TCS is not in the file" },
};

static void every_broken_field_is_named(void **state)
{
	struct imagefile file;

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		imagefile_make(&file);
		memcpy(file.page + broken[i].at, &broken[i].value, broken[i].size);
		expect_refused(&file, sizeof(file), &none, broken[i].cause);
	}
}

static void a_file_of_another_shape_is_refused(void **state)
{
	struct imagefile file;

	(void)state;
	imagefile_make(&file);
	expect_refused(&file, 0, &none, "0 bytes, not a multiple of 4096");
	expect_refused(&file, 100, &none, "100 bytes, not a multiple of 4096");
	expect_refused(&file, sizeof(file) - 1, &none, "16383 bytes, not a multiple of 4096");
	expect_refused(&file, 4096, &none, "cut short: 4096 bytes of 16384");
	memset(&file, 0, sizeof(file));
	expect_refused(&file, 4096, &none, "not an enclave image: no layout page");
}

static void pages_without_end_are_refused(void **state)
{
	struct imagefile file;
	struct image image;
	struct err e;

	(void)state;
	imagefile_make(&file);
	file.layout.size = UINT64_C(1) << 40;
	file.layout.segment[IMAGEFILE_ZERO].size = IMAGE_PAGES_MAX;
	expect_refused(&file, sizeof(file), &none, "more than 68719476736 bytes of pages");
	file.layout.segment[IMAGEFILE_ZERO].size = IMAGE_PAGES_MAX - 0x4000;
	assert_int_equal(image_parse("x", &file, sizeof(file), &none, &image, &e), 0);
}

/* Nothing in a layout page makes the parser read past the file or measure what is not there. */
static void random_layouts_stay_inside_the_file(void **state)
{
	struct imagefile *file =
		malloc(sizeof(*file)); /* exactly: the sanitizer sees one more byte */
	struct image image;
	struct err e;
	unsigned int taken = 0;

	(void)state;
	assert_non_null(file);
	srand(1);
	for (unsigned int i = 0; i < 20000; i++) {
		size_t at = (size_t)rand() % (offsetof(struct sgx_layout, segment[5]) / 4) * 4;
		uint32_t value = (uint32_t)rand();

		if (i % 2 == 0)
			value = value % 16 * 0x1000;
		imagefile_make(file);
		memcpy(file->page + at, &value, sizeof(value));
		if (image_parse("x", file, sizeof(*file), &none, &image, &e) < 0)
			continue;
		taken++;
		for (uint32_t n = 0; n < image.layout.segment_count; n++) {
			const struct sgx_layout_segment *s = &image.layout.segment[n];

			assert_true(s->size <= image.layout.size);
			assert_true(s->offset <= image.layout.size - s->size);
			assert_true((s->flags & SGX_LAYOUT_ZERO) ||
			            (s->size <= sizeof(*file) &&
			             s->file_offset <= sizeof(*file) - s->size));
		}
	}
	assert_true(taken > 0);
	free(file);
}

/* MRENCLAVE of the small image, by hand. */
static void measure_by_hand(const struct imagefile *file, uint64_t size, uint64_t offset,
                            uint8_t ret[SHA256_SIZE])
{
	static const uint8_t zeros[4096];
	struct sgx_tcs tcs = file->tcs;
	struct sha256 s;

	tcs.ossa += offset;
	tcs.oentry += offset;
	tcs.ofsbase += offset;
	tcs.ogsbase += offset;
	measure_ecreate(&s, 1, size, 0);
	measure_eadd(&s, offset, 0x201);
	measure_page(&s, offset, file->page);
	measure_eadd(&s, offset + 0x1000, 0x100);
	measure_page(&s, offset + 0x1000, &tcs);
	measure_eadd(&s, offset + 0x2000, 0x205);
	measure_page(&s, offset + 0x2000, file->text);
	measure_eadd(&s, offset + 0x4000, 0x203);
	measure_page(&s, offset + 0x4000, file->data);
	measure_eadd(&s, offset + 0x6000, 0x203);
	measure_page(&s, offset + 0x6000, zeros);
	measure_eadd(&s, offset + 0x7000, 0x203);
	measure_page(&s, offset + 0x7000, zeros);
	sha256_final(&s, ret);
}

static void expect_measured(const struct image_options *options, uint64_t size)
{
	uint8_t expected[SHA256_SIZE], found[SHA256_SIZE];
	struct imagefile file;
	struct image image;
	struct err e;

	imagefile_make(&file);
	measure_by_hand(&file, size, options->offset, expected);
	assert_int_equal(image_parse("x", &file, sizeof(file), options, &image, &e), 0);
	assert_int_equal(image.layout.size, size);
	image_measure(&image, found);
	assert_memory_equal(found, expected, SHA256_SIZE);
}

static void the_measurement_is_that_of_the_pages_in_order(void **state)
{
	(void)state;
	expect_measured(&none, 0x10000);
}

static void options_move_pages_and_tcs_and_grow_the_enclave(void **state)
{
	const struct image_options larger = { .size = 0x100000 }, smaller = { .size = 0x8000 };
	const struct image_options moved = { .offset = 0x10000 }, by_one = { .offset = 0x1000 };
	const struct image_options both = { .size = 0x40000, .offset = 0x10000 };

	(void)state;
	expect_measured(&larger, 0x100000);
	expect_measured(&smaller, 0x8000);
	expect_measured(&moved, 0x20000);
	expect_measured(&by_one, 0x20000);
	expect_measured(&both, 0x40000);
}

static void options_that_do_not_fit_are_refused(void **state)
{
	static const struct {
		struct image_options options;
		const char *cause;
	} rows[] = {
		{ { 0x4000, 0 }, "an enclave of 0x4000 bytes does not hold the image" },
		{ { 0x8000, 0x1000 }, "an enclave of 0x8000 bytes does not hold the image" },
		{ { 0x10000, 0x20000 }, "an enclave of 0x10000 bytes does not hold the image" },
		{ { 0x18000, 0 }, "an enclave size of 0x18000 is not a power of 2 from 8192" },
		{ { 0, 0x800 }, "an offset of 0x800 is not a multiple of 4096" },
		{ { 0, -(uint64_t)0x1000 }, "an enclave size of 0 is not a power of 2 from 8192" },
		{ { 0, (uint64_t)1 << 63 }, "an enclave size of 0 is not a power of 2 from 8192" },
	};
	struct imagefile file;

	(void)state;
	imagefile_make(&file);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_refused(&file, sizeof(file), &rows[i].options, rows[i].cause);
}

static void what_eadd_clears_in_a_tcs_is_not_measured(void **state)
{
	uint8_t expected[SHA256_SIZE], found[SHA256_SIZE];
	struct imagefile file;
	struct image image;
	struct err e;

	(void)state;
	imagefile_make(&file);
	measure_by_hand(&file, 0x10000, 0, expected);
	file.tcs.state = 1;
	file.tcs.flags = SGX_TCS_DBGOPTIN;
	file.tcs.cssa = 1;
	file.tcs.aep = 0x1234;
	assert_int_equal(image_parse("x", &file, sizeof(file), &none, &image, &e), 0);
	image_measure(&image, found);
	assert_memory_equal(found, expected, SHA256_SIZE);
	file.tcs.flags = SGX_TCS_AEXNOTIFY;
	image_measure(&image, found);
	assert_memory_not_equal(found, expected, SHA256_SIZE);
}

static void options_travel_in_swdefined(void **state)
{
	static const struct {
		struct image_options options;
		uint32_t swdefined;
	} rows[] = {
		{ { 0, 0 }, 0 },
		{ { 0x10000, 0 }, 16 },
		{ { 0, 0x10000 }, 0x1000 },
		{ { 0x20000, 0x10000 }, 0x1011 },
		{ { UINT64_C(1) << 63, UINT64_C(0xffffff) << 12 }, 0xffffff3f },
	};
	struct image_options options;
	uint32_t swdefined;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(image_options_pack(&rows[i].options, &swdefined, &e), 0);
		assert_int_equal(swdefined, rows[i].swdefined);
		assert_int_equal(image_options_unpack(swdefined, &options, &e), 0);
		assert_int_equal(options.size, rows[i].options.size);
		assert_int_equal(options.offset, rows[i].options.offset);
	}
}

static void options_that_swdefined_cannot_hold_are_refused(void **state)
{
	const struct image_options far = { 0, UINT64_C(0x1000000) << 12 }, odd = { 0, 1 };
	const struct image_options ragged = { 0x3000, 0 };
	struct image_options options = { 1, 2 };
	uint32_t swdefined = 5;
	struct err e;

	(void)state;
	assert_int_equal(image_options_pack(&far, &swdefined, &e), -EINVAL);
	assert_int_equal(image_options_pack(&odd, &swdefined, &e), -EINVAL);
	assert_int_equal(image_options_pack(&ragged, &swdefined, &e), -EINVAL);
	assert_int_equal(swdefined, 5);
	assert_int_equal(image_options_unpack(64, &options, &e), -EINVAL);
	assert_int_equal(image_options_unpack(0xff, &options, &e), -EINVAL);
	assert_int_equal(options.size, 1);
	assert_int_equal(options.offset, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_broken_field_is_named),
		cmocka_unit_test(a_file_of_another_shape_is_refused),
		cmocka_unit_test(pages_without_end_are_refused),
		cmocka_unit_test(random_layouts_stay_inside_the_file),
		cmocka_unit_test(the_measurement_is_that_of_the_pages_in_order),
		cmocka_unit_test(options_move_pages_and_tcs_and_grow_the_enclave),
		cmocka_unit_test(options_that_do_not_fit_are_refused),
		cmocka_unit_test(what_eadd_clears_in_a_tcs_is_not_measured),
		cmocka_unit_test(options_travel_in_swdefined),
		cmocka_unit_test(options_that_swdefined_cannot_hold_are_refused),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
