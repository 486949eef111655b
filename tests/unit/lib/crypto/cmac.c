// SPDX-License-Identifier: Apache-2.0
/* AES-CMAC against RFC 4493 and against OpenSSL's own, and the comparison of MACs. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

#include "lib/base/hex.h"
#include "lib/crypto/crypto.h"

static const uint8_t key[16] = { 0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6,
	                         0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c };
static const char message[] = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
			      "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";

static int load(void **state)
{
	struct err e;

	(void)state;
	return crypto_load(&e);
}

static void rfc_4493_vectors(void **state)
{
	static const struct {
		size_t size;
		const char *mac;
	} rows[] = {
		{ 0, "bb1d6929e95937287fa37d129b756746" },
		{ 16, "070a16b46b4d4144f79bdd9dd04a287c" },
		{ 40, "dfa66747de9ae63030ca32611497c827" },
		{ 64, "51f0bebf7e3b9d92fc49741779363cfe" },
	};
	uint8_t data[64], mac[16];
	char text[33];

	(void)state;
	assert_int_equal(hex_decode(message, data, sizeof(data)), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cmac_aes128(key, data, rows[i].size, mac);
		hex_encode(mac, sizeof(mac), text);
		assert_string_equal(text, rows[i].mac);
	}
}

static void every_length_agrees_with_openssl(void **state)
{
	uint8_t data[432], mine[16], theirs[16];
	size_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 11 + 3);
	for (size_t n = 0; n <= sizeof(data); n++) {
		cmac_aes128(data, data, n, mine);
		assert_non_null(EVP_Q_mac(NULL, "CMAC", NULL, "AES-128-CBC", NULL, data, 16, data,
		                          n, theirs, sizeof(theirs), &size));
		assert_int_equal(size, 16);
		assert_memory_equal(mine, theirs, 16);
	}
}

static void equal_sees_every_byte(void **state)
{
	uint8_t a[16] = { 0 }, b[16] = { 0 };

	(void)state;
	assert_true(crypto_equal(a, b, sizeof(a)));
	for (size_t i = 0; i < sizeof(a); i++) {
		b[i] = 0x80;
		assert_false(crypto_equal(a, b, sizeof(a)));
		b[i] = 0;
	}
}

static void random_bytes_differ(void **state)
{
	uint8_t a[32] = { 0 }, b[32] = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(crypto_random(a, sizeof(a), &e), 0);
	assert_int_equal(crypto_random(b, sizeof(b), &e), 0);
	assert_memory_not_equal(a, b, sizeof(a));
	assert_int_equal(crypto_random(a, (size_t)1 << 32, &e), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc_4493_vectors),
		cmocka_unit_test(every_length_agrees_with_openssl),
		cmocka_unit_test(equal_sees_every_byte),
		cmocka_unit_test(random_bytes_differ),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
