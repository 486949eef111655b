// SPDX-License-Identifier: Apache-2.0
/* Which PEM files are keys for SGX, and what is said about the others. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/crypto/crypto.h"
#include "tests/unit/lib/crypto/keys.h"

static struct keys keys;
static EVP_PKEY *good;

static int setup(void **state)
{
	struct err e;

	(void)state;
	keys_make(&keys);
	good = keys_rsa(3072, 3);
	return crypto_load(&e);
}

static int teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(good);
	keys_remove(&keys);
	return 0;
}

typedef int loader(const char *path, struct rsa3072_key **ret, struct err *e);

/* The loader fails with "PATH: cause" and leaves its output as it was. */
static void expect_refused(loader *load, const char *path, const char *cause)
{
	struct rsa3072_key *const untouched = (struct rsa3072_key *)&keys;
	struct rsa3072_key *key = untouched;
	char expected[sizeof(((struct err *)0)->text)];
	struct err e;

	snprintf(expected, sizeof(expected), "%s: %s", path, cause);
	assert_int_equal(load(path, &key, &e), -EINVAL);
	assert_string_equal(e.text, expected);
	assert_ptr_equal(key, untouched);
}

static void a_key_of_another_size_is_refused(void **state)
{
	EVP_PKEY *pkey = keys_rsa(2048, 3);

	(void)state;
	expect_refused(rsa3072_key_load, keys_pem(&keys, "small.pem", pkey, KEYS_PRIVATE),
	               "an RSA key of 2048 bits, SGX takes only 3072");
	expect_refused(rsa3072_public_load, keys_pem(&keys, "small.pub", pkey, KEYS_PUBLIC),
	               "an RSA key of 2048 bits, SGX takes only 3072");
	EVP_PKEY_free(pkey);
}

static void a_key_with_another_exponent_is_refused(void **state)
{
	EVP_PKEY *pkey = keys_rsa(3072, 65537);

	(void)state;
	expect_refused(rsa3072_key_load, keys_pem(&keys, "f4.pem", pkey, KEYS_PRIVATE),
	               "an RSA key whose exponent is not 3, SGX takes only 3");
	EVP_PKEY_free(pkey);
}

static void a_key_that_is_not_rsa_is_refused(void **state)
{
	EVP_PKEY *pkey = keys_ec();

	(void)state;
	expect_refused(rsa3072_key_load, keys_pem(&keys, "ec.pem", pkey, KEYS_PRIVATE),
	               "not an RSA key");
	EVP_PKEY_free(pkey);
}

static void an_encrypted_key_asks_nobody(void **state)
{
	(void)state;
	expect_refused(rsa3072_key_load, keys_pem(&keys, "locked.pem", good, KEYS_ENCRYPTED),
	               "the key is encrypted");
}

static void what_is_not_a_key_is_refused(void **state)
{
	(void)state;
	expect_refused(rsa3072_key_load, keys_text(&keys, "text", "hello\n"),
	               "no private key in PEM");
	expect_refused(rsa3072_key_load, keys_text(&keys, "empty", ""), "no private key in PEM");
	expect_refused(rsa3072_public_load, keys_text(&keys, "text", "hello\n"),
	               "no public key in PEM");
	expect_refused(rsa3072_key_load, keys_pem(&keys, "good.pub", good, KEYS_PUBLIC),
	               "no private key in PEM");
}

static void a_missing_file_is_named(void **state)
{
	struct rsa3072_key *key = NULL;
	struct err e;

	(void)state;
	assert_int_equal(rsa3072_key_load("no/such.pem", &key, &e), -ENOENT);
	assert_non_null(strstr(e.text, "no/such.pem"));
	assert_null(key);
}

static void every_form_of_a_key_has_its_modulus(void **state)
{
	static const enum keys_form forms[] = { KEYS_PRIVATE, KEYS_PUBLIC, KEYS_CERTIFICATE };
	uint8_t expected[RSA3072_SIZE], found[RSA3072_SIZE];
	struct rsa3072_key *key = NULL;
	struct err e;

	(void)state;
	assert_int_equal(
		rsa3072_key_load(keys_pem(&keys, "good.pem", good, KEYS_PRIVATE), &key, &e), 0);
	rsa3072_modulus(key, expected);
	rsa3072_key_free(key);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const char *path = keys_pem(&keys, "good.any", good, forms[i]);

		assert_int_equal(rsa3072_public_load(path, &key, &e), 0);
		rsa3072_modulus(key, found);
		assert_memory_equal(found, expected, sizeof(found));
		rsa3072_key_free(key);
	}
	rsa3072_key_free(NULL);
}

static void only_a_private_key_signs(void **state)
{
	uint8_t signature[RSA3072_SIZE] = { 1, 2, 3 }, before[RSA3072_SIZE] = { 1, 2, 3 };
	uint8_t digest[SHA256_SIZE] = { 0 }, modulus[RSA3072_SIZE];
	struct rsa3072_key *key = NULL;
	struct err e;

	(void)state;
	assert_int_equal(
		rsa3072_public_load(keys_pem(&keys, "good.pub", good, KEYS_PUBLIC), &key, &e), 0);
	assert_int_equal(rsa3072_sign(key, digest, signature, &e), -EINVAL);
	assert_memory_equal(signature, before, sizeof(before));
	rsa3072_key_free(key);
	assert_int_equal(
		rsa3072_public_load(keys_pem(&keys, "good.pem", good, KEYS_PRIVATE), &key, &e), 0);
	assert_int_equal(rsa3072_sign(key, digest, signature, &e), 0);
	rsa3072_modulus(key, modulus);
	assert_true(rsa3072_verify(modulus, signature, digest));
	rsa3072_key_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_of_another_size_is_refused),
		cmocka_unit_test(a_key_with_another_exponent_is_refused),
		cmocka_unit_test(a_key_that_is_not_rsa_is_refused),
		cmocka_unit_test(an_encrypted_key_asks_nobody),
		cmocka_unit_test(what_is_not_a_key_is_refused),
		cmocka_unit_test(a_missing_file_is_named),
		cmocka_unit_test(every_form_of_a_key_has_its_modulus),
		cmocka_unit_test(only_a_private_key_signs),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
