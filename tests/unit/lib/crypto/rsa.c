// SPDX-License-Identifier: Apache-2.0
/* RSA as EINIT does it, on signatures of one key, short quotients among them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <openssl/bn.h>
#include <string.h>

#include "lib/crypto/crypto.h"
#include "tests/unit/lib/crypto/keys.h"

static struct keys keys;
static struct rsa3072_key *key;
static uint8_t modulus[RSA3072_SIZE];

struct signed_digest {
	uint8_t digest[SHA256_SIZE], signature[RSA3072_SIZE];
	uint8_t q1[RSA3072_SIZE], q2[RSA3072_SIZE];
};

static int setup(void **state)
{
	EVP_PKEY *pkey = keys_rsa(3072, 3);
	struct err e;
	int r = crypto_load(&e);

	(void)state;
	keys_make(&keys);
	if (r == 0)
		r = rsa3072_key_load(keys_pem(&keys, "key.pem", pkey, KEYS_PRIVATE), &key, &e);
	if (r == 0)
		rsa3072_modulus(key, modulus);
	EVP_PKEY_free(pkey);
	return r;
}

static int teardown(void **state)
{
	(void)state;
	rsa3072_key_free(key);
	keys_remove(&keys);
	return 0;
}

/* The n-th signature, with its quotients. */
static struct signed_digest nth(unsigned int n)
{
	struct signed_digest s;
	struct err e;

	sha256_digest(&n, sizeof(n), s.digest);
	assert_int_equal(rsa3072_sign(key, s.digest, s.signature, &e), 0);
	memset(s.q1, 0xaa, sizeof(s.q1));
	memset(s.q2, 0xaa, sizeof(s.q2));
	rsa3072_q(modulus, s.signature, s.q1, s.q2);
	return s;
}

static bool verify_q(const struct signed_digest *s)
{
	return rsa3072_verify_q(modulus, s->signature, s->q1, s->q2, s->digest);
}

/* Number += by, little-endian, within its 384 bytes. */
static void add(uint8_t number[RSA3072_SIZE], int by)
{
	BIGNUM *bn = BN_lebin2bn(number, RSA3072_SIZE, NULL);

	assert_true(by < 0 ? BN_sub_word(bn, (BN_ULONG)-by) : BN_add_word(bn, (BN_ULONG)by));
	assert_int_equal(BN_bn2lebinpad(bn, number, RSA3072_SIZE), RSA3072_SIZE);
	BN_free(bn);
}

/* floor(S^2 / M) and floor((S^3 - Q1 * S * M) / M), computed as they are written. */
static void expect_floors(const struct signed_digest *s)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *m = BN_lebin2bn(modulus, RSA3072_SIZE, NULL), *q1 = BN_new(), *q2 = BN_new();
	BIGNUM *n = BN_lebin2bn(s->signature, RSA3072_SIZE, NULL), *a = BN_new(), *b = BN_new();
	uint8_t expected[RSA3072_SIZE];

	assert_true(BN_sqr(a, n, ctx) && BN_div(q1, NULL, a, m, ctx));
	assert_true(BN_mul(a, a, n, ctx) && BN_mul(b, q1, n, ctx) && BN_mul(b, b, m, ctx));
	assert_true(BN_sub(a, a, b) && BN_div(q2, NULL, a, m, ctx));
	assert_int_equal(BN_bn2lebinpad(q1, expected, RSA3072_SIZE), RSA3072_SIZE);
	assert_memory_equal(s->q1, expected, RSA3072_SIZE);
	assert_int_equal(BN_bn2lebinpad(q2, expected, RSA3072_SIZE), RSA3072_SIZE);
	assert_memory_equal(s->q2, expected, RSA3072_SIZE);
	BN_free(m), BN_free(n), BN_free(q1), BN_free(q2), BN_free(a), BN_free(b);
	BN_CTX_free(ctx);
}

/* About 7 of 100 first quotients and 3 of 100 second ones have a top byte of 0. */
static void short_quotients_are_padded(void **state)
{
	bool short_q1 = false, short_q2 = false;

	(void)state;
	for (unsigned int n = 0; n < 3000 && !(short_q1 && short_q2 && n >= 50); n++) {
		struct signed_digest s = nth(n);

		expect_floors(&s);
		assert_true(verify_q(&s));
		assert_true(rsa3072_verify(modulus, s.signature, s.digest));
		short_q1 |= s.q1[RSA3072_SIZE - 1] == 0;
		short_q2 |= s.q2[RSA3072_SIZE - 1] == 0;
	}
	assert_true(short_q1);
	assert_true(short_q2);
}

static void a_quotient_one_off_does_not_verify(void **state)
{
	static const int steps[] = { 1, -1 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct signed_digest s = nth(1);

		add(s.q1, steps[i]);
		assert_false(verify_q(&s));
		s = nth(1);
		add(s.q2, steps[i]);
		assert_false(verify_q(&s));
	}
}

static void another_digest_does_not_verify(void **state)
{
	struct signed_digest s = nth(2);

	(void)state;
	s.digest[31] ^= 1;
	assert_false(rsa3072_verify(modulus, s.signature, s.digest));
	assert_false(verify_q(&s));
}

static void a_changed_signature_does_not_verify(void **state)
{
	struct signed_digest s = nth(3);

	(void)state;
	s.signature[0] ^= 1;
	assert_false(rsa3072_verify(modulus, s.signature, s.digest));
	assert_false(verify_q(&s));
	rsa3072_q(modulus, s.signature, s.q1, s.q2);
	assert_false(verify_q(&s));
}

static void a_signature_not_below_the_modulus_does_not_verify(void **state)
{
	struct signed_digest s = nth(4);
	uint8_t zero[RSA3072_SIZE] = { 0 };

	(void)state;
	memcpy(s.signature, modulus, RSA3072_SIZE);
	assert_false(rsa3072_verify(modulus, s.signature, s.digest));
	assert_false(verify_q(&s));
	rsa3072_q(modulus, s.signature, s.q1, s.q2);
	assert_memory_equal(s.q1, zero, sizeof(zero));
	assert_memory_equal(s.q2, zero, sizeof(zero));
}

static void a_modulus_of_zero_is_survived(void **state)
{
	struct signed_digest s = nth(5);
	uint8_t zero[RSA3072_SIZE] = { 0 };

	(void)state;
	assert_false(rsa3072_verify(zero, s.signature, s.digest));
	assert_false(rsa3072_verify(zero, zero, s.digest));
	assert_false(rsa3072_verify_q(zero, s.signature, s.q1, s.q2, s.digest));
	rsa3072_q(zero, s.signature, s.q1, s.q2);
	assert_memory_equal(s.q1, zero, sizeof(zero));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_quotients_are_padded),
		cmocka_unit_test(a_quotient_one_off_does_not_verify),
		cmocka_unit_test(another_digest_does_not_verify),
		cmocka_unit_test(a_changed_signature_does_not_verify),
		cmocka_unit_test(a_signature_not_below_the_modulus_does_not_verify),
		cmocka_unit_test(a_modulus_of_zero_is_survived),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
