// SPDX-License-Identifier: Apache-2.0
/* A quote is read from its front to its back; every size in it is held against what is left. */
#include "lib/dcap/quote.h"

#include <errno.h>
#include <string.h>

#define QUOTE_SIZE_MIN 1020 /* version 3 without authentication and certification data */

struct reader {
	const uint8_t *at;
	size_t left;
};

/* The next size bytes, or NULL. */
static const uint8_t *take(struct reader *r, size_t size)
{
	const uint8_t *at = r->at;

	if (size > r->left)
		return NULL;
	r->at += size;
	r->left -= size;
	return at;
}

static bool copy(struct reader *r, void *ret, size_t size)
{
	const uint8_t *at = take(r, size);

	if (at)
		memcpy(ret, at, size);
	return at != NULL;
}

static size_t body_size_of(uint16_t type)
{
	switch (type) {
	case SGX_QUOTE_BODY_SGX: return SGX_REPORT_BODY_SIZE;
	case SGX_QUOTE_BODY_TD10: return SGX_TD10_SIZE;
	case SGX_QUOTE_BODY_TD15: return SGX_TD15_SIZE;
	case SGX_QUOTE_BODY_TD15X: return SGX_TD15X_SIZE;
	default: return 0;
	}
}

/* Which body follows the header. */
static int read_body_type(struct reader *r, struct dcap_quote *q, struct err *e)
{
	struct sgx_quote_body_header body;

	if (q->header.version == 5) {
		if (!copy(r, &body, sizeof(body)))
			return err_set(e, -EINVAL, "quote too short for its body's header");
		q->body_type = body.type;
		if (body_size_of(body.type) == 0)
			return err_set(e, -EINVAL, "quote body type %u is unknown", body.type);
		if (body.size != body_size_of(body.type))
			return err_set(e, -EINVAL, "quote body of type %u with %u bytes, not %zu",
			               body.type, body.size, body_size_of(body.type));
		return 0;
	}
	if (q->header.tee_type == SGX_TEE_SGX)
		q->body_type = SGX_QUOTE_BODY_SGX;
	else if (q->header.version == 4 && q->header.tee_type == SGX_TEE_TDX)
		q->body_type = SGX_QUOTE_BODY_TD10;
	else
		return err_set(e, -EINVAL, "quote version %u with TEE type 0x%x", q->header.version,
		               q->header.tee_type);
	return 0;
}

static int read_body(struct reader *r, struct dcap_quote *q, struct err *e)
{
	int found = read_body_type(r, q, e);

	if (found < 0)
		return found;
	q->body_size = body_size_of(q->body_type);
	q->body = take(r, q->body_size);
	if (!q->body)
		return err_set(e, -EINVAL, "quote too short for its body of %zu bytes",
		               q->body_size);
	if (q->body_type == SGX_QUOTE_BODY_SGX)
		memcpy(&q->report, q->body, q->body_size);
	else
		memcpy(&q->td, q->body, q->body_size);
	return 0;
}

/* Type, size, data. */
static int read_cert(struct reader *r, uint16_t *type, struct reader *ret, const char *what,
                     struct err *e)
{
	struct sgx_cert_header header;

	if (!copy(r, &header, sizeof(header)))
		return err_set(e, -EINVAL, "quote too short for its %s", what);
	ret->left = header.size;
	ret->at = take(r, header.size);
	if (!ret->at)
		return err_set(e, -EINVAL, "%s of %u bytes, but %zu are left", what, header.size,
		               r->left);
	*type = header.type;
	return 0;
}

/* QE report, its signature, authentication data and certification data. */
static int read_qe(struct reader *r, struct dcap_quote *q, struct err *e)
{
	struct reader cert = { 0 };
	uint16_t size;
	int found;

	q->qe_report_data = take(r, SGX_REPORT_BODY_SIZE);
	q->qe_report_signature = take(r, SGX_ECDSA_SIGNATURE_SIZE);
	if (!q->qe_report_data || !q->qe_report_signature || !copy(r, &size, sizeof(size)))
		return err_set(e, -EINVAL, "quote too short for its QE report");
	memcpy(&q->qe_report, q->qe_report_data, SGX_REPORT_BODY_SIZE);
	q->auth_size = size;
	q->auth = take(r, size);
	if (!q->auth)
		return err_set(e, -EINVAL, "QE authentication data of %u bytes, but %zu are left",
		               size, r->left);
	found = read_cert(r, &q->cert_type, &cert, "certification data", e);
	q->cert = cert.at;
	q->cert_size = cert.left;
	return found;
}

static int read_signature(struct reader *r, struct dcap_quote *q, struct err *e)
{
	struct reader qe = { 0 };
	int found;

	q->signature = take(r, SGX_ECDSA_SIGNATURE_SIZE);
	q->attestation_key = take(r, SGX_ECDSA_KEY_SIZE);
	if (!q->signature || !q->attestation_key)
		return err_set(e, -EINVAL, "signature data too short");
	if (q->header.version == 3) {
		found = read_qe(r, q, e);
		q->outer_cert_type = q->cert_type;
		return found;
	}
	found = read_cert(r, &q->outer_cert_type, &qe, "QE report certification data", e);
	if (found == 0)
		found = read_qe(&qe, q, e);
	if (found == 0 && qe.left > 0)
		return err_set(e, -EINVAL, "%zu bytes behind the certification data", qe.left);
	return found;
}

int dcap_quote_parse(const void *data, size_t size, struct dcap_quote *ret, struct err *e)
{
	struct reader r = { data, size }, signature;
	struct dcap_quote q = { 0 };
	uint32_t signature_size;
	int found;

	if (size < QUOTE_SIZE_MIN || !copy(&r, &q.header, sizeof(q.header)))
		return err_set(e, -EINVAL, "quote of %zu bytes, at least %d are needed", size,
		               QUOTE_SIZE_MIN);
	if (q.header.version < 3 || q.header.version > 5)
		return err_set(e, -EINVAL, "quote version %u", q.header.version);
	found = read_body(&r, &q, e);
	if (found < 0)
		return found;
	q.signed_data = data;
	q.signed_size = size - r.left;
	if (!copy(&r, &signature_size, sizeof(signature_size)))
		return err_set(e, -EINVAL, "quote too short for its signature data");
	signature.left = signature_size;
	signature.at = take(&r, signature_size);
	if (!signature.at)
		return err_set(e, -EINVAL, "signature data of %u bytes, but %zu are left",
		               signature_size, r.left);
	q.size = size - r.left;
	found = read_signature(&signature, &q, e);
	if (found < 0)
		return found;
	*ret = q;
	return 0;
}

int dcap_quote_check(const struct dcap_quote *quote, struct err *e)
{
	static const uint8_t intel[] = SGX_QE_VENDOR_INTEL;
	bool is_tdx = dcap_quote_is_tdx(quote);

	if (quote->header.att_key_type != SGX_QUOTE_KEY_ECDSA_P256)
		return err_set(e, -EINVAL, "attestation key type %u, not ECDSA P-256",
		               quote->header.att_key_type);
	if (!is_tdx && quote->header.tee_type != SGX_TEE_SGX)
		return err_set(e, -EINVAL, "TEE type 0x%x", quote->header.tee_type);
	if (memcmp(quote->header.qe_vendor_id, intel, sizeof(intel)) != 0)
		return err_set(e, -EINVAL, "QE vendor ID is not Intel's");
	if (quote->header.version > 3 && quote->outer_cert_type != SGX_CERT_QE_REPORT)
		return err_set(e, -EINVAL, "QE report certification data of type %u, not 6",
		               quote->outer_cert_type);
	if (quote->cert_type < SGX_CERT_PPID_CLEAR || quote->cert_type > SGX_CERT_PCK_CHAIN)
		return err_set(e, -EINVAL, "certification data of type %u, not 1 to 5",
		               quote->cert_type);
	if (is_tdx != (quote->body_type != SGX_QUOTE_BODY_SGX))
		return err_set(e, -EINVAL, "quote body type %u with TEE type 0x%x",
		               quote->body_type, quote->header.tee_type);
	return 0;
}

bool dcap_quote_is_debug(const struct dcap_quote *quote)
{
	if (quote->body_type == SGX_QUOTE_BODY_SGX)
		return (quote->report.attributes.flags & SGX_ATTR_DEBUG) != 0;
	return (quote->td.tdattributes[0] & SGX_TDATTR_DEBUG) != 0;
}

const uint8_t *dcap_quote_reportdata(const struct dcap_quote *quote)
{
	return quote->body_type == SGX_QUOTE_BODY_SGX ? quote->report.reportdata
	                                              : quote->td.reportdata;
}
