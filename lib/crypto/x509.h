/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates and revocation lists as far as attestation needs them: read once, then only looked at,
 * from any number of threads.  Signatures are ECDSA on P-256 with SHA-256 and nothing else.  Part of
 * lib/crypto that links libcrypto (lib-x509-y); needs no crypto_load.
 */
#ifndef LIB_CRYPTO_X509_H
#define LIB_CRYPTO_X509_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/crypto/ecdsa.h"

#define X509_DER_MAX UINT32_C(0x4000)   /* bytes of a certificate */
#define X509_CRL_MAX UINT32_C(0x400000) /* bytes of a revocation list, in any encoding */

/* A distinguished name's parts that are compared, "" for those it lacks; and all of it as text. */
struct x509_name {
	char common[128];
	char country[16];
	char organization[128];
	char locality[128];
	char state[128];
	char text[512]; /* RFC 2253; the parts and text are whole: longer ones are refused */
};

struct x509_cert;
struct x509_crl;

/*
 * From DER: 0, -EINVAL with what is wrong with it, -ENOMEM.  The public key must be a point of P-256.
 * Free takes NULL.
 */
int x509_cert_parse(const void *der, size_t size, struct x509_cert **ret, struct err *e);
void x509_cert_free(struct x509_cert *cert);
void x509_cert_freep(struct x509_cert **cert);

/* All pointers live as long as the certificate. */
const uint8_t *x509_cert_der(const struct x509_cert *cert, size_t *ret_size);
const struct x509_name *x509_cert_subject(const struct x509_cert *cert);
const struct x509_name *x509_cert_issuer(const struct x509_cert *cert);
/* 04 || x || y. */
const uint8_t *x509_cert_point(const struct x509_cert *cert);
const struct ecdsa_key *x509_cert_key(const struct x509_cert *cert);
/* The signature's bytes, DER. */
const uint8_t *x509_cert_signature(const struct x509_cert *cert, size_t *ret_size);
/* Seconds since 1970. */
int64_t x509_cert_not_before(const struct x509_cert *cert);
int64_t x509_cert_not_after(const struct x509_cert *cert);
/* The serial number's magnitude: big-endian, without leading zeros. */
const uint8_t *x509_cert_serial(const struct x509_cert *cert, size_t *ret_size);
/*
 * The first of authorityKeyIdentifier, cRLDistributionPoints, subjectKeyIdentifier, keyUsage and
 * basicConstraints that is missing, or NULL: Intel's certificates have all five.
 */
const char *x509_cert_missing_extension(const struct x509_cert *cert);
/* The content of the extension with this OID (its DER content, oid_size bytes), or NULL. */
const uint8_t *x509_cert_extension(const struct x509_cert *cert, const void *oid, size_t oid_size,
                                   size_t *ret_size);
/* Is cert's signature by this key?  Names are not looked at. */
bool x509_cert_signed_by(const struct x509_cert *cert, const struct ecdsa_key *key);

/* The five parts are equal: the order in which they stand may differ. */
bool x509_name_equal(const struct x509_name *a, const struct x509_name *b);
/* All of it, in order. */
bool x509_name_same(const struct x509_name *a, const struct x509_name *b);

/*
 * A revocation list as PCS and PCCS serve it, DER, PEM or hexadecimal DER: 0, -EINVAL with what is
 * wrong (nextUpdate and crlNumber must be there), -EFBIG, -ENOMEM.
 */
int x509_crl_parse(const void *data, size_t size, struct x509_crl **ret, struct err *e);
void x509_crl_free(struct x509_crl *crl);
void x509_crl_freep(struct x509_crl **crl);
const struct x509_name *x509_crl_issuer(const struct x509_crl *crl);
int64_t x509_crl_this_update(const struct x509_crl *crl);
int64_t x509_crl_next_update(const struct x509_crl *crl);
bool x509_crl_has_authority_key(const struct x509_crl *crl); /* authorityKeyIdentifier */
bool x509_crl_signed_by(const struct x509_crl *crl, const struct ecdsa_key *key);
/* Is cert's serial number on the list?  Whose list it is, is not looked at. */
bool x509_crl_revokes(const struct x509_crl *crl, const struct x509_cert *cert);
size_t x509_crl_count(const struct x509_crl *crl);
/* The serial numbers on it, index below the count: magnitudes, in ascending order. */
const uint8_t *x509_crl_serial(const struct x509_crl *crl, size_t index, size_t *ret_size);

#endif
