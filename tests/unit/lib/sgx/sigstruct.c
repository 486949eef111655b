// SPDX-License-Identifier: Apache-2.0
/* SIGSTRUCTs: what is signed, what is checked, and what one permits. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/sgx/sigstruct.h"
#include "tests/unit/lib/crypto/keys.h"

static struct keys keys;
static struct rsa3072_key *key, *public_key;

/* A signed SIGSTRUCT for attributes 6 or 4, XFRM 3, MISCSELECT 1 and an MRENCLAVE of 0x11s. */
static struct sgx_sigstruct good;
static const uint8_t mrenclave[SHA256_SIZE] = { [0 ... SHA256_SIZE - 1] = 0x11 };

static void fill(struct sgx_sigstruct *sig)
{
	sigstruct_init(sig);
	sig->date = 0x20240229;
	sig->miscselect = SGX_MISC_EXINFO;
	sig->miscmask = UINT32_MAX;
	sig->attributes.flags = SGX_ATTR_MODE64BIT;
	sig->attributes.xfrm = SGX_XFRM_LEGACY;
	sig->attributemask.flags = ~SGX_ATTR_DEBUG;
	sig->attributemask.xfrm = UINT64_MAX;
	memcpy(sig->enclavehash, mrenclave, sizeof(mrenclave));
	sig->isvprodid = 7;
	sig->isvsvn = 9;
}

static struct sgx_secs secs_of(uint64_t flags, uint64_t xfrm, uint32_t miscselect)
{
	struct sgx_secs secs = { .miscselect = miscselect, .attributes = { flags, xfrm } };

	return secs;
}

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
		r = rsa3072_public_load(keys_pem(&keys, "key.pub", pkey, KEYS_PUBLIC), &public_key,
		                        &e);
	if (r == 0) {
		fill(&good);
		r = sigstruct_sign(&good, key, &e);
	}
	EVP_PKEY_free(pkey);
	return r;
}

static int teardown(void **state)
{
	(void)state;
	rsa3072_key_free(key);
	rsa3072_key_free(public_key);
	keys_remove(&keys);
	return 0;
}

static void what_is_signed_checks(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(sigstruct_check("x", &good, &e), 0);
}

/* Offsets of the SDM's table, not of the struct: 256 signed bytes, in order. */
static void the_signed_bytes_are_header_and_body(void **state)
{
	uint8_t tbs[SIGSTRUCT_TBS_SIZE];
	struct sgx_sigstruct sig;
	uint8_t *bytes = (uint8_t *)&sig;

	(void)state;
	for (size_t i = 0; i < sizeof(sig); i++)
		bytes[i] = (uint8_t)(i ^ i >> 8);
	sigstruct_tbs(&sig, tbs);
	assert_memory_equal(tbs, bytes, 128);
	assert_memory_equal(tbs + 128, bytes + 900, 128);
	memset(bytes, 0x55, 128);
	memset(bytes + 900, 0x55, 128);
	sigstruct_put_tbs(&sig, tbs);
	for (size_t i = 0; i < sizeof(sig); i++)
		assert_int_equal(bytes[i], (uint8_t)(i ^ i >> 8));
}

static void any_flipped_byte_is_noticed(void **state)
{
	struct err e;

	(void)state;
	for (size_t at = 0; at < sizeof(good); at++) {
		struct sgx_sigstruct sig = good;

		((uint8_t *)&sig)[at] ^= 0x10;
		if (sigstruct_check("x", &sig, &e) == 0)
			fail_msg("byte %zu", at);
	}
}

static const struct {
	size_t at;
	uint8_t flip;
	int code;
	const char *cause;
} broken[] = {
	{ 0, 1, -EINVAL, "not a SIGSTRUCT: its HEADER is another" },
	{ 24, 1, -EINVAL, "not a SIGSTRUCT: its HEADER2 is another" },
	{ 16, 1, -EINVAL, "VENDOR is 0x1, not 0 or 0x8086" },
	{ 44, 1, -EINVAL, "reserved bytes 44 to 127 are not 0" },
	{ 127, 1, -EINVAL, "reserved bytes 44 to 127 are not 0" },
	{ 512, 2, -EINVAL, "EXPONENT is 1, not 3" },
	{ 910, 1, -EINVAL, "reserved bytes 910 and 911 are not 0" },
	{ 1007, 1, -EINVAL, "reserved bytes 992 to 1007 are not 0" },
	{ 1028, 1, -EINVAL, "reserved bytes 1028 to 1039 are not 0" },
	{ 20, 1, -EBADMSG, "the signature does not verify" },
	{ 128, 2, -EBADMSG, "the signature does not verify" },
	{ 516, 1, -EBADMSG, "the signature does not verify" },
	{ 960, 1, -EBADMSG, "the signature does not verify" },
	{ 1040, 1, -EBADMSG, "Q1 or Q2 is not that of the signature" },
	{ 1807, 1, -EBADMSG, "Q1 or Q2 is not that of the signature" },
};

static void each_check_names_its_field(void **state)
{
	char expected[128];
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct sgx_sigstruct sig = good;

		((uint8_t *)&sig)[broken[i].at] ^= broken[i].flip;
		snprintf(expected, sizeof(expected), "encl.ss: %s", broken[i].cause);
		assert_int_equal(sigstruct_check("encl.ss", &sig, &e), broken[i].code);
		assert_string_equal(e.text, expected);
	}
}

static void the_vendor_may_be_intel(void **state)
{
	struct sgx_sigstruct sig;
	struct err e;

	(void)state;
	fill(&sig);
	sig.vendor = 0x8086;
	assert_int_equal(sigstruct_sign(&sig, key, &e), 0);
	assert_int_equal(sigstruct_check("x", &sig, &e), 0);
}

static void mrsigner_is_the_hash_of_the_stored_modulus(void **state)
{
	uint8_t expected[SHA256_SIZE], found[SHA256_SIZE], modulus[RSA3072_SIZE];

	(void)state;
	rsa3072_modulus(key, modulus);
	sha256_digest(modulus, sizeof(modulus), expected);
	sigstruct_mrsigner(&good, found);
	assert_memory_equal(found, expected, sizeof(found));
	/* Little-endian: the top bit of a modulus of 3072 bits is in the last byte. */
	assert_true(good.modulus[RSA3072_SIZE - 1] & 0x80);
}

static void a_public_key_does_not_sign(void **state)
{
	struct sgx_sigstruct sig, before;
	struct err e;

	(void)state;
	fill(&sig);
	before = sig;
	assert_int_equal(sigstruct_sign(&sig, public_key, &e), -EINVAL);
	assert_memory_equal(&sig, &before, sizeof(sig));
}

static void a_foreign_signature_joins_only_when_it_verifies(void **state)
{
	struct sgx_sigstruct sig, before;
	uint8_t modulus[RSA3072_SIZE], signature[RSA3072_SIZE];
	struct err e;

	(void)state;
	rsa3072_modulus(public_key, modulus);
	memcpy(signature, good.signature, sizeof(signature));
	fill(&sig);
	before = sig;
	signature[5] ^= 1;
	assert_int_equal(sigstruct_join(&sig, modulus, signature, &e), -EBADMSG);
	assert_memory_equal(&sig, &before, sizeof(sig));
	signature[5] ^= 1;
	assert_int_equal(sigstruct_join(&sig, modulus, signature, &e), 0);
	assert_memory_equal(&sig, &good, sizeof(sig));
}

#define DEBUG_ON (SGX_ATTR_MODE64BIT | SGX_ATTR_DEBUG)

static void what_the_masks_leave_open_is_permitted(void **state)
{
	const struct sgx_secs debug = secs_of(DEBUG_ON, 3, 1);
	const struct sgx_secs product = secs_of(SGX_ATTR_MODE64BIT, 3, 1);
	struct sgx_sigstruct sig = good;
	struct sgx_secs other = secs_of(DEBUG_ON, 7, 0);
	struct err e;

	(void)state;
	assert_int_equal(sigstruct_permits("x", &good, &debug, mrenclave, &e), 0);
	assert_int_equal(sigstruct_permits("x", &good, &product, mrenclave, &e), 0);
	sig.attributemask.xfrm = 3;
	sig.miscmask = 0;
	assert_int_equal(sigstruct_permits("x", &sig, &other, mrenclave, &e), 0);
}

static void expect_forbidden(const struct sgx_sigstruct *sig, const struct sgx_secs *secs,
                             const uint8_t hash[SHA256_SIZE], const char *cause)
{
	struct err e;

	assert_int_equal(sigstruct_permits("encl.ss", sig, secs, hash, &e), -EPERM);
	assert_memory_equal(e.text, "encl.ss: ", 9);
	assert_string_equal(e.text + 9, cause);
}

static void debug_is_forbidden_in_the_users_words(void **state)
{
	const struct sgx_secs debug = secs_of(DEBUG_ON, 3, 1);
	const struct sgx_secs product = secs_of(SGX_ATTR_MODE64BIT, 3, 1);
	struct sgx_sigstruct sig = good;

	(void)state;
	sig.attributemask.flags = UINT64_MAX;
	expect_forbidden(&sig, &debug, mrenclave, "the signature forbids debug");
	sig.attributes.flags = DEBUG_ON;
	expect_forbidden(&sig, &product, mrenclave, "the signature is only for debug");
}

static void every_other_difference_is_named(void **state)
{
	const struct sgx_secs attributes = secs_of(DEBUG_ON | SGX_ATTR_PROVISIONKEY, 3, 1);
	const struct sgx_secs xfrm = secs_of(DEBUG_ON, 7, 1), misc = secs_of(DEBUG_ON, 3, 0);
	const struct sgx_secs right = secs_of(DEBUG_ON, 3, 1);
	uint8_t hash[SHA256_SIZE] = { 0xab };
	struct sgx_sigstruct sig = good;
	struct sgx_secs cet = right;

	(void)state;
	expect_forbidden(&good, &attributes, mrenclave,
	                 "ATTRIBUTES are 0x16, signed are 0x4 under the mask 0xfffffffffffffffd");
	expect_forbidden(&good, &xfrm, mrenclave,
	                 "XFRM is 0x7, signed is 0x3 under the mask 0xffffffffffffffff");
	expect_forbidden(&good, &misc, mrenclave,
	                 "MISCSELECT is 0, signed is 0x1 under the mask 0xffffffff");
	expect_forbidden(
		&good, &right, hash,
		"MRENCLAVE of the image is "
		"ab00000000000000000000000000000000000000000000000000000000000000, signed is "
		"1111111111111111111111111111111111111111111111111111111111111111");
	cet.cet_attributes = 1;
	sig.cet_attributes_mask = 1;
	expect_forbidden(&sig, &cet, mrenclave,
	                 "CET_ATTRIBUTES are 0x1, signed are 0 under the mask 0x1");
	sig.isvfamilyid[3] = 1;
	expect_forbidden(&sig, &right, mrenclave, "ISVFAMILYID needs the attribute KSS");
}

static void only_a_file_of_1808_bytes_loads(void **state)
{
	static const size_t sizes[] = { 0, 1, 1807, 1809, 100000 };
	static char bytes[100000];
	struct sgx_sigstruct sig;
	struct err e;
	const char *path = keys_path(&keys, "x.ss");

	(void)state;
	memcpy(bytes, &good, sizeof(good));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		FILE *f = fopen(path, "w");

		assert_int_equal(fwrite(bytes, 1, sizes[i], f), sizes[i]);
		assert_int_equal(fclose(f), 0);
		assert_int_equal(sigstruct_load(path, &sig, &e), -EINVAL);
		assert_non_null(strstr(e.text, "x.ss: not a SIGSTRUCT of 1808 bytes"));
	}
	FILE *f = fopen(path, "w");

	assert_int_equal(fwrite(bytes, 1, sizeof(good), f), sizeof(good));
	assert_int_equal(fclose(f), 0);
	assert_int_equal(sigstruct_load(path, &sig, &e), 0);
	assert_memory_equal(&sig, &good, sizeof(good));
	assert_int_equal(sigstruct_load("no/such.ss", &sig, &e), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_signed_checks),
		cmocka_unit_test(the_signed_bytes_are_header_and_body),
		cmocka_unit_test(any_flipped_byte_is_noticed),
		cmocka_unit_test(each_check_names_its_field),
		cmocka_unit_test(the_vendor_may_be_intel),
		cmocka_unit_test(mrsigner_is_the_hash_of_the_stored_modulus),
		cmocka_unit_test(a_public_key_does_not_sign),
		cmocka_unit_test(a_foreign_signature_joins_only_when_it_verifies),
		cmocka_unit_test(what_the_masks_leave_open_is_permitted),
		cmocka_unit_test(debug_is_forbidden_in_the_users_words),
		cmocka_unit_test(every_other_difference_is_named),
		cmocka_unit_test(only_a_file_of_1808_bytes_loads),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
