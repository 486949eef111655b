// SPDX-License-Identifier: Apache-2.0
/*
 * AES-128-CMAC as RFC 4493 has it, over our AES block: software SGX makes reports and keys where a
 * fault is being handled, and OpenSSL's own CMAC allocates.
 */
#include "lib/crypto/openssl.h"

#include <string.h>

#include "lib/crypto/aes.h"
#include "lib/crypto/crypto.h"

#define BLOCK 16

static void exclusive_or(uint8_t *to, const uint8_t *from, size_t size)
{
	for (size_t i = 0; i < size; i++)
		to[i] ^= from[i];
}

/* Times x in GF(2^128), most significant byte first; without a branch on the secret. */
static void times_x(uint8_t block[BLOCK])
{
	uint8_t carry = block[0] >> 7;

	for (size_t i = 0; i + 1 < BLOCK; i++)
		block[i] = (uint8_t)(block[i] << 1 | block[i + 1] >> 7);
	block[BLOCK - 1] = (uint8_t)(block[BLOCK - 1] << 1 ^ (0x87 & -carry));
}

void cmac_aes128(const uint8_t key[16], const void *data, size_t size, uint8_t mac[16])
{
	const uint8_t *at = data;
	uint8_t state[BLOCK] = { 0 }, subkey[BLOCK] = { 0 };
	struct aes128 aes;

	aes128_start(&aes, key);
	aes128_encrypt(&aes, subkey, subkey);
	times_x(subkey);
	for (; size > BLOCK; at += BLOCK, size -= BLOCK) {
		exclusive_or(state, at, BLOCK);
		aes128_encrypt(&aes, state, state);
	}
	/* The last block, whole (the first subkey) or padded with 10...0 (the second). */
	if (size > 0)
		exclusive_or(state, at, size);
	if (size < BLOCK) {
		state[size] ^= 0x80;
		times_x(subkey);
	}
	exclusive_or(state, subkey, BLOCK);
	aes128_encrypt(&aes, state, mac);
	explicit_bzero(&aes, sizeof(aes));
	explicit_bzero(subkey, sizeof(subkey));
}

bool crypto_equal(const void *a, const void *b, size_t size)
{
	return ossl.CRYPTO_memcmp(a, b, size) == 0;
}
