// SPDX-License-Identifier: Apache-2.0
/*
 * ECDSA on P-256.  The low-level functions: a key from a quote is used once, and OpenSSL 3's EVP_PKEY
 * takes longer to make than such a signature to check.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "lib/crypto/ecdsa.h"

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdlib.h>

static EC_GROUP *p256;

struct ecdsa_key {
	EC_KEY *ec;
};

static void make_group(void)
{
	p256 = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
}

static const EC_GROUP *group(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_group);
	return p256;
}

/* EC_POINT_oct2point refuses coordinates above the field and points off the curve. */
static int set_point(EC_KEY *ec, const uint8_t point[P256_KEY_SIZE])
{
	uint8_t octets[P256_POINT_SIZE] = { POINT_CONVERSION_UNCOMPRESSED };
	EC_POINT *q = EC_POINT_new(group());
	int r = -ENOMEM;

	for (size_t i = 0; i < P256_KEY_SIZE; i++)
		octets[i + 1] = point[i];
	if (q && EC_KEY_set_group(ec, group())) {
		r = -EINVAL;
		if (EC_POINT_oct2point(group(), q, octets, sizeof(octets), NULL))
			r = EC_KEY_set_public_key(ec, q) ? 0 : -ENOMEM;
	}
	EC_POINT_free(q);
	return r;
}

int ecdsa_key_new(const uint8_t point[P256_KEY_SIZE], struct ecdsa_key **ret)
{
	struct ecdsa_key *key = calloc(1, sizeof(*key));
	int r = -ENOMEM;

	if (key)
		key->ec = EC_KEY_new();
	if (key && key->ec && group())
		r = set_point(key->ec, point);
	if (r < 0) {
		ERR_clear_error();
		ecdsa_key_free(key);
		return r;
	}
	*ret = key;
	return 0;
}

void ecdsa_key_free(struct ecdsa_key *key)
{
	if (!key)
		return;
	EC_KEY_free(key->ec);
	free(key);
}

void ecdsa_key_freep(struct ecdsa_key **key)
{
	ecdsa_key_free(*key);
}

void ecdsa_sha256(const void *data, size_t size, uint8_t digest[ECDSA_SHA256_SIZE])
{
	SHA256_CTX s;

	SHA256_Init(&s);
	SHA256_Update(&s, data, size);
	SHA256_Final(digest, &s);
}

bool ecdsa_verify(const struct ecdsa_key *key, const void *data, size_t size,
                  const uint8_t signature[P256_SIGNATURE_SIZE])
{
	uint8_t digest[ECDSA_SHA256_SIZE];
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(signature, P256_SIZE, NULL);
	BIGNUM *s = BN_bin2bn(signature + P256_SIZE, P256_SIZE, NULL);
	bool good = false;

	if (sig && r && s && ECDSA_SIG_set0(sig, r, s)) {
		ecdsa_sha256(data, size, digest);
		good = ECDSA_do_verify(digest, sizeof(digest), sig, key->ec) == 1;
	} else {
		BN_free(r);
		BN_free(s);
	}
	ECDSA_SIG_free(sig);
	if (!good)
		ERR_clear_error();
	return good;
}

/* ECDSA_verify itself wants the DER encoding and no byte more. */
bool ecdsa_verify_der(const struct ecdsa_key *key, const void *data, size_t size,
                      const void *signature, size_t signature_size)
{
	uint8_t digest[ECDSA_SHA256_SIZE];

	if (signature_size > 80)
		return false;
	ecdsa_sha256(data, size, digest);
	if (ECDSA_verify(0, digest, sizeof(digest), signature, (int)signature_size, key->ec) == 1)
		return true;
	ERR_clear_error();
	return false;
}
