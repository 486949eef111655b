/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate chains in PEM, in any order.  The roles are found as Intel's library finds them: the root
 * is its own issuer, the topmost certificate issued no other, the intermediate is not its own issuer
 * and its common name contains "CA", the PCK's contains "SGX PCK Certificate".
 */
#ifndef LIB_DCAP_CHAIN_H
#define LIB_DCAP_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/crypto/x509.h"
#include "lib/dcap/pck.h"
#include "lib/dcap/status.h"

#define DCAP_CHAIN_MAX       4                 /* certificates; genuine chains have 2 or 3 */
#define DCAP_CHAIN_BYTES_MAX UINT32_C(0x10000) /* of PEM */

/* A certificate, and what is remembered of it: that its signature is good or bad by one key. */
struct dcap_cert {
	struct x509_cert *x509;
	bool owned; /* else another chain's, which outlives this one */
	bool known; /* signed_by has been asked for the key in signer */
	bool good;
	uint8_t signer[P256_POINT_SIZE];
};

/* Filled by dcap_chain_parse; indices are -1 where a role is not taken. */
struct dcap_chain {
	struct dcap_cert cert[DCAP_CHAIN_MAX];
	int count;
	int root, intermediate, topmost, pck;
	struct dcap_pck sgx; /* of the PCK certificate, where there is one */
};

/*
 * DCAP_OK, or DCAP_E_UNSUPPORTED_CERT_FORMAT with the reason.  Certificates that a chain of known[]
 * also has are not read again but borrowed.  The text may end in zero bytes.  What this made is
 * released by dcap_chain_free, also after a failure; it takes a chain of zeros, too.
 */
enum dcap_error dcap_chain_parse(const void *pem, size_t size,
                                 const struct dcap_chain *const known[], size_t known_count,
                                 struct dcap_chain *ret, struct err *e);
void dcap_chain_free(struct dcap_chain *chain);

/* The certificate in a role, or NULL for -1. */
const struct x509_cert *dcap_chain_cert(const struct dcap_chain *chain, int index);
/*
 * Is the certificate's signature by this issuer's key?  From memory where dcap_chain_remember was
 * asked the same, else by calculation, and then *count (may be NULL) goes up by one.
 */
bool dcap_chain_signed_by(const struct dcap_chain *chain, int index, const struct x509_cert *issuer,
                          unsigned int *count);
void dcap_chain_remember(struct dcap_chain *chain, int index, const struct x509_cert *issuer);

/* The common name contains this phrase. */
bool dcap_name_contains(const struct x509_name *name, const char *phrase);

#endif
