// SPDX-License-Identifier: Apache-2.0
/* Hexadecimal text and numbers as users type them: all that is right, nothing that is nearly so. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "lib/base/hex.h"

static void every_byte_goes_there_and_back(void **state)
{
	uint8_t bytes[256], back[256];
	char text[513];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	hex_encode(bytes, sizeof(bytes), text);
	assert_int_equal(strlen(text), 512);
	assert_memory_equal(text, "000102030405060708090a0b0c0d0e0f10", 34);
	assert_int_equal(hex_decode(text, back, sizeof(back)), 0);
	assert_memory_equal(back, bytes, sizeof(bytes));
	assert_int_equal(hex_decode("AbCdEf", back, 3), 0);
	assert_memory_equal(back, "\xab\xcd\xef", 3);
	hex_encode(bytes, 0, text);
	assert_string_equal(text, "");
}

static void text_of_another_length_or_alphabet_is_refused(void **state)
{
	static const char *const wrong[] = {
		"", "0", "012", "01234", "0x12", "01 3", "01g3", "-123"
	};
	uint8_t bytes[2] = { 0xaa, 0xbb };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(hex_decode(wrong[i], bytes, sizeof(bytes)), -EINVAL);
		assert_memory_equal(bytes, "\xaa\xbb", 2);
	}
}

static void whole_numbers_are_read(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
	} rows[] = {
		{ "0", 0 },
		{ "7", 7 },
		{ "00012", 12 },
		{ "65536", 65536 },
		{ "0x0", 0 },
		{ "0x10000", 65536 },
		{ "0XfF", 255 },
		{ "18446744073709551615", UINT64_MAX },
		{ "0xffffffffffffffff", UINT64_MAX },
	};
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		value = 1;
		assert_int_equal(parse_u64(rows[i].text, UINT64_MAX, &value), 0);
		assert_true(value == rows[i].value);
	}
}

static void what_is_not_a_whole_number_is_refused(void **state)
{
	static const char *const wrong[] = { "",    " ",   "x",     "0x",   "0xg",  "12a",  "12 ",
		                             " 1",  "-1",  "+1",    "1.0",  "0x-1", "0x 1", "0x0x1",
		                             "1e3", "0b1", "1,000", "0x1 ", "ff" };
	uint64_t value = 5;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (parse_u64(wrong[i], UINT64_MAX, &value) != -EINVAL)
			fail_msg("\"%s\"", wrong[i]);
		assert_true(value == 5);
	}
}

static void what_is_above_the_limit_is_out_of_range(void **state)
{
	uint64_t value = 5;

	(void)state;
	assert_int_equal(parse_u64("256", 255, &value), -ERANGE);
	assert_int_equal(parse_u64("18446744073709551616", UINT64_MAX, &value), -ERANGE);
	assert_int_equal(parse_u64("0x10000000000000000", UINT64_MAX, &value), -ERANGE);
	assert_true(value == 5);
	assert_int_equal(parse_u64("255", 255, &value), 0);
	assert_true(value == 255);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_goes_there_and_back),
		cmocka_unit_test(text_of_another_length_or_alphabet_is_refused),
		cmocka_unit_test(whole_numbers_are_read),
		cmocka_unit_test(what_is_not_a_whole_number_is_refused),
		cmocka_unit_test(what_is_above_the_limit_is_out_of_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
