// SPDX-License-Identifier: Apache-2.0
/*
 * The order of verification: that of sgx_qve_verify_quote and the library functions it calls.  The
 * first check that fails ends it and is the verdict.
 */
#include "lib/dcap/verify.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/crypto/pem.h"
#include "lib/dcap/check.h"

/* Intel SGX Root CA, as hard-coded in Intel's quote verification enclave. */
const uint8_t dcap_intel_root[P256_KEY_SIZE] = {
	0x0b, 0xa9, 0xc4, 0xc0, 0xc0, 0xc8, 0x61, 0x93, 0xa3, 0xfe, 0x23, 0xd6, 0xb0,
	0x2c, 0xda, 0x10, 0xa8, 0xbb, 0xd4, 0xe8, 0x8e, 0x48, 0xb4, 0x45, 0x85, 0x61,
	0xa3, 0x6e, 0x70, 0x55, 0x25, 0xf5, 0x67, 0x91, 0x8e, 0x2e, 0xdc, 0x88, 0xe4,
	0x0d, 0x86, 0x0b, 0xd0, 0xcc, 0x4e, 0xe2, 0x6a, 0xac, 0xc9, 0x88, 0xe5, 0x05,
	0xa9, 0x53, 0x55, 0x8c, 0x45, 0x3f, 0x6b, 0x09, 0x04, 0xae, 0x73, 0x94,
};

enum dcap_error dcap_fail(struct dcap_result *result, enum dcap_error error, const char *fmt, ...)
{
	char detail[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(detail, sizeof(detail), fmt, args);
	va_end(args);
	snprintf(result->message, sizeof(result->message), "%s: %s", dcap_error_text(error),
	         detail);
	result->error = error;
	result->code = dcap_error_code(error);
	return error;
}

static enum dcap_error fault(struct dcap_result *result, const struct dcap_fault *f)
{
	return f->error ? dcap_fail(result, f->error, "%.250s", f->why.text) : DCAP_OK;
}

/* Step 0. */
static enum dcap_error check_parameters(struct dcap_check *c, const void *quote)
{
	uint32_t version;

	if (!quote || !c->collateral)
		return dcap_fail(c->result, DCAP_E_INVALID_PARAMETER, "no quote or no collateral");
	if (c->time <= 0)
		return dcap_fail(c->result, DCAP_E_INVALID_PARAMETER, "the time is not after 1970");
	version = c->collateral->version;
	if (version != DCAP_COLLATERAL_V1 && version != DCAP_COLLATERAL_V3 &&
	    version != DCAP_COLLATERAL_V3_1 && version != DCAP_COLLATERAL_V4)
		return dcap_fail(c->result, DCAP_E_COLLATERAL_VERSION_NOT_SUPPORTED, "%u.%u",
		                 version & 0xffff, version >> 16);
	if (c->collateral->missing != DCAP_ITEM_COUNT)
		return dcap_fail(c->result, DCAP_E_NO_COLLATERAL, "%s",
		                 dcap_item_file(c->collateral->missing));
	return DCAP_OK;
}

/* Step 1. */
static enum dcap_error read_quote(struct dcap_check *c, const void *data, size_t size)
{
	struct dcap_result *result = c->result;
	struct err e;

	if (dcap_quote_parse(data, size, &result->quote, &e) < 0)
		return dcap_fail(result, DCAP_E_UNSUPPORTED_QUOTE_FORMAT, "%.250s", e.text);
	result->has_quote = true;
	result->is_debug = dcap_quote_is_debug(&result->quote);
	if (dcap_quote_check(&result->quote, &e) < 0)
		return dcap_fail(result, DCAP_E_UNSUPPORTED_QUOTE_FORMAT, "%.250s", e.text);
	if (result->quote.cert_type != SGX_CERT_PCK_CHAIN)
		return dcap_fail(result, DCAP_E_UNSUPPORTED_QE_CERTIFICATION_DATA_TYPE,
		                 "its type is %u, not 5", result->quote.cert_type);
	return DCAP_OK;
}

/* Steps 3 and 4: the chain in the quote. */
static enum dcap_error read_chain(struct dcap_check *c)
{
	const struct dcap_collateral *collateral = c->collateral;
	const struct dcap_chain *const known[] = { &collateral->pck_crl_chain,
		                                   &collateral->tcb_info_signing.chain,
		                                   &collateral->qe_identity_signing.chain };
	const struct dcap_quote *quote = &c->result->quote;
	const struct x509_cert *root;
	struct err e;

	if (dcap_chain_parse(quote->cert, quote->cert_size, known, 3, &c->chain, &e))
		return dcap_fail(c->result, DCAP_E_UNSUPPORTED_CERT_FORMAT,
		                 "PCK certificate chain: %.200s", e.text);
	if (c->chain.count != 3)
		return dcap_fail(c->result, DCAP_E_UNSUPPORTED_CERT_FORMAT,
		                 "PCK certificate chain: %d certificates, not 3", c->chain.count);
	if (c->chain.pck >= 0) {
		c->result->pck = c->chain.sgx;
		c->result->has_pck = true;
	}
	root = dcap_chain_cert(&c->chain, c->chain.root);
	if (!root)
		return dcap_fail(c->result, DCAP_E_PCK_CERT_CHAIN_UNTRUSTED, "it has no root");
	if (memcmp(x509_cert_point(root) + 1, c->root, P256_KEY_SIZE) != 0)
		return dcap_fail(c->result, DCAP_E_PCK_CERT_CHAIN_UNTRUSTED,
		                 "the key of %s is another one", x509_cert_subject(root)->text);
	return DCAP_OK;
}

/* Steps 2 to 5. */
static enum dcap_error read_all(struct dcap_check *c)
{
	const struct dcap_collateral *collateral = c->collateral;
	const struct dcap_fault *const rest[] = {
		&collateral->qe_identity_fault,      &collateral->qe_identity_signing.fault,
		&collateral->tcb_info_signing.fault, &collateral->pck_crl_chain_fault,
		&collateral->root_crl.fault,         &collateral->pck_crl.fault,
	};
	enum dcap_error error = fault(c->result, &collateral->tcb_info_fault);

	if (!error)
		error = read_chain(c);
	for (size_t i = 0; !error && i < sizeof(rest) / sizeof(rest[0]); i++)
		error = fault(c->result, rest[i]);
	return error;
}

/* Is all of it for this platform and TEE?  Step 9 up to PCEID. */
static enum dcap_error check_match(struct dcap_check *c)
{
	const struct dcap_tcb_info *info = &c->collateral->tcb_info;
	const struct x509_name *issuer = x509_cert_issuer(dcap_chain_cert(&c->chain, c->chain.pck));
	const struct dcap_pck *pck = &c->chain.sgx;

	if (!x509_name_same(x509_crl_issuer(c->collateral->pck_crl.x509), issuer))
		return dcap_fail(c->result, DCAP_E_INVALID_PCK_CRL, "the PCK's is %.200s",
		                 issuer->text);
	if (info->is_tdx != dcap_quote_is_tdx(&c->result->quote))
		return dcap_fail(c->result, DCAP_E_TCB_INFO_MISMATCH, "TEE: it is for %s",
		                 info->is_tdx ? "TDX" : "SGX");
	if (memcmp(pck->fmspc, info->fmspc, sizeof(pck->fmspc)) != 0)
		return dcap_fail(c->result, DCAP_E_TCB_INFO_MISMATCH, "FMSPC");
	if (memcmp(pck->pceid, info->pceid, sizeof(pck->pceid)) != 0)
		return dcap_fail(c->result, DCAP_E_TCB_INFO_MISMATCH, "PCEID");
	return DCAP_OK;
}

/* SEAMATTRIBUTES have to be zero, whatever the TCB info's mask says. */
static enum dcap_error check_module(struct dcap_check *c)
{
	static const uint8_t zero[sizeof(c->result->quote.td.seamattributes)];
	const struct dcap_tcb_info *info = &c->collateral->tcb_info;
	const struct sgx_td_report *td = &c->result->quote.td;
	const struct dcap_tdx_module *module = &info->module;
	uint8_t version = td->tee_tcb_svn[1];

	if (!info->is_tdx)
		return DCAP_OK;
	if (version > 0)
		module = dcap_tdx_module_of(info, version);
	if (!module)
		return dcap_fail(c->result, DCAP_E_TDX_MODULE_MISMATCH, "no identity TDX_%02X",
		                 version);
	if (memcmp(td->mrsignerseam, module->mrsigner, sizeof(module->mrsigner)) != 0)
		return dcap_fail(c->result, DCAP_E_TDX_MODULE_MISMATCH, "MRSIGNERSEAM");
	if (memcmp(td->seamattributes, zero, sizeof(zero)) != 0 ||
	    memcmp(module->attributes, zero, sizeof(zero)) != 0)
		return dcap_fail(c->result, DCAP_E_TDX_MODULE_MISMATCH, "SEAMATTRIBUTES");
	return DCAP_OK;
}

/* The QE: its REPORT is by the PCK, binds the attestation key, and is that of Intel's enclave. */
static enum dcap_error check_qe(struct dcap_check *c)
{
	const struct x509_cert *pck = dcap_chain_cert(&c->chain, c->chain.pck);
	const struct dcap_qe_identity *identity = &c->collateral->qe_identity;
	struct dcap_result *result = c->result;
	const struct dcap_quote *quote = &result->quote;
	uint8_t bound[SGX_ECDSA_KEY_SIZE + UINT16_MAX], digest[ECDSA_SHA256_SIZE];
	const char *field;

	result->signature_count++;
	if (!ecdsa_verify(x509_cert_key(pck), quote->qe_report_data, SGX_REPORT_BODY_SIZE,
	                  quote->qe_report_signature))
		return dcap_fail(result, DCAP_E_INVALID_QE_REPORT_SIGNATURE,
		                 "not by the PCK's key");
	memcpy(bound, quote->attestation_key, SGX_ECDSA_KEY_SIZE);
	memcpy(bound + SGX_ECDSA_KEY_SIZE, quote->auth, quote->auth_size);
	ecdsa_sha256(bound, SGX_ECDSA_KEY_SIZE + quote->auth_size, digest);
	if (memcmp(digest, quote->qe_report.reportdata, sizeof(digest)) != 0)
		return dcap_fail(result, DCAP_E_INVALID_QE_REPORT_DATA, "REPORTDATA");
	if (identity->id != (dcap_quote_is_tdx(quote) ? DCAP_QE_TDX : DCAP_QE_SGX))
		return dcap_fail(result, DCAP_E_QE_IDENTITY_MISMATCH,
		                 "it is not for the quote's TEE");
	field = dcap_qe_identity_mismatch(identity, &quote->qe_report);
	if (field)
		return dcap_fail(result, DCAP_E_QE_IDENTITY_MISMATCH, "%s", field);
	return DCAP_OK;
}

static enum dcap_error check_signature(struct dcap_check *c)
{
	struct dcap_result *result = c->result;
	const struct dcap_quote *quote = &result->quote;
	struct ecdsa_key *key;
	bool good;

	if (ecdsa_key_new(quote->attestation_key, &key) < 0)
		return dcap_fail(result, DCAP_E_UNSUPPORTED_QUOTE_FORMAT,
		                 "the attestation key is no point of P-256");
	result->signature_count++;
	good = ecdsa_verify(key, quote->signed_data, quote->signed_size, quote->signature);
	ecdsa_key_free(key);
	return good ? DCAP_OK
	            : dcap_fail(result, DCAP_E_INVALID_QUOTE_SIGNATURE,
	                        "not by its attestation key");
}

static enum dcap_error check_all(struct dcap_check *c, const void *quote, size_t size)
{
	const struct dcap_collateral *collateral = c->collateral;
	enum dcap_error error = check_parameters(c, quote);

	if (!error)
		error = read_quote(c, quote, size);
	if (!error)
		error = read_all(c);
	if (error)
		return error;
	dcap_check_expiry(c);
	error = dcap_check_pck_chain(c);
	if (!error)
		error = dcap_check_signing(c, &collateral->tcb_info_signing,
		                           DCAP_E_TCB_INFO_INVALID_SIGNATURE,
		                           "TCB info issuer chain");
	if (!error)
		error = dcap_check_signing(c, &collateral->qe_identity_signing,
		                           DCAP_E_ENCLAVE_IDENTITY_INVALID_SIGNATURE,
		                           "QE identity issuer chain");
	if (!error)
		error = check_match(c);
	if (!error)
		error = check_module(c);
	if (!error)
		error = check_qe(c);
	if (!error)
		error = check_signature(c);
	return error ? error : dcap_check_tcb(c);
}

enum dcap_error dcap_verify(const void *quote, size_t size,
                            const struct dcap_collateral *collateral, int64_t time,
                            const uint8_t *root, struct dcap_result *ret)
{
	struct dcap_check c = {
		.collateral = collateral,
		.time = time,
		.root = root ? root : dcap_intel_root,
		.result = ret,
	};
	enum dcap_error error;

	*ret = (struct dcap_result){ .earliest = DCAP_X_COUNT };
	error = check_all(&c, quote, size);
	dcap_chain_free(&c.chain);
	return error;
}

int dcap_root_load(const void *data, size_t size, uint8_t ret[P256_KEY_SIZE], struct err *e)
{
	_cleanup_(x509_cert_freep) struct x509_cert *cert = NULL;
	struct pem in = { data, size };
	uint8_t der[X509_DER_MAX];
	long found = pem_next(&in, "CERTIFICATE", der, sizeof(der));
	int r;

	if (found < 0)
		return err_set(e, -EINVAL, "its PEM is broken");
	r = found > 0 ? x509_cert_parse(der, (size_t)found, &cert, e)
	              : x509_cert_parse(data, size, &cert, e);
	if (r < 0)
		return r;
	memcpy(ret, x509_cert_point(cert) + 1, P256_KEY_SIZE);
	return 0;
}
