// SPDX-License-Identifier: Apache-2.0
/*
 * The skeleton's ecall, with one rule more: REPORTDATA is what this enclave says about itself, so the host,
 * which may ask for a report (rune attest), may not choose it.  If it could, it would have a key of its own
 * attested as the enclave's.
 */
#include "enclave/bounds.h"
#include "enclave/ecall.h"
#include "enclave/errno.h"
#include "enclave/report.h"
#include "enclave/string.h"

int64_t ecall_report(const struct encl_report *args)
{
	static const uint8_t zeros[SGX_REPORTDATA_SIZE];
	struct sgx_targetinfo target;
	struct sgx_report report;
	uint8_t data[SGX_REPORTDATA_SIZE] = { 0 };

	if (copy_in(&target, (hptr){ args->targetinfo }, sizeof(target)) < 0)
		return -EFAULT;
	if (args->reportdata && copy_in(data, (hptr){ args->reportdata }, sizeof(data)) < 0)
		return -EFAULT;
	if (memcmp(data, zeros, sizeof(data)) != 0)
		return -EPERM;
	if (!host_range_ok((hptr){ args->report }, sizeof(report)))
		return -EFAULT;
	encl_report(&target, NULL, &report);
	return copy_out((hptr){ args->report }, &report, sizeof(report));
}
