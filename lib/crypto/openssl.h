/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcrypto as a table of pointers.  Private to lib/crypto: nothing else includes OpenSSL's headers,
 * and nothing here calls OpenSSL but through this table, so that no object needs libcrypto to link.
 */
#ifndef LIB_CRYPTO_OPENSSL_H
#define LIB_CRYPTO_OPENSSL_H

/*
 * The low-level SHA-256 and AES: a hash state of plain bytes, and no allocation and no lock, so that
 * they may be called where a fault is being handled.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/aes.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

struct openssl {
#define LIBCRYPTO(type, name, parameters) type(*name) parameters;
#include "lib/crypto/openssl.def"
#undef LIBCRYPTO
};

/* Filled by crypto_load. */
extern struct openssl ossl;

/*
 * A failure of libcrypto that no input can cause (memory is short): the primitives that return
 * nothing have no other way out, and a wrong digest must not get past them.
 */
void crypto_must(int ok);
/* libcrypto's own words for its last error. */
const char *crypto_reason(void);

#endif
