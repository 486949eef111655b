/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The AES-128 block under this folder's modes.  No allocation and no lock: it runs where a fault is
 * being handled, which is why it is not OpenSSL's EVP.
 */
#ifndef LIB_CRYPTO_AES_H
#define LIB_CRYPTO_AES_H

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/crypto/openssl.h"

#define AES_ROUNDS 10

/* A key, ready for use; whoever has one wipes it. */
struct aes128 {
	union {
		alignas(16) uint8_t round[AES_ROUNDS + 1][16]; /* of the instructions */
		AES_KEY schedule;                              /* of OpenSSL */
	};
};

void aes128_start(struct aes128 *ret, const uint8_t key[16]);
/* ret may be block. */
void aes128_encrypt(const struct aes128 *key, const uint8_t block[16], uint8_t ret[16]);

/* Does the processor have AES instructions?  Set when libcrypto is loaded; tests clear it. */
extern bool aes_instructions;
bool aes_instructions_exist(void);

#endif
