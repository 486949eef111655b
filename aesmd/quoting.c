// SPDX-License-Identifier: Apache-2.0
/* The quoting enclave's services; see quoting.h. */
#include "aesmd/quoting.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "sgx/quote.h"

#define AUTH_SIZE 32 /* Intel's QE authenticates the bytes 0 to 31 */

static const uint8_t auth_data[AUTH_SIZE] = {
	0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
	16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
};

/* What stands between header and certification data. */
struct quote3 {
	struct sgx_quote_header header;
	uint8_t body[SGX_REPORT_BODY_SIZE];
	uint32_t signature_size;
	struct sgx_quote3_signature signature;
	uint16_t auth_size;
	uint8_t auth[AUTH_SIZE];
	struct sgx_cert_header cert;
} __attribute__((packed));
_Static_assert(sizeof(struct quote3) == 1052, "quote3");
_Static_assert(offsetof(struct quote3, signature) == 436, "quote3.signature");

static enum arch_result report(const struct quoting *q, const struct sgx_targetinfo *target,
                               const uint8_t data[SGX_REPORTDATA_SIZE], struct sgx_report *ret)
{
	struct arch_args args = { .op = ARCH_REPORT };
	enum arch_result result;

	args.report.target = *target;
	memcpy(args.report.data, data, sizeof(args.report.data));
	result = arch_enter(&q->enclave, &args);
	if (result == ARCH_OK)
		*ret = args.report.report;
	return result;
}

void quoting_target(const struct quoting *q, struct sgx_targetinfo *ret)
{
	memset(ret, 0, sizeof(*ret));
	memcpy(ret->measurement, q->self.mrenclave, sizeof(ret->measurement));
	ret->attributes = q->self.attributes;
	ret->miscselect = q->self.miscselect;
}

static int identify(struct quoting *q, struct err *e)
{
	const struct sgx_targetinfo nobody = { .miscselect = 0 };
	const uint8_t nothing[SGX_REPORTDATA_SIZE] = { 0 };
	struct arch_args args = { .op = ARCH_QEID };

	if (report(q, &nobody, nothing, &q->self) != ARCH_OK ||
	    arch_enter(&q->enclave, &args) != ARCH_OK)
		return err_set(e, -EIO, "the quoting enclave does not answer");
	memcpy(q->qeid, args.qeid, sizeof(q->qeid));
	q->key_id.mrsigner_length = sizeof(q->self.mrsigner);
	memcpy(q->key_id.mrsigner, q->self.mrsigner, sizeof(q->self.mrsigner));
	q->key_id.prod_id = q->self.isvprodid;
	q->key_id.algorithm_id = SGX_QUOTE_KEY_ECDSA_P256;
	return 0;
}

/* The QE report says whose attestation key it is, and the PCK that it is of this platform. */
static int certify(struct quoting *q, struct err *e)
{
	uint8_t bound[PKI_PUBLIC_SIZE + AUTH_SIZE], data[SGX_REPORTDATA_SIZE] = { 0 };
	struct sgx_targetinfo self;
	int r = pki_key_public(q->platform->attestation, q->attestation_key, e);

	if (r < 0)
		return r;
	memcpy(bound, q->attestation_key, PKI_PUBLIC_SIZE);
	memcpy(bound + PKI_PUBLIC_SIZE, auth_data, AUTH_SIZE);
	sha256_digest(bound, sizeof(bound), q->key_hash);
	memcpy(data, q->key_hash, sizeof(q->key_hash));
	quoting_target(q, &self);
	if (report(q, &self, data, &q->qe_report) != ARCH_OK)
		return err_set(e, -EIO, "the quoting enclave makes no report");
	return pki_sign(q->platform->pck, &q->qe_report, SGX_REPORT_BODY_SIZE,
	                q->qe_report_signature, e);
}

static int find_chain(struct quoting *q, struct err *e)
{
	_cleanup_(freep) char *pck = NULL;
	int r = platform_pck(q->platform, q->self.cpusvn, &pck, e);

	if (r < 0)
		return r;
	if (asprintf(&q->chain, "%s%s%s", pck, q->platform->ca_pem, q->platform->root_pem) < 0) {
		q->chain = NULL;
		return err_set(e, -ENOMEM, "out of memory");
	}
	q->quote_size = sizeof(struct quote3) + strlen(q->chain) + 1;
	return 0;
}

void quoting_release(struct quoting *q)
{
	free(q->chain);
	q->chain = NULL;
}

int quoting_open(const struct platform *platform, struct quoting *ret, struct err *e)
{
	_cleanup_(quoting_release) struct quoting q = { .platform = platform };
	struct arch_image image = arch_image_qe();
	int r = arch_load_intree(&image, platform->qe, &q.enclave, e);

	if (r == 0)
		r = identify(&q, e);
	if (r == 0)
		r = find_chain(&q, e);
	if (r == 0)
		r = certify(&q, e);
	if (r < 0)
		return r;
	*ret = q;
	q.chain = NULL;
	return 0;
}

static void fill(const struct quoting *q, const struct sgx_report *of, struct quote3 *quote)
{
	static const uint8_t vendor[16] = SGX_QE_VENDOR_INTEL; /* the format's, not the maker's */
	size_t cert_size = strlen(q->chain) + 1;

	memset(quote, 0, sizeof(*quote));
	quote->header.version = 3;
	quote->header.att_key_type = SGX_QUOTE_KEY_ECDSA_P256;
	quote->header.qe_svn = q->self.isvsvn;
	quote->header.pce_svn = PLATFORM_PCESVN;
	memcpy(quote->header.qe_vendor_id, vendor, sizeof(vendor));
	memcpy(quote->header.user_data, q->qeid, sizeof(q->qeid));
	memcpy(quote->body, of, sizeof(quote->body));
	quote->signature_size = (uint32_t)(q->quote_size - offsetof(struct quote3, signature));
	memcpy(quote->signature.attestation_key, q->attestation_key, PKI_PUBLIC_SIZE);
	memcpy(quote->signature.qe_report, &q->qe_report, SGX_REPORT_BODY_SIZE);
	memcpy(quote->signature.qe_report_signature, q->qe_report_signature, PKI_SIGNATURE_SIZE);
	quote->auth_size = AUTH_SIZE;
	memcpy(quote->auth, auth_data, AUTH_SIZE);
	quote->cert.type = SGX_CERT_PCK_CHAIN;
	quote->cert.size = (uint32_t)cert_size;
}

/* For the application: this quote is this QE's. */
static enum aesm_error prove(const struct quoting *q, const uint8_t *quote,
                             struct sgx_qe_report_info *info)
{
	uint8_t data[SGX_REPORTDATA_SIZE] = { 0 };
	struct sha256 sha;

	sha256_init(&sha);
	sha256_update(&sha, info->nonce, sizeof(info->nonce));
	sha256_update(&sha, quote, q->quote_size);
	sha256_final(&sha, data);
	return report(q, &info->app, data, &info->qe_report) == ARCH_OK ? AESM_SUCCESS
	                                                                : AESM_UNEXPECTED_ERROR;
}

enum aesm_error quoting_quote(const struct quoting *q, const struct sgx_report *of,
                              struct sgx_qe_report_info *info, uint8_t **ret)
{
	struct arch_args args = { .op = ARCH_VERIFY };
	_cleanup_(freep) uint8_t *whole = NULL;
	enum aesm_error error = AESM_SUCCESS;
	struct quote3 quote;
	struct err e;

	args.verify = *of;
	if (arch_enter(&q->enclave, &args) != ARCH_OK)
		return AESM_INVALID_REPORT;
	fill(q, of, &quote);
	if (pki_sign(q->platform->attestation, &quote, offsetof(struct quote3, signature_size),
	             quote.signature.signature, &e) < 0)
		return AESM_UNEXPECTED_ERROR;
	whole = malloc(q->quote_size);
	if (whole == NULL)
		return AESM_OUT_OF_MEMORY_ERROR;
	memcpy(whole, &quote, sizeof(quote));
	memcpy(whole + sizeof(quote), q->chain, strlen(q->chain) + 1);
	if (info != NULL)
		error = prove(q, whole, info);
	if (error == AESM_SUCCESS)
		*ret = take_ptr(whole);
	return error;
}
