/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4), and HMAC (RFC 2104) and HKDF (RFC 5869) with it. */
#ifndef ENCLAVE_SHA256_H
#define ENCLAVE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE  32
#define SHA256_BLOCK 64

struct sha256 {
	uint32_t state[8];
	uint64_t size; /* bytes so far */
	uint8_t block[SHA256_BLOCK];
};

void sha256_start(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *bytes, size_t size);
void sha256_end(struct sha256 *s, uint8_t ret[SHA256_SIZE]); /* wipes it */

struct hmac {
	struct sha256 inner, outer;
};

void hmac_start(struct hmac *h, const void *key, size_t size);
void hmac_add(struct hmac *h, const void *bytes, size_t size);
void hmac_end(struct hmac *h, uint8_t ret[SHA256_SIZE]); /* wipes it */

/* One key of 32 bytes: extract, then the first block of expand. */
void hkdf(uint8_t ret[SHA256_SIZE], const void *salt, size_t salt_size, const void *key,
          size_t key_size, const void *info, size_t info_size);

#endif
