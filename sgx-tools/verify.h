/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of sgx-tools verify-quote: what was asked, the collateral, the policy, the printing. */
#ifndef SGX_TOOLS_VERIFY_H
#define SGX_TOOLS_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/dcap/verify.h"

/* Exit statuses beside 0, accepted, and 1, usage or input and output. */
#define VERIFY_REFUSED     2
#define VERIFY_NOT_GENUINE 3

/* What the relying party wants; what is not set is not asked. */
struct verify_policy {
	bool has_mrenclave, has_mrsigner, has_isvprodid, has_min_isvsvn, has_report_data;
	uint8_t mrenclave[32], mrsigner[32];
	uint16_t isvprodid, min_isvsvn;
	uint8_t report_data[64];
	size_t report_data_size; /* the first bytes are compared, the rest must be zero */
	bool allow_debug;
	bool accept[DCAP_STATUS_COUNT];
};

struct verify_options {
	const char *quote, *collateral, *pccs, *pccs_ca, *cache, *root;
	int64_t at; /* seconds since 1970 */
	bool is_json, is_help;
	struct verify_policy policy;
};

int verify_options_parse(int argc, char **argv, struct verify_options *ret, struct err *e);

/* Why the policy refuses what is genuine: at most this many, each a line. */
#define VERIFY_REASONS_MAX 8
struct verify_reasons {
	char text[VERIFY_REASONS_MAX][256];
	size_t count;
};
void verify_policy_apply(const struct verify_policy *policy, const struct dcap_result *result,
                         struct verify_reasons *ret);

/*
 * The collateral's bytes: from a folder, or from one JSON file with the names of Intel's
 * sgx_ql_qve_collateral_t; or from a PCCS or PCS for this quote, with what it says kept below cache
 * (may be NULL) for as long as it is valid at that time by that root (NULL: Intel's).
 * dcap_files_free releases it.
 */
int verify_collateral_load(const char *path, struct dcap_files *ret, struct err *e);
int verify_collateral_fetch(const struct verify_options *o, const uint8_t *root, const void *quote,
                            size_t size, struct dcap_files *ret, struct err *e);

void verify_print_text(const struct verify_options *o, const struct dcap_result *r,
                       const struct verify_reasons *reasons);
int verify_print_json(const struct verify_options *o, const struct dcap_result *r,
                      const struct verify_reasons *reasons, struct err *e);

#endif
