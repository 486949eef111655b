// SPDX-License-Identifier: Apache-2.0
/* Revocation lists.  The serial numbers are sorted when a list is read: lists may be long. */
#include "lib/crypto/x509_private.h"

#include <ctype.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/cleanup.h"
#include "lib/crypto/pem.h"

struct x509_crl {
	X509_CRL *x;
	uint8_t *der;
	size_t der_size;
	const uint8_t *tbs; /* in der */
	size_t tbs_size;
	struct x509_name issuer;
	int64_t this_update, next_update;
	struct der *serial; /* magnitudes, sorted */
	size_t count;
};

static int compare(const void *a, const void *b)
{
	const struct der *x = a, *y = b;

	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return x->size > 0 ? memcmp(x->data, y->data, x->size) : 0;
}

/* PCCS version 3 serves the DER as hexadecimal text: its digits, or 0 when it is no such text. */
static size_t hex_digits(const char *text, size_t size)
{
	size_t digits = 0;

	while (digits < size && isxdigit((unsigned char)text[digits]))
		digits++;
	while (size > digits && (text[size - 1] == 0 || isspace((unsigned char)text[size - 1])))
		size--;
	return digits == size && digits % 2 == 0 ? digits : 0;
}

static uint8_t nibble(char c)
{
	return (uint8_t)(isdigit((unsigned char)c) ? c - '0'
	                                           : tolower((unsigned char)c) - 'a' + 10);
}

/* The list's DER, whatever its encoding; der has room for as many bytes as text has. */
static long decode(const char *text, size_t size, uint8_t *der)
{
	struct pem in = { text, size };
	size_t digits = hex_digits(text, size);

	if (memmem(text, size, "-----BEGIN X509 CRL-----", 24))
		return pem_next(&in, "X509 CRL", der, size);
	if (digits == 0) {
		memcpy(der, text, size);
		return (long)size;
	}
	for (size_t i = 0; i < digits / 2; i++)
		der[i] = (uint8_t)(nibble(text[2 * i]) << 4 | nibble(text[2 * i + 1]));
	return (long)(digits / 2);
}

static int find_tbs(struct x509_crl *crl, struct err *e)
{
	struct der whole = { crl->der, crl->der_size }, outer, inner;
	const uint8_t *from;

	if (!der_next(&whole, DER_SEQUENCE, &outer))
		return err_set(e, -EINVAL, "no revocation list");
	/* What is behind it counts for nothing, as for Intel's library: it may be a C string's end. */
	crl->der_size = (size_t)(whole.data - crl->der);
	from = outer.data;
	if (!der_next(&outer, DER_SEQUENCE, &inner))
		return err_set(e, -EINVAL, "no revocation list");
	crl->tbs = from;
	crl->tbs_size = (size_t)(outer.data - from);
	return 0;
}

static int read_serials(struct x509_crl *crl, struct err *e)
{
	const STACK_OF(X509_REVOKED) *revoked = X509_CRL_get_REVOKED(crl->x);
	int count = revoked ? sk_X509_REVOKED_num(revoked) : 0;

	if (count <= 0)
		return 0;
	crl->serial = calloc((size_t)count, sizeof(crl->serial[0]));
	if (!crl->serial)
		return err_set(e, -ENOMEM, "out of memory");
	for (int i = 0; i < count; i++) {
		const ASN1_INTEGER *number =
			X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(revoked, i));

		crl->serial[i] = x509_magnitude((struct der){ ASN1_STRING_get0_data(number),
		                                              (size_t)ASN1_STRING_length(number) });
	}
	crl->count = (size_t)count;
	qsort(crl->serial, crl->count, sizeof(crl->serial[0]), compare);
	return 0;
}

static bool seconds(const ASN1_TIME *time, int64_t *ret)
{
	struct tm tm = { 0 };

	if (!time || !ASN1_TIME_to_tm(time, &tm))
		return false;
	*ret = timegm(&tm);
	return true;
}

static int read_head(struct x509_crl *crl, struct err *e)
{
	struct der issuer = { 0 }, name;

	if (!X509_NAME_get0_der(X509_CRL_get_issuer(crl->x), &issuer.data, &issuer.size) ||
	    !der_next(&issuer, DER_SEQUENCE, &name))
		return err_set(e, -EINVAL, "no issuer");
	if (!seconds(X509_CRL_get0_lastUpdate(crl->x), &crl->this_update) ||
	    !seconds(X509_CRL_get0_nextUpdate(crl->x), &crl->next_update))
		return err_set(e, -EINVAL, "no thisUpdate or nextUpdate");
	return x509_name_read(name, &crl->issuer, e);
}

static int read_list(struct x509_crl *crl, struct err *e)
{
	const unsigned char *at = crl->der;
	ASN1_INTEGER *number;
	int r = find_tbs(crl, e);

	if (r < 0)
		return r;
	crl->x = d2i_X509_CRL(NULL, &at, (long)crl->der_size);
	if (!crl->x || at != crl->der + crl->der_size) {
		ERR_clear_error();
		return err_set(e, -EINVAL, "no revocation list");
	}
	r = read_head(crl, e);
	if (r < 0)
		return r;
	number = X509_CRL_get_ext_d2i(crl->x, NID_crl_number, NULL, NULL);
	if (!number) {
		ERR_clear_error();
		return err_set(e, -EINVAL, "no crlNumber");
	}
	ASN1_INTEGER_free(number);
	return read_serials(crl, e);
}

int x509_crl_parse(const void *data, size_t size, struct x509_crl **ret, struct err *e)
{
	_cleanup_(x509_crl_freep) struct x509_crl *crl = NULL;
	long der_size;
	int r;

	if (size == 0)
		return err_set(e, -EINVAL, "empty");
	if (size > X509_CRL_MAX)
		return err_set(e, -EFBIG, "longer than %u bytes", X509_CRL_MAX);
	crl = calloc(1, sizeof(*crl));
	if (!crl)
		return err_set(e, -ENOMEM, "out of memory");
	crl->der = malloc(size);
	if (!crl->der)
		return err_set(e, -ENOMEM, "out of memory");
	der_size = decode(data, size, crl->der);
	if (der_size < 0)
		return err_set(e, -EINVAL, "its PEM is broken");
	crl->der_size = (size_t)der_size;
	r = read_list(crl, e);
	if (r < 0)
		return r;
	*ret = take_ptr(crl);
	return 0;
}

void x509_crl_free(struct x509_crl *crl)
{
	if (!crl)
		return;
	X509_CRL_free(crl->x);
	free(crl->der);
	free(crl->serial);
	free(crl);
}

void x509_crl_freep(struct x509_crl **crl)
{
	x509_crl_free(*crl);
}

const struct x509_name *x509_crl_issuer(const struct x509_crl *crl)
{
	return &crl->issuer;
}

int64_t x509_crl_this_update(const struct x509_crl *crl)
{
	return crl->this_update;
}

int64_t x509_crl_next_update(const struct x509_crl *crl)
{
	return crl->next_update;
}

bool x509_crl_has_authority_key(const struct x509_crl *crl)
{
	return X509_CRL_get_ext_by_NID(crl->x, NID_authority_key_identifier, -1) >= 0;
}

bool x509_crl_signed_by(const struct x509_crl *crl, const struct ecdsa_key *key)
{
	const ASN1_BIT_STRING *bits;
	const X509_ALGOR *algorithm;

	X509_CRL_get0_signature(crl->x, &bits, &algorithm);
	if (OBJ_obj2nid(algorithm->algorithm) != NID_ecdsa_with_SHA256)
		return false;
	return ecdsa_verify_der(key, crl->tbs, crl->tbs_size, ASN1_STRING_get0_data(bits),
	                        (size_t)ASN1_STRING_length(bits));
}

bool x509_crl_revokes(const struct x509_crl *crl, const struct x509_cert *cert)
{
	struct der wanted;

	wanted.data = x509_cert_serial(cert, &wanted.size);
	return crl->count > 0 && bsearch(&wanted, crl->serial, crl->count, sizeof(wanted), compare);
}

size_t x509_crl_count(const struct x509_crl *crl)
{
	return crl->count;
}

const uint8_t *x509_crl_serial(const struct x509_crl *crl, size_t index, size_t *ret_size)
{
	*ret_size = crl->serial[index].size;
	return crl->serial[index].data;
}
