/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the enclave and the key server say to each other.  Everything between the two is hostile: the
 * enclave's own host carries it.  Little-endian, without padding.
 *
 *	server -> enclave  wire_hello    a nonce, new for each connection
 *	enclave -> server  wire_request  a public key, made for this request, and a quote behind it
 *	server -> enclave  wire_reply    a public key, made for this reply, and the secret; a request that
 *	                                 is refused ends the connection instead
 *
 * The quote's report data are SHA-256(WIRE_REQUEST_LABEL || nonce || the enclave's public key), and 32
 * zeros.  The secret is encrypted by ChaCha20-Poly1305, with a nonce of zeros, nothing beside it and a key
 * that is used once:
 *
 *	HKDF-SHA256(salt = nonce,
 *	            key = X25519(enclave's, server's lasting) || X25519(enclave's, server's new),
 *	            info = WIRE_REPLY_LABEL || enclave's public key || server's new public key)
 *
 * The lasting key is the one that the enclave has been built with: so nobody else can answer.
 */
#ifndef ENCLAVE_WIRE_H
#define ENCLAVE_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define WIRE_MAGIC             "secret 1" /* 8 bytes */
#define WIRE_REQUEST_LABEL     "secret request 1"
#define WIRE_REPLY_LABEL       "secret reply 1"
#define WIRE_LABEL_SIZE(label) (sizeof(label) - 1)

#define WIRE_KEY_SIZE   32
#define WIRE_NONCE_SIZE 32
#define WIRE_TAG_SIZE   16
#define WIRE_SECRET_MAX 256
#define WIRE_QUOTE_MAX  (64 * 1024)

struct wire_hello {
	uint8_t magic[8];
	uint8_t nonce[WIRE_NONCE_SIZE];
};

struct wire_request {
	uint8_t public_key[WIRE_KEY_SIZE];
	uint64_t quote_size; /* bytes behind */
};

struct wire_reply {
	uint8_t public_key[WIRE_KEY_SIZE];
	uint64_t size;                                   /* of the secret, 1 to WIRE_SECRET_MAX */
	uint8_t sealed[WIRE_SECRET_MAX + WIRE_TAG_SIZE]; /* the tag behind the secret, then zeros */
};

_Static_assert(sizeof(struct wire_hello) == 40, "wire_hello");
_Static_assert(sizeof(struct wire_request) == 40, "wire_request");
_Static_assert(sizeof(struct wire_reply) == 312, "wire_reply");

#endif
