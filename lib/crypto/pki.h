/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making keys, certificates and revocation lists, for a certification authority of one's own.  Linked
 * with -lcrypto, not loaded at first use.  ECDSA is on P-256 with SHA-256 throughout.
 */
#ifndef LIB_CRYPTO_PKI_H
#define LIB_CRYPTO_PKI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lib/base/err.h"

#define PKI_PUBLIC_SIZE    64 /* x || y, big-endian */
#define PKI_SIGNATURE_SIZE 64 /* r || s, big-endian */
#define PKI_SERIAL_SIZE    20

/* A P-256 key pair. */
struct pki_key;

int pki_key_generate(struct pki_key **ret, struct err *e);
/* From a PEM file, and as one in a new string that the caller frees. */
int pki_key_load(const char *path, struct pki_key **ret, struct err *e);
int pki_key_pem(const struct pki_key *key, char **ret, struct err *e);
void pki_key_freep(struct pki_key **key);
int pki_key_public(const struct pki_key *key, uint8_t ret[PKI_PUBLIC_SIZE], struct err *e);
int pki_sign(const struct pki_key *key, const void *data, size_t size,
             uint8_t ret[PKI_SIGNATURE_SIZE], struct err *e);

/* A new RSA-3072 key with exponent 3, as SIGSTRUCT wants it, in PEM; the caller frees it. */
int pki_rsa3072_pem(char **ret, struct err *e);

struct pki_name {
	const char *common_name, *organization, *locality, *state, *country;
};

/* What a certificate says.  Its serial number is random. */
struct pki_contents {
	struct pki_name subject;
	const struct pki_key *key; /* the subject's */
	time_t not_before, not_after;
	bool is_ca;
	int path_length;          /* of a CA */
	const char *crl_uri;      /* where its issuer's CRL would be */
	const char *extra_oid;    /* an extension that is not critical, or NULL */
	const uint8_t *extra_der; /* its value */
	size_t extra_size;
};

/* In PEM, in a new string that the caller frees.  issuer, a certificate in PEM, is NULL for a root. */
int pki_issue(const struct pki_contents *contents, const char *issuer,
              const struct pki_key *issuer_key, char **ret, struct err *e);

/* issuer's CRL as DER, in a new buffer that the caller frees; revoked: a certificate in PEM, or NULL. */
int pki_crl(const char *issuer, const struct pki_key *issuer_key, const char *revoked,
            time_t this_update, time_t next_update, uint8_t **ret, size_t *ret_size, struct err *e);

#endif
