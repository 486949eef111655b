/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checking ECDSA signatures on P-256 with SHA-256, as quotes, Intel's certificates and collateral carry
 * them.  Part of lib/crypto that links libcrypto (lib-x509-y); needs no crypto_load.
 */
#ifndef LIB_CRYPTO_ECDSA_H
#define LIB_CRYPTO_ECDSA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define P256_SIZE           32
#define P256_POINT_SIZE     65 /* 04 || x || y */
#define P256_SIGNATURE_SIZE 64 /* r || s, each 32 bytes big-endian */
#define P256_KEY_SIZE       64 /* x || y */
#define ECDSA_SHA256_SIZE   32

struct ecdsa_key;

/*
 * A public key from x || y: 0, -EINVAL when that is no point of the curve, -ENOMEM.  It may be used by
 * several threads.  ecdsa_key_free takes NULL.
 */
int ecdsa_key_new(const uint8_t point[P256_KEY_SIZE], struct ecdsa_key **ret);
void ecdsa_key_free(struct ecdsa_key *key);
void ecdsa_key_freep(struct ecdsa_key **key);

/* Is signature (r || s) that of the SHA-256 of data? */
bool ecdsa_verify(const struct ecdsa_key *key, const void *data, size_t size,
                  const uint8_t signature[P256_SIGNATURE_SIZE]);
/* The same for a signature in DER (ECDSA-Sig-Value), which must be nothing but that. */
bool ecdsa_verify_der(const struct ecdsa_key *key, const void *data, size_t size,
                      const void *signature, size_t signature_size);
/* SHA-256 without crypto_load. */
void ecdsa_sha256(const void *data, size_t size, uint8_t digest[ECDSA_SHA256_SIZE]);

#endif
