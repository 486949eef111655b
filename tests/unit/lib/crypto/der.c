// SPDX-License-Identifier: Apache-2.0
/* DER elements and PEM blocks: what is taken, what is refused. */
#include "lib/crypto/der.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/crypto/pem.h"

#define BYTES(...)                                                                         \
	{                                                                                  \
		(const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }) \
	}

static void an_element_is_taken_by_its_tag(void **state)
{
	struct der in = BYTES(0x02, 0x01, 0x05, 0x04, 0x00, 0xa3, 0x02, 0x05, 0x00), content;
	uint32_t number;

	(void)state;
	assert_int_equal(der_peek(&in), DER_INTEGER);
	assert_false(der_next(&in, DER_OCTETS, &content));
	assert_int_equal(in.size, 9);
	assert_true(der_next(&in, DER_INTEGER, &content));
	assert_true(der_number(&content, 5, &number));
	assert_int_equal(number, 5);
	assert_false(der_number(&content, 4, &number));
	assert_true(der_next(&in, DER_OCTETS, &content));
	assert_int_equal(content.size, 0);
	assert_int_equal(der_peek(&in), DER_CONTEXT(3));
	assert_true(der_next(&in, DER_CONTEXT(3), &content));
	assert_int_equal(content.size, 2);
	assert_true(der_at_end(&in));
	assert_int_equal(der_peek(&in), -1);
	assert_false(der_next(&in, DER_INTEGER, &content));
}

static void lengths_and_forms_that_lie_are_refused(void **state)
{
	const struct der bad[] = {
		BYTES(0x02),                               /* no length */
		BYTES(0x02, 0x02, 0x01),                   /* longer than what is left */
		BYTES(0x04, 0x84, 0xff, 0xff, 0xff, 0xff), /* much longer */
		BYTES(0x30, 0x80, 0x00, 0x00),             /* indefinite */
		BYTES(0x10, 0x00),                         /* a SEQUENCE that is primitive */
		BYTES(0x22, 0x00),                         /* an INTEGER that is constructed */
		BYTES(0x82, 0x01, 0x05),                   /* another class */
		BYTES(0x42, 0x01, 0x05),                   /* the application's */
	};
	struct der content;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		for (int tag = 1; tag < 32; tag++) {
			uint8_t *exact = malloc(bad[i].size);
			struct der in = { exact, bad[i].size };

			assert_non_null(exact);
			memcpy(exact, bad[i].data, bad[i].size);
			assert_false(der_next(&in, tag, &content));
			free(exact);
		}
	}
}

static void numbers_are_minimal_and_not_negative(void **state)
{
	const struct der bad[] = { { NULL, 0 },
		                   BYTES(0xff),
		                   BYTES(0x80, 0x00),
		                   BYTES(0x00, 0x7f),
		                   BYTES(0x01, 0x00, 0x00, 0x00, 0x00),
		                   BYTES(0x00, 0xff, 0xff, 0xff, 0xff, 0xff) };
	const struct der good = BYTES(0x00, 0xff, 0xff, 0xff, 0xff);
	const struct der yes = BYTES(0xff), no = BYTES(0x00), maybe = BYTES(0x01);
	uint32_t number = 7;
	bool value;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(der_number(&bad[i], UINT32_MAX, &number));
	assert_int_equal(number, 7);
	assert_true(der_number(&good, UINT32_MAX, &number));
	assert_int_equal(number, UINT32_MAX);
	assert_true(der_bool(&yes, &value) && value);
	assert_true(der_bool(&no, &value) && !value);
	assert_false(der_bool(&maybe, &value));
}

static void pem_blocks_come_one_after_the_other(void **state)
{
	static const char text[] = "words\n-----BEGIN A-----\r\nAAEC\r\n-----END A-----\n"
				   "-----BEGIN B-----\nAAEC\n-----END B-----\n"
				   "-----BEGIN A----- /w== -----END A-----";
	struct pem in = { text, sizeof(text) - 1 };
	uint8_t out[8];

	(void)state;
	assert_int_equal(pem_next(&in, "A", out, sizeof(out)), 3);
	assert_memory_equal(out, "\0\1\2", 3);
	assert_int_equal(pem_next(&in, "A", out, sizeof(out)), 1);
	assert_int_equal(out[0], 0xff);
	assert_int_equal(pem_next(&in, "A", out, sizeof(out)), 0);
}

static void pem_blocks_that_are_broken_are_refused(void **state)
{
	static const struct {
		const char *inside;
		long result;
	} rows[] = {
		{ "", -EINVAL },
		{ "AAE", -EINVAL },
		{ "A", -EINVAL },
		{ "AA=C", -EINVAL },
		{ "AAEC*AAE", -EINVAL },
		{ "====", -EINVAL },
		{ "AAECAAECAAEC", -EFBIG },
	};
	char text[128];
	uint8_t out[8];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pem in = { text, 0 };

		in.size =
			(size_t)snprintf(text, sizeof(text),
		                         "-----BEGIN A-----\n%s\n-----END A-----", rows[i].inside);
		assert_int_equal(pem_next(&in, "A", out, sizeof(out)), rows[i].result);
	}
	assert_int_equal(pem_next(&(struct pem){ "-----BEGIN A-----\nAAEC\n-----END A----", 37 },
	                          "A", out, sizeof(out)),
	                 -EINVAL);
}

static void nothing_stands_behind_padding(void **state)
{
	char text[512] = "-----BEGIN A-----";
	struct pem in = { text, 0 };
	uint8_t out[512];

	(void)state;
	/* The padding ends a piece in which it is decoded. */
	memset(text + strlen(text), 'A', 254);
	strcat(text, "==AAEC-----END A-----");
	in.size = strlen(text);
	assert_int_equal(pem_next(&in, "A", out, sizeof(out)), -EINVAL);
}

/* Longer than the piece in which it is decoded, with and without padding. */
static void pem_of_any_length_is_decoded_whole(void **state)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char text[4096];
	uint8_t out[2048];

	(void)state;
	for (size_t size = 1; size < 1000; size++) {
		size_t at = (size_t)sprintf(text, "-----BEGIN A-----");
		struct pem in = { text, 0 };

		for (size_t i = 0; i < size; i += 3) {
			uint32_t word = 0;

			for (size_t k = 0; k < 3; k++)
				word = word << 8 | (i + k < size ? (uint8_t)(i + k) : 0);
			for (size_t k = 0; k < 4; k++)
				text[at++] = i + k > size ? '=' : digits[word >> (18 - 6 * k) & 63];
			if (i % 48 == 45)
				text[at++] = '\n';
		}
		in.size = at + (size_t)sprintf(text + at, "-----END A-----");
		assert_int_equal(pem_next(&in, "A", out, sizeof(out)), size);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(out[i], (uint8_t)i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_element_is_taken_by_its_tag),
		cmocka_unit_test(lengths_and_forms_that_lie_are_refused),
		cmocka_unit_test(numbers_are_minimal_and_not_negative),
		cmocka_unit_test(pem_blocks_come_one_after_the_other),
		cmocka_unit_test(pem_blocks_that_are_broken_are_refused),
		cmocka_unit_test(nothing_stands_behind_padding),
		cmocka_unit_test(pem_of_any_length_is_decoded_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
