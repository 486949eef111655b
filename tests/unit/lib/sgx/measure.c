// SPDX-License-Identifier: Apache-2.0
/* The records of MRENCLAVE, byte for byte as the SDM's pseudocode of the three leaves has them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "lib/sgx/measure.h"
#include "sgx/secinfo.h"

static int load(void **state)
{
	struct err e;

	(void)state;
	return crypto_load(&e);
}

static void expect_digest(struct sha256 *s, const void *stream, size_t size)
{
	uint8_t found[SHA256_SIZE], expected[SHA256_SIZE];

	sha256_final(s, found);
	sha256_digest(stream, size, expected);
	assert_memory_equal(found, expected, SHA256_SIZE);
}

static void ecreate_measures_ssaframesize_size_and_the_cet_bitmap(void **state)
{
	uint8_t record[64] = "ECREATE\0"
			     "\x04\x03\x02\x01"
			     "\x00\x00\x02\x00\x00\x00\x00\x80"
			     "\x88\x77\x66\x55\x44\x33\x22\x11";
	struct sha256 s;

	(void)state;
	measure_ecreate(&s, 0x01020304, 0x8000000000020000, 0x1122334455667788);
	expect_digest(&s, record, sizeof(record));
}

static void eadd_measures_offset_and_secinfo(void **state)
{
	uint8_t record[64] = "EADD\0\0\0\0"
			     "\x00\x30\x00\x00\x01\x00\x00\x00"
			     "\x05\x02\x00\x00\x00\x00\x00\x00";
	struct sha256 s;

	(void)state;
	sha256_init(&s);
	measure_eadd(&s, 0x100003000, SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_X);
	expect_digest(&s, record, sizeof(record));
}

static void a_tcs_is_measured_without_permissions(void **state)
{
	uint8_t record[64] = "EADD\0\0\0\0"
			     "\x00\x10\x00\x00\x00\x00\x00\x00"
			     "\x00\x01\x00\x00\x00\x00\x00\x00";
	struct sha256 s;

	(void)state;
	sha256_init(&s);
	measure_eadd(&s, 0x1000, SGX_SECINFO_TCS | SGX_SECINFO_RWX);
	expect_digest(&s, record, sizeof(record));
}

static void a_page_is_sixteen_eextends_with_their_data(void **state)
{
	uint8_t page[SGX_PAGE_SIZE], stream[16 * (64 + MEASURE_CHUNK)] = { 0 };
	struct sha256 s;

	(void)state;
	for (size_t i = 0; i < sizeof(page); i++)
		page[i] = (uint8_t)(i * 31 + i / 256);
	for (size_t i = 0; i < 16; i++) {
		uint8_t *record = stream + i * (64 + MEASURE_CHUNK);
		uint64_t offset = 0x7000 + i * MEASURE_CHUNK;

		memcpy(record, "EEXTEND", 8);
		memcpy(record + 8, &offset, 8);
		memcpy(record + 64, page + i * MEASURE_CHUNK, MEASURE_CHUNK);
	}
	sha256_init(&s);
	measure_page(&s, 0x7000, page);
	expect_digest(&s, stream, sizeof(stream));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ecreate_measures_ssaframesize_size_and_the_cet_bitmap),
		cmocka_unit_test(eadd_measures_offset_and_secinfo),
		cmocka_unit_test(a_tcs_is_measured_without_permissions),
		cmocka_unit_test(a_page_is_sixteen_eextends_with_their_data),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
