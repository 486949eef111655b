/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking a quote apart: versions 3, 4 and 5, SGX and TDX, without checking what it says.  Everything in
 * struct dcap_quote is inside the caller's buffer, or a copy of fixed size; nothing is allocated.
 */
#ifndef LIB_DCAP_QUOTE_H
#define LIB_DCAP_QUOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "sgx/quote.h"

struct dcap_quote {
	struct sgx_quote_header header;
	uint16_t body_type; /* SGX_QUOTE_BODY_*, also for the versions that do not say it */
	/* Copies: SGX the first, with KEYID and MAC zero; TDX the second, zero behind its version. */
	struct sgx_report report;
	struct sgx_td_report td;

	const uint8_t *body; /* as it stands in the quote */
	size_t body_size;
	const uint8_t *signed_data; /* what the attestation key signed: the quote's beginning */
	size_t signed_size;
	const uint8_t *signature;       /* 64 bytes */
	const uint8_t *attestation_key; /* 64 bytes */

	struct sgx_report qe_report;        /* a copy */
	const uint8_t *qe_report_data;      /* its 384 bytes in the quote */
	const uint8_t *qe_report_signature; /* 64 bytes */
	const uint8_t *auth;                /* QE authentication data */
	size_t auth_size;

	uint16_t outer_cert_type; /* version 3: the same as cert_type; later: what should be 6 */
	uint16_t cert_type;       /* SGX_CERT_* */
	const uint8_t *cert;      /* certification data */
	size_t cert_size;

	size_t size; /* of the quote; bytes of the buffer behind it are not part of it */
};

/*
 * 0, or -EINVAL with the part that does not fit: too short, a size beyond the buffer, a body that is
 * not of its type's size, certification data of type 6 not used up.  Trailing bytes are accepted, and
 * so is slack behind version 3's certification data.  *ret changes only on success.
 */
int dcap_quote_parse(const void *data, size_t size, struct dcap_quote *ret, struct err *e);

/*
 * Is it a quote that Intel's library takes: ECDSA P-256, Intel's QE vendor ID, a TEE type and body that
 * go together, certification data of types that its version may have?  0 or -EINVAL with the reason.
 */
int dcap_quote_check(const struct dcap_quote *quote, struct err *e);

static inline bool dcap_quote_is_tdx(const struct dcap_quote *quote)
{
	return quote->header.tee_type == SGX_TEE_TDX;
}

/* The enclave is a debug enclave, or the TD a debug TD: its secrets are open to its host. */
bool dcap_quote_is_debug(const struct dcap_quote *quote);
/* The 64 bytes of REPORTDATA. */
const uint8_t *dcap_quote_reportdata(const struct dcap_quote *quote);

#endif
