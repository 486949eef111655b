/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ChaCha20-Poly1305 (RFC 8439) with a nonce of the caller's: a key and a nonce together encrypt one
 * message, never two.
 */
#ifndef ENCLAVE_AEAD_H
#define ENCLAVE_AEAD_H

#include <stddef.h>
#include <stdint.h>

#define AEAD_KEY_SIZE   32
#define AEAD_NONCE_SIZE 12
#define AEAD_TAG_SIZE   16

/* The text becomes the cipher's in its place.  beside: authenticated, and not encrypted. */
void aead_seal(const uint8_t key[AEAD_KEY_SIZE], const uint8_t nonce[AEAD_NONCE_SIZE],
               const void *beside, size_t beside_size, uint8_t *text, size_t size,
               uint8_t ret_tag[AEAD_TAG_SIZE]);
/* And back: 0, or -EINVAL when anything has been changed, and then nothing was decrypted. */
int aead_open(const uint8_t key[AEAD_KEY_SIZE], const uint8_t nonce[AEAD_NONCE_SIZE],
              const void *beside, size_t beside_size, uint8_t *text, size_t size,
              const uint8_t tag[AEAD_TAG_SIZE]);

#endif
