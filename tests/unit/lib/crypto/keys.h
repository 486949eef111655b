/* SPDX-License-Identifier: Apache-2.0 */
/* Keys for the tests, made with libcrypto itself.  Failures fail the test that asks. */
#ifndef TESTS_UNIT_LIB_CRYPTO_KEYS_H
#define TESTS_UNIT_LIB_CRYPTO_KEYS_H

#include <openssl/evp.h>

/* A temporary folder; keys_remove takes it away with the files in it. */
struct keys {
	char folder[64];
};

void keys_make(struct keys *keys);
void keys_remove(struct keys *keys);
/* folder/name, in a static buffer. */
const char *keys_path(const struct keys *keys, const char *name);
/* folder/name holds these bytes. */
const char *keys_text(const struct keys *keys, const char *name, const char *text);

EVP_PKEY *keys_rsa(unsigned int bits, unsigned long exponent);
EVP_PKEY *keys_ec(void);

enum keys_form { KEYS_PRIVATE, KEYS_ENCRYPTED, KEYS_PUBLIC, KEYS_CERTIFICATE };
const char *keys_pem(const struct keys *keys, const char *name, EVP_PKEY *pkey,
                     enum keys_form form);

#endif
