// SPDX-License-Identifier: Apache-2.0
/* EREPORT, whose operands are copies in the enclave's own memory. */
#include "enclave/report.h"

#include "enclave/enclu.h"
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
