// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as a quote.  What is accepted lies within the input, in order, and its copies are what the
 * input has.
 */
#include "lib/dcap/quote.h"

#include <string.h>

#include "tests/fuzz/machine.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static bool inside(const uint8_t *data, size_t size, const uint8_t *part, size_t part_size)
{
	return part >= data && (size_t)(part - data) <= size &&
	       part_size <= size - (size_t)(part - data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { .text = "" };
	struct dcap_quote q;

	if (dcap_quote_parse(data, size, &q, &e) < 0) {
		PROMISE(e.text[0] != 0);
		return 0;
	}
	PROMISE(q.size <= size && q.signed_data == data && q.signed_size < q.size);
	PROMISE(q.header.version >= 3 && q.header.version <= 5);
	PROMISE(inside(data, q.size, q.body, q.body_size));
	PROMISE(q.body + q.body_size == data + q.signed_size);
	PROMISE(inside(data, q.size, q.signature, SGX_ECDSA_SIGNATURE_SIZE));
	PROMISE(inside(data, q.size, q.attestation_key, SGX_ECDSA_KEY_SIZE));
	PROMISE(inside(data, q.size, q.qe_report_data, SGX_REPORT_BODY_SIZE));
	PROMISE(inside(data, q.size, q.qe_report_signature, SGX_ECDSA_SIGNATURE_SIZE));
	PROMISE(inside(data, q.size, q.auth, q.auth_size));
	PROMISE(inside(data, q.size, q.cert, q.cert_size));
	PROMISE(memcmp(&q.qe_report, q.qe_report_data, SGX_REPORT_BODY_SIZE) == 0);
	PROMISE(memcmp(q.body_type == SGX_QUOTE_BODY_SGX ? (void *)&q.report : (void *)&q.td,
	               q.body, q.body_size) == 0);
	if (dcap_quote_check(&q, &e) == 0)
		PROMISE(dcap_quote_is_tdx(&q) == (q.body_type != SGX_QUOTE_BODY_SGX));
	dcap_quote_is_debug(&q);
	return 0;
}
