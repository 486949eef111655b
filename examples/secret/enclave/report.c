// SPDX-License-Identifier: Apache-2.0
/*
 * The skeleton's report.c, with one rule more: REPORTDATA is what this enclave says about itself, so the
 * host, which may ask for a report (rune attest), may not choose it.  If it could, it would have a key of
 * its own attested as the enclave's.
 */
#include "enclave/report.h"

#include "enclave/bounds.h"
#include "enclave/ecall.h"
#include "enclave/enclu.h"
#include "enclave/errno.h"
#include "enclave/string.h"

void encl_report(const struct sgx_targetinfo *targetinfo, const uint8_t *reportdata,
                 struct sgx_report *ret)
{
	_Alignas(512) struct sgx_targetinfo target = { 0 };
	_Alignas(512) struct sgx_report report = { 0 };
	_Alignas(128) uint8_t data[SGX_REPORTDATA_SIZE] = { 0 };

	if (targetinfo)
		memcpy(&target, targetinfo, sizeof(target));
	if (reportdata)
		memcpy(data, reportdata, sizeof(data));
	/* Reserved bytes that are not 0 would be a #GP: the host's typing error, our end. */
	memset(target.reserved1, 0, sizeof(target.reserved1));
	memset(target.reserved2, 0, sizeof(target.reserved2));
	memset(target.reserved3, 0, sizeof(target.reserved3));
	enclu_ereport(&target, data, &report);
	memcpy(ret, &report, sizeof(report));
}

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
