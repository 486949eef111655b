/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the processor says about this enclave.
 */
#ifndef ENCLAVE_REPORT_H
#define ENCLAVE_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "sgx/report.h"

/*
 * EREPORT for the enclave that targetinfo names, null: for none, to read the report's own fields.
 * reportdata: SGX_REPORTDATA_SIZE bytes, null: zeros.  No alignment is asked of the caller.
 */
void encl_report(const struct sgx_targetinfo *targetinfo, const uint8_t *reportdata,
                 struct sgx_report *ret);

/* A debugger can read this enclave: it keeps no secret. */
static inline bool report_is_debug(const struct sgx_report *report)
{
	return report->attributes.flags & SGX_ATTR_DEBUG;
}

#endif
