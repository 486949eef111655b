// SPDX-License-Identifier: Apache-2.0
/* pal_get_local_report. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "palcheck/check.h"
#include "palcheck/target.h"
#include "sgx/report.h"

static void get_report(struct subject *s, struct sgx_targetinfo *target, struct sgx_report *ret)
{
	int size = sizeof(*ret);
	int r = returned(s->get_local_report(target, sizeof(*target), ret, &size),
	                 "pal_get_local_report");

	CLAIM(r == 0, "pal_get_local_report: %s", strerror(-r));
	CLAIM(size == sizeof(*ret), "*report_len is %d", size);
}

/* Refused, and nothing of what the caller has was touched. */
static void claim_refused(struct subject *s, int target_size, int size, const char *call)
{
	struct sgx_targetinfo target = { 0 };
	struct sgx_report report, untouched;
	int given = size;

	memset(&report, 0xa5, sizeof(report));
	untouched = report;
	refused(s->get_local_report(&target, target_size, &report, &size), call);
	CLAIM(size == given, "%s was refused, and *report_len is %d", call, size);
	CLAIM(memcmp(&report, &untouched, sizeof(report)) == 0,
	      "%s was refused, and the report was written", call);
}

void check_report_size(struct subject *s)
{
	struct sgx_targetinfo target = { 0 };
	struct {
		struct sgx_report report;
		uint8_t behind[64];
	} room;
	int size = sizeof(room) - 8;

	subject_start(s);
	memset(&room, 0xa5, sizeof(room));
	get_report(s, &target, &room.report);
	for (size_t i = 0; i < sizeof(room.behind); i++)
		CLAIM(room.behind[i] == 0xa5, "a byte behind the report was written");
	claim_refused(s, sizeof(target), sizeof(room.report) - 1,
	              "pal_get_local_report with room for 431 bytes");
	claim_refused(s, sizeof(target), -1, "pal_get_local_report with room for -1 bytes");
	claim_refused(s, sizeof(target) - 1, sizeof(room.report),
	              "pal_get_local_report with 511 bytes of targetinfo");
	CLAIM(returned(s->get_local_report(&target, sizeof(target), &room.report, &size),
	               "pal_get_local_report") == 0 &&
	              size == sizeof(room.report),
	      "with more room than a report needs, *report_len is %d", size);
	subject_destroy(s);
}

void check_report_target(struct subject *s)
{
	struct sgx_targetinfo one = { 0 }, other = { .measurement = { 1 } };
	static const uint8_t zeros[sizeof(one.configid)];
	struct sgx_report first, second;

	subject_start(s);
	get_report(s, &one, &first);
	get_report(s, &other, &second);
	CLAIM(first.attributes.flags & SGX_ATTR_INIT, "ATTRIBUTES has no INIT: this is no report");
	CLAIM(memcmp(first.reportdata, zeros, sizeof(first.reportdata)) == 0,
	      "REPORTDATA is not zeros");
	CLAIM(memcmp(&first, &second, SGX_REPORT_MACED) == 0, "the reports' bodies differ");
	CLAIM(memcmp(first.mac, second.mac, sizeof(first.mac)) != 0, "the MACs are the same");
	subject_destroy(s);
}

void check_report_mac(struct subject *s)
{
	struct sgx_targetinfo info;
	struct sgx_report report;
	struct target *target;
	struct err e;
	int r;

	subject_start(s);
	r = target_open(&target, &e);
	if (r == -ENOENT)
		claim_skipped("no enclave to make a report for: %s", e.text);
	CLAIM(r == 0, "palcheck's own enclave: %s", e.text);
	target_info(target, &info);
	get_report(s, &info, &report);
	CLAIM(target_verifies(target, &report), "the MAC is not that of a report for this target");
	report.mrenclave[0] ^= 1;
	CLAIM(!target_verifies(target, &report), "a report that was changed is accepted");
	target_close(target);
	subject_destroy(s);
}

static void *report_thread(void *arg)
{
	struct sgx_targetinfo target = { 0 };
	struct sgx_report report;

	for (int i = 0; i < 20; i++)
		get_report(arg, &target, &report);
	return NULL;
}

void check_report_parallel(struct subject *s)
{
	pthread_t thread[4];
	char text[16];
	int value;

	subject_start(s);
	for (int i = 0; i < 4; i++)
		CLAIM(pthread_create(&thread[i], NULL, report_thread, s) == 0, "no thread");
	value = run_and_read(s, command(s, "exit", "5", NULL), NULL, NULL, 0, text, sizeof(text));
	CLAIM(value == 5, "`exit 5` ends with %d meanwhile", value);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	subject_destroy(s);
}
