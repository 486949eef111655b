// SPDX-License-Identifier: Apache-2.0
/* Certificates and revocation lists of a certification authority; see pki.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "lib/base/cleanup.h"
#include "lib/crypto/pki_internal.h"

#define _x509_ _cleanup_(x509_freep)
#define _crl_  _cleanup_(crl_freep)

static void x509_freep(X509 **x)
{
	X509_free(*x);
}

static void crl_freep(X509_CRL **crl)
{
	X509_CRL_free(*crl);
}

static X509 *read_certificate(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *x = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	return x;
}

static bool add_entry(X509_NAME *name, const char *field, const char *text)
{
	return text == NULL || X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
	                                                  (const uint8_t *)text, -1, -1, 0) == 1;
}

static bool set_name(X509_NAME *name, const struct pki_name *n)
{
	return add_entry(name, "CN", n->common_name) && add_entry(name, "O", n->organization) &&
	       add_entry(name, "L", n->locality) && add_entry(name, "ST", n->state) &&
	       add_entry(name, "C", n->country);
}

/* Positive, and of the full length: RFC 5280, 4.1.2.2. */
static bool set_serial(X509 *x)
{
	uint8_t bytes[PKI_SERIAL_SIZE];
	BIGNUM *number;
	bool ok;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 0x40);
	number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	ok = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x)) != NULL;
	BN_free(number);
	return ok;
}

static bool add_extension(X509 *x, X509V3_CTX *context, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
	bool ok = extension != NULL && X509_add_ext(x, extension, -1) == 1;

	X509_EXTENSION_free(extension);
	return ok;
}

static bool add_extra(X509 *x, const struct pki_contents *c)
{
	ASN1_OBJECT *oid = OBJ_txt2obj(c->extra_oid, 1);
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *extension = NULL;
	bool ok = false;

	if (oid != NULL && value != NULL &&
	    ASN1_OCTET_STRING_set(value, c->extra_der, (int)c->extra_size) == 1)
		extension = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, value);
	if (extension != NULL)
		ok = X509_add_ext(x, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	ASN1_OCTET_STRING_free(value);
	ASN1_OBJECT_free(oid);
	return ok;
}

static bool add_extensions(X509 *x, X509 *issuer, const struct pki_contents *c)
{
	char constraints[64], uri[256];
	X509V3_CTX context;

	X509V3_set_ctx(&context, issuer, x, NULL, NULL, 0);
	snprintf(constraints, sizeof(constraints), "critical,CA:TRUE,pathlen:%d", c->path_length);
	snprintf(uri, sizeof(uri), "URI:%s", c->crl_uri);
	/* A root's authority key is its own: the subject key identifier comes first. */
	return add_extension(x, &context, NID_subject_key_identifier, "hash") &&
	       add_extension(x, &context, NID_authority_key_identifier, "keyid") &&
	       add_extension(x, &context, NID_crl_distribution_points, uri) &&
	       add_extension(x, &context, NID_key_usage,
	                     c->is_ca ? "critical,keyCertSign,cRLSign"
	                              : "critical,digitalSignature,nonRepudiation") &&
	       add_extension(x, &context, NID_basic_constraints,
	                     c->is_ca ? constraints : "critical,CA:FALSE") &&
	       (c->extra_oid == NULL || add_extra(x, c));
}

int pki_issue(const struct pki_contents *c, const char *issuer, const struct pki_key *issuer_key,
              char **ret, struct err *e)
{
	_x509_ X509 *parent = issuer ? read_certificate(issuer) : NULL;
	_x509_ X509 *x = X509_new();
	BIO *bio;

	if (x == NULL || (issuer != NULL && parent == NULL))
		return pki_fail(e, c->subject.common_name);
	if (!X509_set_version(x, X509_VERSION_3) || !set_serial(x) ||
	    !set_name(X509_get_subject_name(x), &c->subject) ||
	    !X509_set_issuer_name(x, X509_get_subject_name(parent ? parent : x)) ||
	    !ASN1_TIME_set(X509_getm_notBefore(x), c->not_before) ||
	    !ASN1_TIME_set(X509_getm_notAfter(x), c->not_after) ||
	    !X509_set_pubkey(x, pki_pkey(c->key)) || !add_extensions(x, parent ? parent : x, c) ||
	    !X509_sign(x, pki_pkey(issuer_key), EVP_sha256()))
		return pki_fail(e, c->subject.common_name);
	bio = BIO_new(BIO_s_mem());
	if (bio == NULL || !PEM_write_bio_X509(bio, x)) {
		BIO_free(bio);
		return pki_fail(e, c->subject.common_name);
	}
	return pki_take_bio(bio, ret, e);
}

static bool set_updates(X509_CRL *crl, time_t this_update, time_t next_update)
{
	ASN1_TIME *from = ASN1_TIME_set(NULL, this_update);
	ASN1_TIME *until = ASN1_TIME_set(NULL, next_update);
	bool ok = from != NULL && until != NULL && X509_CRL_set1_lastUpdate(crl, from) &&
	          X509_CRL_set1_nextUpdate(crl, until);

	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
	return ok;
}

static bool add_revoked(X509_CRL *crl, const char *pem, time_t when)
{
	_x509_ X509 *x = read_certificate(pem);
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_TIME *date = ASN1_TIME_set(NULL, when);
	bool ok = x != NULL && entry != NULL && date != NULL &&
	          X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(x)) &&
	          X509_REVOKED_set_revocationDate(entry, date) && X509_CRL_add0_revoked(crl, entry);

	if (!ok)
		X509_REVOKED_free(entry);
	ASN1_TIME_free(date);
	return ok;
}

static bool add_crl_extensions(X509_CRL *crl, X509 *issuer)
{
	X509V3_CTX context;
	X509_EXTENSION *key;
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	bool ok;

	X509V3_set_ctx(&context, issuer, NULL, NULL, crl, 0);
	key = X509V3_EXT_conf_nid(NULL, &context, NID_authority_key_identifier, "keyid");
	ok = number != NULL && key != NULL && ASN1_INTEGER_set(number, 1) &&
	     X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0) == 1 &&
	     X509_CRL_add_ext(crl, key, -1) == 1;
	X509_EXTENSION_free(key);
	ASN1_INTEGER_free(number);
	return ok;
}

int pki_crl(const char *issuer, const struct pki_key *issuer_key, const char *revoked,
            time_t this_update, time_t next_update, uint8_t **ret, size_t *ret_size, struct err *e)
{
	_x509_ X509 *parent = read_certificate(issuer);
	_crl_ X509_CRL *crl = X509_CRL_new();
	uint8_t *der = NULL, *copy;
	int size;

	if (parent == NULL || crl == NULL || !X509_CRL_set_version(crl, X509_CRL_VERSION_2) ||
	    !X509_CRL_set_issuer_name(crl, X509_get_subject_name(parent)) ||
	    !set_updates(crl, this_update, next_update) ||
	    (revoked != NULL && !add_revoked(crl, revoked, this_update)) ||
	    !add_crl_extensions(crl, parent) || !X509_CRL_sort(crl) ||
	    !X509_CRL_sign(crl, pki_pkey(issuer_key), EVP_sha256()))
		return pki_fail(e, "a revocation list");
	size = i2d_X509_CRL(crl, &der);
	if (size < 0)
		return pki_fail(e, "a revocation list");
	copy = malloc((size_t)size);
	if (copy != NULL)
		memcpy(copy, der, (size_t)size);
	OPENSSL_free(der);
	if (copy == NULL)
		return err_set(e, -ENOMEM, "a revocation list: out of memory");
	*ret = copy;
	*ret_size = (size_t)size;
	return 0;
}
