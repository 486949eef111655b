// SPDX-License-Identifier: Apache-2.0
/* pal_get_local_report: one ecall on a free thread of the enclave. */
#include <errno.h>
#include <string.h>

#include "pal/aex.h"
#include "pal/log.h"
#include "pal/runtime.h"
#include "sgx/report.h"

/* What targetinfo points to: TARGETINFO alone, or with REPORTDATA behind it. */
struct report_request {
	struct sgx_targetinfo targetinfo;
	uint8_t reportdata[SGX_REPORTDATA_SIZE];
};
_Static_assert(sizeof(struct report_request) == 576, "report_request");

static int make_report(const void *targetinfo, size_t size, struct sgx_report *ret)
{
	struct report_request request = { .reportdata = { 0 } };
	struct sgx_report report __attribute__((aligned(512)));
	struct encl_report args = { .targetinfo = (uint64_t)&request.targetinfo,
		                    .reportdata = (uint64_t)request.reportdata,
		                    .report = (uint64_t)&report };
	struct ecall call = { .number = ENCL_ECALL_REPORT, .arg = &args };
	struct encl_thread *thread;
	struct aex_thread signals;
	int r;

	memcpy(&request, targetinfo, size);
	r = runtime_thread_get(NULL, &thread);
	if (r < 0)
		return r;
	aex_enter(&signals);
	r = encl_ecall(&runtime.encl, thread, &call);
	aex_leave(&signals);
	runtime_thread_put(NULL, thread);
	if (call.fault.happened) {
		log_line(LOG_ERROR, "exception %u in the enclave while it made a report",
		         call.fault.vector);
		return -EIO;
	}
	if (r == 0)
		*ret = report;
	return r;
}

int runtime_report(const void *targetinfo, int targetinfo_size, void *report, int *report_size)
{
	struct sgx_report made;
	int r;

	if (!targetinfo || !report || !report_size ||
	    (targetinfo_size != (int)sizeof(struct sgx_targetinfo) &&
	     targetinfo_size != (int)sizeof(struct report_request)) ||
	    *report_size < (int)sizeof(made))
		return -EINVAL;
	r = runtime_use();
	if (r < 0)
		return r;
	r = make_report(targetinfo, (size_t)targetinfo_size, &made);
	runtime_unuse();
	if (r < 0)
		return r;
	memcpy(report, &made, sizeof(made));
	*report_size = (int)sizeof(made);
	return 0;
}
