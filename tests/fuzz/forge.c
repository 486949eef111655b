// SPDX-License-Identifier: Apache-2.0
/* Signing without a key; see forge.h.  Numbers are little-endian. */
#include "tests/fuzz/forge.h"

#include <string.h>

#include "lib/crypto/crypto.h"
#include "lib/sgx/sigstruct.h"

/* PKCS#1 v1.5 for SHA-256. */
static void encode(const uint8_t digest[SHA256_SIZE], uint8_t ret[RSA3072_SIZE])
{
	static const uint8_t info[] = {
		0x20, 0x04, 0x00, 0x05, 0x01, 0x02, 0x04, 0x03, 0x65, 0x01,
		0x48, 0x86, 0x60, 0x09, 0x06, 0x0d, 0x30, 0x31, 0x30, 0x00
	};

	memset(ret, 0xff, RSA3072_SIZE);
	for (size_t i = 0; i < SHA256_SIZE; i++)
		ret[i] = digest[SHA256_SIZE - 1 - i];
	memcpy(ret + SHA256_SIZE, info, sizeof(info));
	ret[RSA3072_SIZE - 2] = 1;
	ret[RSA3072_SIZE - 1] = 0;
}

void forge_sign(struct sgx_sigstruct *sig)
{
	uint8_t digest[SHA256_SIZE], encoded[RSA3072_SIZE], cube[RSA3072_SIZE] = { 0 };
	unsigned int borrow = 0;

	sigstruct_tbs_digest(sig, digest);
	encode(digest, encoded);
	cube[3 * 1023 / 8] = 1 << (3 * 1023 % 8);
	for (size_t i = 0; i < sizeof(cube); i++) {
		unsigned int n = 0x100U + cube[i] - encoded[i] - borrow;

		sig->modulus[i] = (uint8_t)n;
		borrow = n < 0x100;
	}
	memset(sig->signature, 0, sizeof(sig->signature));
	sig->signature[1023 / 8] = 1 << (1023 % 8);
	memset(sig->q1, 0, sizeof(sig->q1));
	memset(sig->q2, 0, sizeof(sig->q2));
	sig->q2[0] = 1;
}
