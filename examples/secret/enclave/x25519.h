/* SPDX-License-Identifier: Apache-2.0 */
/* Diffie and Hellman's exchange on Curve25519 (RFC 7748). */
#ifndef ENCLAVE_X25519_H
#define ENCLAVE_X25519_H

#include <stdbool.h>
#include <stdint.h>

#define X25519_SIZE 32

/* The public key of any 32 random bytes. */
void x25519_public(uint8_t ret[X25519_SIZE], const uint8_t private_key[X25519_SIZE]);
/* false: the other's key is one of the few whose result does not depend on the private key (zeros). */
bool x25519(uint8_t ret[X25519_SIZE], const uint8_t private_key[X25519_SIZE],
            const uint8_t public_key[X25519_SIZE]);

#endif
