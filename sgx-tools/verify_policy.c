// SPDX-License-Identifier: Apache-2.0
/*
 * What a genuine quote says, against what is wanted.  Every reason is given, not only the first.  What a
 * quote does not have (a TD has no MRENCLAVE) is not what was wanted.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/hex.h"
#include "sgx-tools/verify.h"

static void refuse(struct verify_reasons *reasons, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void refuse(struct verify_reasons *reasons, const char *fmt, ...)
{
	va_list ap;

	if (reasons->count == VERIFY_REASONS_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(reasons->text[reasons->count], sizeof(reasons->text[0]), fmt, ap);
	va_end(ap);
	reasons->count++;
}

static void want_hash(struct verify_reasons *reasons, const char *name, const uint8_t *found,
                      const uint8_t *wanted)
{
	char text[65];

	if (memcmp(found, wanted, 32) == 0)
		return;
	hex_encode(found, 32, text);
	refuse(reasons, "%s is %s", name, text);
}

static void want_enclave(const struct verify_policy *p, const struct dcap_quote *q,
                         struct verify_reasons *reasons)
{
	const struct sgx_report *report = &q->report;

	if (dcap_quote_is_tdx(q)) {
		if (p->has_mrenclave || p->has_mrsigner || p->has_isvprodid || p->has_min_isvsvn)
			refuse(reasons,
			       "it is a TD's quote, which has no MRENCLAVE, MRSIGNER or ISV "
			       "numbers");
		return;
	}
	if (p->has_mrenclave)
		want_hash(reasons, "MRENCLAVE", report->mrenclave, p->mrenclave);
	if (p->has_mrsigner)
		want_hash(reasons, "MRSIGNER", report->mrsigner, p->mrsigner);
	if (p->has_isvprodid && report->isvprodid != p->isvprodid)
		refuse(reasons, "ISVPRODID is %u, not %u", report->isvprodid, p->isvprodid);
	if (p->has_min_isvsvn && report->isvsvn < p->min_isvsvn)
		refuse(reasons, "ISVSVN is %u, less than %u", report->isvsvn, p->min_isvsvn);
}

void verify_policy_apply(const struct verify_policy *policy, const struct dcap_result *result,
                         struct verify_reasons *ret)
{
	char text[129];

	ret->count = 0;
	if (!policy->accept[result->status])
		refuse(ret, "TCB status is %s", dcap_status_name(result->status));
	if (result->is_debug && !policy->allow_debug)
		refuse(ret, "it is a debug %s",
		       dcap_quote_is_tdx(&result->quote) ? "TD" : "enclave");
	want_enclave(policy, &result->quote, ret);
	if (policy->has_report_data &&
	    memcmp(dcap_quote_reportdata(&result->quote), policy->report_data, 64) != 0) {
		hex_encode(dcap_quote_reportdata(&result->quote), 64, text);
		refuse(ret, "report data is %s", text);
	}
}
