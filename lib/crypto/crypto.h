/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few primitives of SGX, on OpenSSL's libcrypto.  It is loaded at first use, not linked, so
 * that a library that may never hash anything (software SGX, a PAL) costs its process nothing; the
 * objects carry an ELF dlopen note (the UAPI group's "ELF dlopen metadata") for whoever collects a
 * program's libraries.
 *
 * Call crypto_load once and check it; after that nothing here can fail for want of the library.
 * Numbers of SGX are little-endian, as in SIGSTRUCT.
 */
#ifndef LIB_CRYPTO_CRYPTO_H
#define LIB_CRYPTO_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

#define SHA256_SIZE  32
#define RSA3072_SIZE 384

/* Load libcrypto.so.3: 0, or -ENOENT with the loader's words.  Thread-safe, idempotent. */
int crypto_load(struct err *e);

/*
 * A running SHA-256: plain bytes, which may be copied, stored and taken up by another process of
 * the same machine (software SGX keeps one in an enclave's SECS).
 */
struct sha256 {
	uint64_t state[14];
};

void sha256_init(struct sha256 *s);
void sha256_update(struct sha256 *s, const void *data, size_t size);
void sha256_final(struct sha256 *s, uint8_t digest[SHA256_SIZE]);
void sha256_digest(const void *data, size_t size, uint8_t digest[SHA256_SIZE]);

/* AES-128-CMAC (RFC 4493). */
void cmac_aes128(const uint8_t key[16], const void *data, size_t size, uint8_t mac[16]);
/*
 * AES-128-GCM (NIST SP 800-38D) with an IV of 96 bits and a whole tag.  open: false, and plain is not
 * written, when the tag is not that of header and cipher.  plain and cipher may be one buffer.  The
 * time depends on the key and the data through the cache: for pages that software SGX moves, not for
 * secrets of a network.
 */
void gcm_aes128_seal(const uint8_t key[16], const uint8_t iv[12], const void *header,
                     size_t header_size, const void *plain, void *cipher, size_t size,
                     uint8_t tag[16]);
bool gcm_aes128_open(const uint8_t key[16], const uint8_t iv[12], const void *header,
                     size_t header_size, const void *cipher, void *plain, size_t size,
                     const uint8_t tag[16]);
/* In a time that does not depend on where they differ. */
bool crypto_equal(const void *a, const void *b, size_t size);
int crypto_random(void *ret, size_t size, struct err *e);

/*
 * An RSA-3072 public operation with e = 3: is signature^3 mod modulus the PKCS#1 v1.5 encoding of
 * digest?  All numbers little-endian.
 */
bool rsa3072_verify(const uint8_t modulus[RSA3072_SIZE], const uint8_t signature[RSA3072_SIZE],
                    const uint8_t digest[SHA256_SIZE]);
/*
 * The same by the processor's way: without a division, from Q1 and Q2, which must be exactly
 * floor(S^2 / M) and floor((S^3 - Q1*S*M) / M) (SDM vol. 3D, EINIT).
 */
bool rsa3072_verify_q(const uint8_t modulus[RSA3072_SIZE], const uint8_t signature[RSA3072_SIZE],
                      const uint8_t q1[RSA3072_SIZE], const uint8_t q2[RSA3072_SIZE],
                      const uint8_t digest[SHA256_SIZE]);
/* Q1 and Q2 of a signature; little-endian, padded with zeros to their full length. */
void rsa3072_q(const uint8_t modulus[RSA3072_SIZE], const uint8_t signature[RSA3072_SIZE],
               uint8_t q1[RSA3072_SIZE], uint8_t q2[RSA3072_SIZE]);

/*
 * A private key from a PEM file; -EINVAL with the reason when it is not RSA, not 3072 bits or its
 * exponent is not 3.  rsa3072_key_free takes NULL.
 */
struct rsa3072_key;
int rsa3072_key_load(const char *path, struct rsa3072_key **ret, struct err *e);
/* Also takes a certificate or public key in PEM; rsa3072_sign then fails with -EINVAL. */
int rsa3072_public_load(const char *path, struct rsa3072_key **ret, struct err *e);
void rsa3072_key_free(struct rsa3072_key *key);
void rsa3072_key_freep(struct rsa3072_key **key);
void rsa3072_modulus(const struct rsa3072_key *key, uint8_t ret[RSA3072_SIZE]);
int rsa3072_sign(const struct rsa3072_key *key, const uint8_t digest[SHA256_SIZE],
                 uint8_t signature[RSA3072_SIZE], struct err *e);

#endif
