/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The quoting enclave's services: whom a REPORT must be for, and an ECDSA quote of version 3 for one.
 * The enclave verifies the REPORT and makes the QE report; the attestation key and the PCK, which on
 * real platforms never leave enclaves, are the daemon's (docs/design has why).
 */
#ifndef AESMD_QUOTING_H
#define AESMD_QUOTING_H

#include <stddef.h>
#include <stdint.h>

#include "aesm/keyid.h"
#include "aesm/message.h"
#include "aesmd/load.h"
#include "aesmd/platform.h"
#include "sgx/report.h"

struct quoting {
	const struct platform *platform;
	struct arch_enclave enclave;
	struct sgx_report self;       /* of the enclave: its identity */
	struct sgx_att_key_id key_id; /* what clients call the attestation key */
	uint8_t qeid[16];
	uint8_t attestation_key[PKI_PUBLIC_SIZE];
	uint8_t key_hash[32];
	uint8_t qe_report_signature[PKI_SIGNATURE_SIZE];
	struct sgx_report qe_report; /* over key_hash */
	char *chain; /* PCK certificate, intermediate and root: certification data */
	size_t quote_size;
};

/* platform stays the caller's, and longer than this.  0 or -errno. */
int quoting_open(const struct platform *platform, struct quoting *ret, struct err *e);
void quoting_release(struct quoting *q);

void quoting_target(const struct quoting *q, struct sgx_targetinfo *ret);
/*
 * A quote of q->quote_size bytes into a new buffer that the caller frees.  info may be NULL; its report
 * is made.
 */
enum aesm_error quoting_quote(const struct quoting *q, const struct sgx_report *report,
                              struct sgx_qe_report_info *info, uint8_t **ret);

#endif
