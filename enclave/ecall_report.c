// SPDX-License-Identifier: Apache-2.0
/*
 * A report for the host, about what it likes: the host's structure is copied in whole before the processor
 * sees it.  An enclave that has something of its own attested may not let the host choose REPORTDATA, and
 * has its own of this file (examples/secret).
 */
#include "enclave/bounds.h"
#include "enclave/ecall.h"
#include "enclave/errno.h"
#include "enclave/report.h"

int64_t ecall_report(const struct encl_report *args)
{
	struct sgx_targetinfo target;
	struct sgx_report report;
	uint8_t data[SGX_REPORTDATA_SIZE] = { 0 };

	if (copy_in(&target, (hptr){ args->targetinfo }, sizeof(target)) < 0)
		return -EFAULT;
	if (args->reportdata && copy_in(data, (hptr){ args->reportdata }, sizeof(data)) < 0)
		return -EFAULT;
	if (!host_range_ok((hptr){ args->report }, sizeof(report)))
		return -EFAULT;
	encl_report(&target, data, &report);
	return copy_out((hptr){ args->report }, &report, sizeof(report));
}
