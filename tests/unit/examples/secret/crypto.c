// SPDX-License-Identifier: Apache-2.0
/*
 * The cryptography of examples/secret, which runs in an enclave and so is its own: by the vectors of the
 * standards, and by libcrypto as the judge of random ones.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "examples/secret/enclave/aead.h"
#include "examples/secret/enclave/sha256.h"
#include "examples/secret/enclave/x25519.h"
#include "lib/base/hex.h"

#define LONGEST 400

static void bytes_of(const char *hex, uint8_t *ret)
{
	assert_int_equal(hex_decode(hex, ret, strlen(hex) / 2), 0);
}

static void random_bytes(uint8_t *ret, size_t size)
{
	assert_int_equal(RAND_bytes(ret, (int)size), 1);
}

static void check_x25519(const char *scalar, const char *point, const char *want)
{
	uint8_t k[32], u[32], expected[32], got[32];

	bytes_of(scalar, k);
	bytes_of(point, u);
	bytes_of(want, expected);
	assert_true(x25519(got, k, u));
	assert_memory_equal(got, expected, 32);
}

/* RFC 7748, section 5.2. */
static void x25519_gives_the_standards_results(void **state)
{
	(void)state;
	check_x25519("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
	             "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
	             "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
	check_x25519("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
	             "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
	             "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
}

/* The same section: k and u feed each other a thousand times. */
static void x25519_gives_the_result_of_a_thousand_rounds(void **state)
{
	uint8_t k[32] = { 9 }, u[32] = { 9 }, next[32], expected[32];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_true(x25519(next, k, u));
		memcpy(u, k, 32);
		memcpy(k, next, 32);
		if (i == 0) {
			bytes_of("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079",
			         expected);
			assert_memory_equal(k, expected, 32);
		}
	}
	bytes_of("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51", expected);
	assert_memory_equal(k, expected, 32);
}

static void x25519_agrees_with_libcrypto(void **state)
{
	(void)state;
	for (int i = 0; i < 200; i++) {
		uint8_t mine[32], theirs[32], got[32], want[32];
		size_t size = sizeof(want);
		EVP_PKEY *a, *b;
		EVP_PKEY_CTX *context;

		random_bytes(mine, sizeof(mine));
		random_bytes(theirs, sizeof(theirs));
		/* The largest, which are above the field's size, and the smallest. */
		if (i < 40)
			memset(theirs + 1, i % 2 ? 0xff : 0, sizeof(theirs) - 1);
		a = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, mine, sizeof(mine));
		b = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, theirs, sizeof(theirs));
		context = EVP_PKEY_CTX_new(a, NULL);
		assert_int_equal(EVP_PKEY_derive_init(context), 1);
		assert_int_equal(EVP_PKEY_derive_set_peer(context, b), 1);
		if (EVP_PKEY_derive(context, want, &size) > 0) {
			assert_true(x25519(got, mine, theirs));
			assert_memory_equal(got, want, sizeof(got));
		} else {
			assert_false(x25519(got, mine, theirs));
		}
		size = sizeof(want);
		assert_int_equal(EVP_PKEY_get_raw_public_key(a, want, &size), 1);
		x25519_public(got, mine);
		assert_memory_equal(got, want, sizeof(got));
		EVP_PKEY_CTX_free(context);
		EVP_PKEY_free(a);
		EVP_PKEY_free(b);
	}
}

/* Points of small order: 0, 1, p - 1, p, p + 1, and one of order 8, each with every private key. */
static void x25519_refuses_keys_that_decide_the_result(void **state)
{
	static const char *const points[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	};
	uint8_t key[32], point[32], got[32];

	(void)state;
	random_bytes(key, sizeof(key));
	for (size_t i = 0; i < sizeof(points) / sizeof(*points); i++) {
		bytes_of(points[i], point);
		assert_false(x25519(got, key, point));
	}
}

static void sha256_of(const void *bytes, size_t size, uint8_t ret[SHA256_SIZE])
{
	struct sha256 s;

	sha256_start(&s);
	sha256_add(&s, bytes, size);
	sha256_end(&s, ret);
}

/* FIPS 180-4's examples. */
static void sha256_gives_the_standards_results(void **state)
{
	static const char two[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	uint8_t got[32], want[32];

	(void)state;
	sha256_of("abc", 3, got);
	bytes_of("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", want);
	assert_memory_equal(got, want, 32);
	sha256_of(two, sizeof(two) - 1, got);
	bytes_of("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", want);
	assert_memory_equal(got, want, 32);
}

static void sha256_and_hmac_agree_with_libcrypto_for_every_size(void **state)
{
	uint8_t text[LONGEST], key[LONGEST], got[32], want[32];
	struct hmac h;

	(void)state;
	random_bytes(text, sizeof(text));
	random_bytes(key, sizeof(key));
	for (size_t size = 0; size < LONGEST; size++) {
		size_t key_size = size * 7 % 200;

		sha256_of(text, size, got);
		assert_int_equal(EVP_Digest(text, size, want, NULL, EVP_sha256(), NULL), 1);
		assert_memory_equal(got, want, 32);
		hmac_start(&h, key, key_size);
		hmac_add(&h, text, size / 3);
		hmac_add(&h, text + size / 3, size - size / 3);
		hmac_end(&h, got);
		assert_non_null(HMAC(EVP_sha256(), key, (int)key_size, text, size, want, NULL));
		assert_memory_equal(got, want, 32);
	}
}

/* RFC 5869, appendix A.1 and A.3: the first 32 bytes. */
static void hkdf_gives_the_standards_results(void **state)
{
	uint8_t key[22], salt[13], info[10], got[32], want[32];

	(void)state;
	memset(key, 0x0b, sizeof(key));
	bytes_of("000102030405060708090a0b0c", salt);
	bytes_of("f0f1f2f3f4f5f6f7f8f9", info);
	hkdf(got, salt, sizeof(salt), key, sizeof(key), info, sizeof(info));
	bytes_of("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf", want);
	assert_memory_equal(got, want, 32);
	hkdf(got, salt, 0, key, sizeof(key), info, 0);
	bytes_of("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d", want);
	assert_memory_equal(got, want, 32);
}

/* RFC 8439, section 2.8.2. */
static void aead_gives_the_standards_result(void **state)
{
	static const char text[] =
		"Ladies and Gentlemen of the class of '99: If I could offer you only "
		"one tip for the future, sunscreen would be it.";
	uint8_t key[32], nonce[12], beside[12], tag[16], want[16], start[16];
	uint8_t work[sizeof(text)];
	size_t size = sizeof(text) - 1;

	(void)state;
	bytes_of("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", key);
	bytes_of("070000004041424344454647", nonce);
	bytes_of("50515253c0c1c2c3c4c5c6c7", beside);
	memcpy(work, text, sizeof(text));
	aead_seal(key, nonce, beside, sizeof(beside), work, size, tag);
	bytes_of("d31a8d34648e60db7b86afbc53ef7ec2", start);
	assert_memory_equal(work, start, sizeof(start));
	bytes_of("1ae10b594f09e26a7e902ecbd0600691", want);
	assert_memory_equal(tag, want, sizeof(want));
	assert_int_equal(aead_open(key, nonce, beside, sizeof(beside), work, size, tag), 0);
	assert_memory_equal(work, text, size);
}

static void judge_seal(const uint8_t *key, const uint8_t *nonce, const uint8_t *beside,
                       size_t beside_size, const uint8_t *text, size_t size, uint8_t *ret)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int done;

	assert_int_equal(EVP_EncryptInit_ex(context, EVP_chacha20_poly1305(), NULL, key, nonce), 1);
	assert_int_equal(EVP_EncryptUpdate(context, NULL, &done, beside, (int)beside_size), 1);
	assert_int_equal(EVP_EncryptUpdate(context, ret, &done, text, (int)size), 1);
	assert_int_equal(EVP_EncryptFinal_ex(context, ret + size, &done), 1);
	assert_int_equal(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, ret + size), 1);
	EVP_CIPHER_CTX_free(context);
}

static void aead_agrees_with_libcrypto_for_every_size(void **state)
{
	uint8_t key[32], nonce[12], beside[LONGEST], text[LONGEST], got[LONGEST + 16],
		want[LONGEST + 16];

	(void)state;
	for (size_t size = 0; size < LONGEST; size++) {
		size_t beside_size = size * 5 % 67;

		random_bytes(key, sizeof(key));
		random_bytes(nonce, sizeof(nonce));
		random_bytes(beside, sizeof(beside));
		random_bytes(text, sizeof(text));
		/* Sums at the edge of what Poly1305's limbs hold. */
		if (size % 3 == 0)
			memset(beside, 0xff, sizeof(beside));
		judge_seal(key, nonce, beside, beside_size, text, size, want);
		memcpy(got, text, size);
		aead_seal(key, nonce, beside, beside_size, got, size, got + size);
		assert_memory_equal(got, want, size + 16);
		assert_int_equal(aead_open(key, nonce, beside, beside_size, got, size, got + size),
		                 0);
		assert_memory_equal(got, text, size);
	}
}

static void aead_opens_nothing_that_was_changed(void **state)
{
	uint8_t key[32], nonce[12], beside[20], text[50], sealed[50 + 16], was[50 + 16];

	(void)state;
	random_bytes(key, sizeof(key));
	random_bytes(nonce, sizeof(nonce));
	random_bytes(beside, sizeof(beside));
	random_bytes(text, sizeof(text));
	memcpy(sealed, text, sizeof(text));
	aead_seal(key, nonce, beside, sizeof(beside), sealed, sizeof(text), sealed + sizeof(text));
	memcpy(was, sealed, sizeof(was));
	for (size_t bit = 0; bit < 8 * sizeof(sealed); bit++) {
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(aead_open(key, nonce, beside, sizeof(beside), sealed, sizeof(text),
		                           sealed + sizeof(text)),
		                 -EINVAL);
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		/* And nothing was decrypted. */
		assert_memory_equal(sealed, was, sizeof(was));
	}
	for (size_t i = 0; i < sizeof(beside); i++) {
		beside[i] ^= 1;
		assert_int_equal(aead_open(key, nonce, beside, sizeof(beside), sealed, sizeof(text),
		                           sealed + sizeof(text)),
		                 -EINVAL);
		beside[i] ^= 1;
	}
	assert_int_equal(aead_open(key, nonce, beside, sizeof(beside) - 1, sealed, sizeof(text),
	                           sealed + sizeof(text)),
	                 -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(x25519_gives_the_standards_results),
		cmocka_unit_test(x25519_gives_the_result_of_a_thousand_rounds),
		cmocka_unit_test(x25519_agrees_with_libcrypto),
		cmocka_unit_test(x25519_refuses_keys_that_decide_the_result),
		cmocka_unit_test(sha256_gives_the_standards_results),
		cmocka_unit_test(sha256_and_hmac_agree_with_libcrypto_for_every_size),
		cmocka_unit_test(hkdf_gives_the_standards_results),
		cmocka_unit_test(aead_gives_the_standards_result),
		cmocka_unit_test(aead_agrees_with_libcrypto_for_every_size),
		cmocka_unit_test(aead_opens_nothing_that_was_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
