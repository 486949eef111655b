// SPDX-License-Identifier: Apache-2.0
/*
 * Certificates (RFC 5280), read straight from their DER: OpenSSL's reader would also decode the public
 * key for any use, which takes longer than to check a signature with it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/crypto/x509_private.h"

#define EXTENSIONS_MAX 32

struct extension {
	struct der oid, value;
};

struct x509_cert {
	uint8_t *der; /* everything below points into it */
	size_t der_size;
	struct der tbs; /* what is signed, its header included */
	struct der serial, signature;
	struct x509_name subject, issuer;
	const uint8_t *point;
	struct ecdsa_key *key;
	int64_t not_before, not_after;
	struct extension extension[EXTENSIONS_MAX];
	size_t extension_count;
};

/* A BIT STRING of whole bytes. */
static bool bits(struct der *in, struct der *ret)
{
	if (!der_next(in, DER_BITS, ret) || ret->size == 0 || ret->data[0] != 0)
		return false;
	ret->data++;
	ret->size--;
	return true;
}

static int read_extensions(struct x509_cert *cert, struct der *tbs, struct err *e)
{
	struct der tagged, list, item, critical;

	if (der_at_end(tbs))
		return 0;
	if (!der_next(tbs, DER_CONTEXT(3), &tagged) || !der_at_end(tbs) ||
	    !der_next(&tagged, DER_SEQUENCE, &list) || !der_at_end(&tagged))
		return err_set(e, -EINVAL, "its extensions are no sequence");
	while (!der_at_end(&list)) {
		struct extension *x = &cert->extension[cert->extension_count];

		if (cert->extension_count++ == EXTENSIONS_MAX)
			return err_set(e, -EINVAL, "more than %d extensions", EXTENSIONS_MAX);
		if (!der_next(&list, DER_SEQUENCE, &item) || !der_next(&item, DER_OID, &x->oid))
			return err_set(e, -EINVAL, "an extension without an OID");
		if (der_peek(&item) == DER_BOOLEAN)
			der_next(&item, DER_BOOLEAN, &critical);
		if (!der_next(&item, DER_OCTETS, &x->value) || !der_at_end(&item))
			return err_set(e, -EINVAL, "an extension without a value");
	}
	return 0;
}

/* SubjectPublicKeyInfo.  The point decides: its length is that of no other curve of Intel's. */
static int read_key(struct x509_cert *cert, struct der *tbs, struct err *e)
{
	struct der info, algorithm, point;
	int r;

	if (!der_next(tbs, DER_SEQUENCE, &info) || !der_next(&info, DER_SEQUENCE, &algorithm) ||
	    !bits(&info, &point) || !der_at_end(&info))
		return err_set(e, -EINVAL, "it has no public key");
	if (point.size != P256_POINT_SIZE || point.data[0] != 4)
		return err_set(e, -EINVAL, "its key is no uncompressed point of P-256");
	cert->point = point.data;
	r = ecdsa_key_new(point.data + 1, &cert->key);
	return r < 0 ? err_set(e, r, "its key is no point of P-256") : 0;
}

static int read_name(struct der *tbs, struct x509_name *ret, struct err *e)
{
	struct der name;

	if (!der_next(tbs, DER_SEQUENCE, &name))
		return err_set(e, -EINVAL, "it lacks a name");
	return x509_name_read(name, ret, e);
}

static int read_tbs(struct x509_cert *cert, struct der tbs, struct err *e)
{
	struct der version, algorithm, validity;
	int r;

	if (der_peek(&tbs) == DER_CONTEXT(0))
		der_next(&tbs, DER_CONTEXT(0), &version);
	if (!der_next(&tbs, DER_INTEGER, &cert->serial) ||
	    !der_next(&tbs, DER_SEQUENCE, &algorithm))
		return err_set(e, -EINVAL, "it has no serial number");
	/* As a magnitude it could be another certificate's. */
	if (cert->serial.size == 0 || cert->serial.data[0] & 0x80)
		return err_set(e, -EINVAL, "its serial number is negative, or empty");
	cert->serial = x509_magnitude(cert->serial);
	r = read_name(&tbs, &cert->issuer, e);
	if (r < 0)
		return r;
	if (!der_next(&tbs, DER_SEQUENCE, &validity) ||
	    !x509_time_read(&validity, &cert->not_before) ||
	    !x509_time_read(&validity, &cert->not_after) || !der_at_end(&validity))
		return err_set(e, -EINVAL, "its validity is no pair of times");
	r = read_name(&tbs, &cert->subject, e);
	if (r == 0)
		r = read_key(cert, &tbs, e);
	return r == 0 ? read_extensions(cert, &tbs, e) : r;
}

/* Ecdsa-Sig-Value (RFC 5480); that its numbers are in range is for who verifies. */
static bool is_ecdsa(struct der value)
{
	struct der pair, number;

	return der_next(&value, DER_SEQUENCE, &pair) && der_next(&pair, DER_INTEGER, &number) &&
	       der_next(&pair, DER_INTEGER, &number);
}

static int read_cert(struct x509_cert *cert, struct err *e)
{
	struct der whole = { cert->der, cert->der_size }, outer, tbs, algorithm, oid;

	if (!der_next(&whole, DER_SEQUENCE, &outer) || !der_at_end(&whole))
		return err_set(e, -EINVAL, "no certificate, or bytes behind it");
	cert->tbs.data = outer.data;
	if (!der_next(&outer, DER_SEQUENCE, &tbs))
		return err_set(e, -EINVAL, "no certificate");
	cert->tbs.size = (size_t)(outer.data - cert->tbs.data);
	if (!der_next(&outer, DER_SEQUENCE, &algorithm) || !der_next(&algorithm, DER_OID, &oid) ||
	    !bits(&outer, &cert->signature) || !der_at_end(&outer) || !is_ecdsa(cert->signature))
		return err_set(e, -EINVAL, "it has no ECDSA signature");
	return read_tbs(cert, tbs, e);
}

int x509_cert_parse(const void *der, size_t size, struct x509_cert **ret, struct err *e)
{
	_cleanup_(x509_cert_freep) struct x509_cert *cert = NULL;
	int r;

	if (size == 0 || size > X509_DER_MAX)
		return err_set(e, -EINVAL, "no certificate: %zu bytes", size);
	cert = calloc(1, sizeof(*cert));
	if (!cert)
		return err_set(e, -ENOMEM, "out of memory");
	cert->der = malloc(size);
	if (!cert->der)
		return err_set(e, -ENOMEM, "out of memory");
	memcpy(cert->der, der, size);
	cert->der_size = size;
	r = read_cert(cert, e);
	if (r < 0)
		return r;
	*ret = take_ptr(cert);
	return 0;
}

void x509_cert_free(struct x509_cert *cert)
{
	if (!cert)
		return;
	ecdsa_key_free(cert->key);
	free(cert->der);
	free(cert);
}

void x509_cert_freep(struct x509_cert **cert)
{
	x509_cert_free(*cert);
}

const uint8_t *x509_cert_der(const struct x509_cert *cert, size_t *ret_size)
{
	*ret_size = cert->der_size;
	return cert->der;
}

const struct x509_name *x509_cert_subject(const struct x509_cert *cert)
{
	return &cert->subject;
}

const struct x509_name *x509_cert_issuer(const struct x509_cert *cert)
{
	return &cert->issuer;
}

const uint8_t *x509_cert_point(const struct x509_cert *cert)
{
	return cert->point;
}

const struct ecdsa_key *x509_cert_key(const struct x509_cert *cert)
{
	return cert->key;
}

const uint8_t *x509_cert_signature(const struct x509_cert *cert, size_t *ret_size)
{
	*ret_size = cert->signature.size;
	return cert->signature.data;
}

int64_t x509_cert_not_before(const struct x509_cert *cert)
{
	return cert->not_before;
}

int64_t x509_cert_not_after(const struct x509_cert *cert)
{
	return cert->not_after;
}

const uint8_t *x509_cert_serial(const struct x509_cert *cert, size_t *ret_size)
{
	*ret_size = cert->serial.size;
	return cert->serial.data;
}

const uint8_t *x509_cert_extension(const struct x509_cert *cert, const void *oid, size_t oid_size,
                                   size_t *ret_size)
{
	for (size_t i = 0; i < cert->extension_count; i++) {
		const struct extension *x = &cert->extension[i];

		if (x->oid.size == oid_size && memcmp(x->oid.data, oid, oid_size) == 0) {
			*ret_size = x->value.size;
			return x->value.data;
		}
	}
	return NULL;
}

const char *x509_cert_missing_extension(const struct x509_cert *cert)
{
	/* id-ce, 2.5.29. */
	static const struct {
		uint8_t oid[3];
		const char *name;
	} wanted[] = {
		{ { 0x55, 0x1d, 35 }, "authorityKeyIdentifier" },
		{ { 0x55, 0x1d, 31 }, "cRLDistributionPoints" },
		{ { 0x55, 0x1d, 14 }, "subjectKeyIdentifier" },
		{ { 0x55, 0x1d, 15 }, "keyUsage" },
		{ { 0x55, 0x1d, 19 }, "basicConstraints" },
	};
	size_t size;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (!x509_cert_extension(cert, wanted[i].oid, sizeof(wanted[i].oid), &size))
			return wanted[i].name;
	}
	return NULL;
}

bool x509_cert_signed_by(const struct x509_cert *cert, const struct ecdsa_key *key)
{
	return ecdsa_verify_der(key, cert->tbs.data, cert->tbs.size, cert->signature.data,
	                        cert->signature.size);
}
