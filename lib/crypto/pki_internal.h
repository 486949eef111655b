/* SPDX-License-Identifier: Apache-2.0 */
/* Between the two files of pki.h. */
#ifndef LIB_CRYPTO_PKI_INTERNAL_H
#define LIB_CRYPTO_PKI_INTERNAL_H

#include <openssl/bio.h>
#include <openssl/evp.h>

#include "lib/crypto/pki.h"

/* "<what>: <libcrypto's reason>", and its queue is emptied; -EIO. */
int pki_fail(struct err *e, const char *what);
EVP_PKEY *pki_pkey(const struct pki_key *key);
int pki_take_bio(BIO *bio, char **ret, struct err *e);

#endif
