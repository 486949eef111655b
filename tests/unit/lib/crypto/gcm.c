// SPDX-License-Identifier: Apache-2.0
/* AES-GCM against published vectors and against OpenSSL's own, and what it refuses. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <openssl/evp.h>
#include <string.h>

#include "lib/base/hex.h"
#include "lib/crypto/crypto.h"

#define SIZE 4111 /* a page and something */

static int load(void **state)
{
	struct err e;

	(void)state;
	return crypto_load(&e);
}

static void assert_hex(const uint8_t *data, size_t size, const char *text)
{
	char got[2 * 64 + 1];

	hex_encode(data, size, got);
	assert_string_equal(got, text);
}

/* Test cases 1, 2 and 4 of "The Galois/Counter Mode of Operation", McGrew and Viega. */
static void published_vectors(void **state)
{
	static const char plain_text[] =
		"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
		"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
	uint8_t key[16] = { 0 }, iv[12] = { 0 }, plain[60] = { 0 }, header[20], out[60], tag[16];

	(void)state;
	gcm_aes128_seal(key, iv, NULL, 0, plain, out, 0, tag);
	assert_hex(tag, 16, "58e2fccefa7e3061367f1d57a4e7455a");
	gcm_aes128_seal(key, iv, NULL, 0, plain, out, 16, tag);
	assert_hex(out, 16, "0388dace60b6a392f328c2b971b2fe78");
	assert_hex(tag, 16, "ab6e47d42cec13bdf53a67b21257bddf");

	assert_int_equal(hex_decode("feffe9928665731c6d6a8f9467308308", key, 16), 0);
	assert_int_equal(hex_decode("cafebabefacedbaddecaf888", iv, 12), 0);
	assert_int_equal(hex_decode("feedfacedeadbeeffeedfacedeadbeefabaddad2", header, 20), 0);
	assert_int_equal(hex_decode(plain_text, plain, 60), 0);
	gcm_aes128_seal(key, iv, header, 20, plain, out, 60, tag);
	assert_hex(out, 60,
	           "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
	           "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091");
	assert_hex(tag, 16, "5bc94fbc3221a5db94fae95ae7121a47");
}

static void fill(uint8_t *data, size_t size, unsigned int seed)
{
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)(i * i * 7 + i * seed + seed * 13);
}

static void assert_openssl_agrees(size_t header_size, size_t size)
{
	static uint8_t plain[SIZE], mine[SIZE], theirs[SIZE];
	uint8_t key[16], iv[12], header[130], tag[16], their_tag[16];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	fill(key, sizeof(key), (unsigned int)size);
	fill(iv, sizeof(iv), (unsigned int)header_size);
	fill(header, sizeof(header), 3);
	fill(plain, sizeof(plain), 5);
	gcm_aes128_seal(key, iv, header, header_size, plain, mine, size, tag);
	assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, key, iv), 1);
	if (header_size > 0)
		assert_int_equal(EVP_EncryptUpdate(ctx, NULL, &n, header, (int)header_size), 1);
	if (size > 0)
		assert_int_equal(EVP_EncryptUpdate(ctx, theirs, &n, plain, (int)size), 1);
	assert_int_equal(EVP_EncryptFinal_ex(ctx, theirs, &n), 1);
	assert_int_equal(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, 16, their_tag), 1);
	EVP_CIPHER_CTX_free(ctx);
	assert_memory_equal(tag, their_tag, 16);
	assert_memory_equal(mine, theirs, size);
	memset(theirs, 0, sizeof(theirs));
	assert_true(gcm_aes128_open(key, iv, header, header_size, mine, theirs, size, tag));
	assert_memory_equal(theirs, plain, size);
}

static void every_length_agrees_with_openssl(void **state)
{
	(void)state;
	for (size_t n = 0; n <= 130; n++) {
		assert_openssl_agrees(n, 33);
		assert_openssl_agrees(17, n);
	}
	assert_openssl_agrees(128, 4096);
	assert_openssl_agrees(0, SIZE);
}

static void any_changed_bit_is_refused_and_nothing_is_written(void **state)
{
	uint8_t key[16] = { 1 }, iv[12] = { 2 }, header[20] = { 3 }, text[40] = { 4 }, tag[16];
	const uint8_t untouched[40] = { 0 };
	uint8_t plain[40] = { 0 };
	struct {
		uint8_t *at;
		size_t size;
	} parts[] = { { key, 16 }, { iv, 12 }, { header, 20 }, { text, 40 }, { tag, 16 } };

	(void)state;
	gcm_aes128_seal(key, iv, header, sizeof(header), text, text, sizeof(text), tag);
	for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++) {
		for (size_t bit = 0; bit < parts[p].size * 8; bit++) {
			parts[p].at[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_false(gcm_aes128_open(key, iv, header, sizeof(header), text, plain,
			                             sizeof(text), tag));
			parts[p].at[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
	assert_memory_equal(plain, untouched, sizeof(plain));
	assert_true(
		gcm_aes128_open(key, iv, header, sizeof(header), text, text, sizeof(text), tag));
	assert_int_equal(text[0], 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors),
		cmocka_unit_test(every_length_agrees_with_openssl),
		cmocka_unit_test(any_changed_bit_is_refused_and_nothing_is_written),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
