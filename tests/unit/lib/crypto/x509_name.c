// SPDX-License-Identifier: Apache-2.0
/* Names and times of certificates, byte by byte: what OpenSSL would not make. */
#include "lib/crypto/x509_private.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* One attribute of a name: SET { SEQUENCE { OID, value } }. */
static size_t attribute(uint8_t *at, const uint8_t *oid, size_t oid_size, uint8_t tag, char fill,
                        size_t size)
{
	size_t inner = 2 + oid_size + 4 + size;
	const uint8_t head[] = { 0x31, 0x82, (uint8_t)((inner + 4) >> 8), (uint8_t)(inner + 4),
		                 0x30, 0x82, (uint8_t)(inner >> 8),       (uint8_t)inner };
	uint8_t *from = at;

	memcpy(at, head, sizeof(head));
	at += sizeof(head);
	*at++ = 0x06;
	*at++ = (uint8_t)oid_size;
	memcpy(at, oid, oid_size);
	at += oid_size;
	*at++ = tag;
	*at++ = 0x82;
	*at++ = (uint8_t)(size >> 8);
	*at++ = (uint8_t)size;
	memset(at, fill, size);
	return (size_t)(at - from) + size;
}

static const struct {
	uint8_t number; /* of the attribute; 0: a long OID of nobody's */
	uint8_t tag;
	char fill;
	size_t size, times;
	bool good;
} names[] = {
	{ 3, 0x0c, 'a', 127, 1, true },   { 3, 0x0c, 'a', 128, 1, false },
	{ 6, 0x13, 'a', 15, 1, true },    { 6, 0x13, 'a', 16, 1, false },
	{ 10, 0x16, 'a', 128, 1, false }, { 11, 0x0c, 'a', 200, 2, true },
	{ 11, 0x0c, 'a', 200, 3, false }, { 11, 0x0c, 'a', 505, 1, true },
	{ 11, 0x0c, 'a', 600, 1, false }, { 11, 0x0c, ',', 252, 1, true },
	{ 11, 0x0c, ',', 256, 1, false }, { 11, 0x0c, 0, 3, 1, false },
	{ 3, 0x1e, 'a', 4, 1, false }, /* BMPString */
	{ 0, 0x0c, 'a', 4, 1, false },
};

static void names_are_read_within_their_bounds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		uint8_t *der = malloc(8192), oid[30] = { 0x55, 0x04, names[i].number };
		struct x509_name *name = malloc(sizeof(*name)); /* for a sanitizer to guard */
		size_t size = 0;
		struct err e;

		assert_true(der && name);
		for (size_t k = 0; k < names[i].times; k++)
			size += attribute(der + size, oid, names[i].number ? 3 : 30, names[i].tag,
			                  names[i].fill, names[i].size);
		assert_int_equal(x509_name_read((struct der){ der, size }, name, &e),
		                 names[i].good ? 0 : -EINVAL);
		if (names[i].good)
			assert_true(strlen(name->text) >= names[i].size);
		free(name);
		free(der);
	}
}

static void times_are_of_the_two_forms_of_rfc_5280(void **state)
{
	static const struct {
		const char *der;
		int64_t time; /* -1: refused */
	} rows[] = {
		{ "\x17\x0d"
		  "700101000000Z",
		  0 },
		{ "\x17\x0d"
		  "491231235959Z",
		  INT64_C(2524607999) },
		{ "\x17\x0d"
		  "500101000000Z",
		  INT64_C(-631152000) },
		{ "\x18\x0f"
		  "20250601000000Z",
		  1748736000 },
		{ "\x17\x0d"
		  "7001010000000",
		  -1 },
		{ "\x17\x0d"
		  "70010100000aZ",
		  -1 },
		{ "\x17\x0d"
		  "701301000000Z",
		  -1 },
		{ "\x17\x0d"
		  "700230000000Z",
		  -1 },
		{ "\x17\x0d"
		  "700101240000Z",
		  -1 },
		{ "\x17\x0b"
		  "7001010000Z",
		  -1 },
		{ "\x18\x0d"
		  "700101000000Z",
		  -1 },
		{ "\x18\x13"
		  "20250601000000+0100",
		  -1 },
		{ "\x0c\x0d"
		  "700101000000Z",
		  -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct der in = { (const uint8_t *)rows[i].der, strlen(rows[i].der) };
		int64_t time = 0;
		bool good = x509_time_read(&in, &time);

		assert_int_equal(good, rows[i].time != -1);
		if (good)
			assert_int_equal(time, rows[i].time);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_read_within_their_bounds),
		cmocka_unit_test(times_are_of_the_two_forms_of_rfc_5280),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
