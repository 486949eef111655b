/* SPDX-License-Identifier: Apache-2.0 */
/* QE identity, version 2 (Intel PCS API, "Get Quoting Enclave Identity"): which QEs are Intel's. */
#ifndef LIB_DCAP_QEIDENTITY_H
#define LIB_DCAP_QEIDENTITY_H

#include "lib/dcap/tcbinfo.h"
#include "sgx/report.h"

enum dcap_qe_id { DCAP_QE_SGX, DCAP_QE_QVE, DCAP_QE_TDX };

struct dcap_qe_identity {
	struct signed_json json;
	enum dcap_qe_id id; /* QE, QVE, TD_QE */
	int64_t issue_date, next_update;
	uint32_t evaluation_number;
	uint32_t miscselect, miscselect_mask; /* the JSON's bytes are little-endian */
	uint8_t attributes[16], attributes_mask[16];
	uint8_t mrsigner[32];
	uint32_t isvprodid;
	struct dcap_isv_levels levels;
};

/* As dcap_tcb_info_parse. */
int dcap_qe_identity_parse(const void *data, size_t size, struct dcap_qe_identity *ret,
                           struct err *e);
void dcap_qe_identity_free(struct dcap_qe_identity *identity);
/*
 * Is this REPORT of an enclave with the identity?  NULL, or the name of the field that differs
 * ("MISCSELECT", "ATTRIBUTES", "MRSIGNER", "ISVPRODID"), in the order of the checks.
 */
const char *dcap_qe_identity_mismatch(const struct dcap_qe_identity *identity,
                                      const struct sgx_report *report);

#endif
