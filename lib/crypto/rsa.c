// SPDX-License-Identifier: Apache-2.0
/*
 * The RSA arithmetic of SIGSTRUCT: little-endian numbers of 384 bytes, exponent 3.  Modulus and
 * signature may be anything at all: they come from files.
 */
#include "lib/crypto/openssl.h"

#include <string.h>

#include "lib/crypto/crypto.h"

/* What SIGSTRUCT's numbers are computed in; the numbers live as long as ctx. */
struct numbers {
	BN_CTX *ctx;
	BIGNUM *modulus, *signature, *q1, *q2, *rest, *product;
};

static void numbers_free(struct numbers *n)
{
	ossl.BN_CTX_end(n->ctx);
	ossl.BN_CTX_free(n->ctx);
}

#define _numbers_ __attribute__((cleanup(numbers_free)))

static struct numbers numbers_of(const uint8_t modulus[RSA3072_SIZE],
                                 const uint8_t signature[RSA3072_SIZE])
{
	struct numbers n = { .ctx = ossl.BN_CTX_new() };

	crypto_must(n.ctx != NULL);
	ossl.BN_CTX_start(n.ctx);
	n.modulus = ossl.BN_CTX_get(n.ctx);
	n.signature = ossl.BN_CTX_get(n.ctx);
	n.q1 = ossl.BN_CTX_get(n.ctx);
	n.q2 = ossl.BN_CTX_get(n.ctx);
	n.rest = ossl.BN_CTX_get(n.ctx);
	n.product = ossl.BN_CTX_get(n.ctx);
	crypto_must(n.product != NULL); /* once BN_CTX_get has failed it keeps failing */
	crypto_must(ossl.BN_lebin2bn(modulus, RSA3072_SIZE, n.modulus) != NULL);
	crypto_must(ossl.BN_lebin2bn(signature, RSA3072_SIZE, n.signature) != NULL);
	return n;
}

/* RFC 8017: the signature representative is below the modulus.  So no division is by 0, either. */
static bool in_range(const struct numbers *n)
{
	return ossl.BN_cmp(n->signature, n->modulus) < 0;
}

/* q1, q2 and rest = S^3 mod M, by division. */
static void divide(struct numbers *n)
{
	crypto_must(ossl.BN_mul(n->product, n->signature, n->signature, n->ctx));
	crypto_must(ossl.BN_div(n->q1, n->rest, n->product, n->modulus, n->ctx));
	crypto_must(ossl.BN_mul(n->product, n->rest, n->signature, n->ctx));
	crypto_must(ossl.BN_div(n->q2, n->rest, n->product, n->modulus, n->ctx));
}

/* rest := product - q * M; is that what a division leaves, at least 0 and below M? */
static bool reduce(struct numbers *n, const BIGNUM *q)
{
	crypto_must(ossl.BN_mul(n->rest, q, n->modulus, n->ctx));
	crypto_must(ossl.BN_sub(n->rest, n->product, n->rest));
	return !ossl.BN_is_negative(n->rest) && ossl.BN_cmp(n->rest, n->modulus) < 0;
}

/* Is rest the PKCS#1 v1.5 encoding of digest: 00 01 FF...FF 00, DigestInfo of SHA-256, digest? */
static bool is_encoding_of(const struct numbers *n, const uint8_t digest[SHA256_SIZE])
{
	static const uint8_t info[] = {
		0x00, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,
		0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20
	};
	uint8_t expected[RSA3072_SIZE], found[RSA3072_SIZE];
	size_t padding = sizeof(expected) - SHA256_SIZE - sizeof(info);

	expected[0] = 0x00;
	expected[1] = 0x01;
	memset(expected + 2, 0xff, padding - 2);
	memcpy(expected + padding, info, sizeof(info));
	memcpy(expected + padding + sizeof(info), digest, SHA256_SIZE);
	crypto_must(ossl.BN_bn2lebinpad(n->rest, found, sizeof(found)) == sizeof(found));
	for (size_t i = 0; i < sizeof(found); i++) {
		if (found[i] != expected[sizeof(expected) - 1 - i])
			return false;
	}
	return true;
}

bool rsa3072_verify(const uint8_t modulus[RSA3072_SIZE], const uint8_t signature[RSA3072_SIZE],
                    const uint8_t digest[SHA256_SIZE])
{
	_numbers_ struct numbers n = numbers_of(modulus, signature);

	if (!in_range(&n))
		return false;
	divide(&n);
	return is_encoding_of(&n, digest);
}

bool rsa3072_verify_q(const uint8_t modulus[RSA3072_SIZE], const uint8_t signature[RSA3072_SIZE],
                      const uint8_t q1[RSA3072_SIZE], const uint8_t q2[RSA3072_SIZE],
                      const uint8_t digest[SHA256_SIZE])
{
	_numbers_ struct numbers n = numbers_of(modulus, signature);

	if (!in_range(&n))
		return false;
	crypto_must(ossl.BN_lebin2bn(q1, RSA3072_SIZE, n.q1) != NULL);
	crypto_must(ossl.BN_lebin2bn(q2, RSA3072_SIZE, n.q2) != NULL);
	crypto_must(ossl.BN_mul(n.product, n.signature, n.signature, n.ctx));
	if (!reduce(&n, n.q1))
		return false;
	crypto_must(ossl.BN_mul(n.product, n.rest, n.signature, n.ctx));
	return reduce(&n, n.q2) && is_encoding_of(&n, digest);
}

void rsa3072_q(const uint8_t modulus[RSA3072_SIZE], const uint8_t signature[RSA3072_SIZE],
               uint8_t q1[RSA3072_SIZE], uint8_t q2[RSA3072_SIZE])
{
	_numbers_ struct numbers n = numbers_of(modulus, signature);

	memset(q1, 0, RSA3072_SIZE);
	memset(q2, 0, RSA3072_SIZE);
	if (!in_range(&n))
		return;
	divide(&n);
	crypto_must(ossl.BN_bn2lebinpad(n.q1, q1, RSA3072_SIZE) == RSA3072_SIZE);
	crypto_must(ossl.BN_bn2lebinpad(n.q2, q2, RSA3072_SIZE) == RSA3072_SIZE);
}
