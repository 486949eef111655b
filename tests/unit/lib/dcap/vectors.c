// SPDX-License-Identifier: Apache-2.0
/*
 * Real quotes with the collateral that Intel signed for them, and what others made of them: each gives
 * the verdict that its publisher or an independent implementation gives.  The files are not part of
 * the tree ($SGX_VECTORS, or ../shared/vectors); without them the tests are skipped.  TAP by hand: a
 * skip needs its reason.
 */
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/base/hex.h"
#include "lib/base/io.h"
#include "lib/dcap/verify.h"

static int number, failures;

/* What differs, one line each. */
struct diff {
	char text[2048];
	size_t size;
};

__attribute__((format(printf, 2, 3))) static void differs(struct diff *d, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(d->text + d->size, sizeof(d->text) - d->size, fmt, args);
	va_end(args);
	if (n > 0)
		d->size += (size_t)n;
	if (d->size >= sizeof(d->text))
		d->size = sizeof(d->text) - 1;
}

static void result(const struct diff *d, const char *claim)
{
	printf("%sok %d - %s\n", d->size ? "not " : "", ++number, claim);
	if (d->size) {
		printf("# %s\n", d->text);
		failures++;
	}
}

static struct json_object *get(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, name, &value);
	return value;
}

static void is_string(struct diff *d, struct json_object *expected, const char *name,
                      const char *found)
{
	const char *wanted = json_object_get_string(get(expected, name));

	if (strcmp(wanted ? wanted : "", found ? found : "") != 0)
		differs(d, "%s: %s, not %s; ", name, found ? found : "-", wanted ? wanted : "-");
}

static void is_number(struct diff *d, struct json_object *expected, const char *name, int64_t found)
{
	int64_t wanted = json_object_get_int64(get(expected, name));

	if (wanted != found)
		differs(d, "%s: %lld, not %lld; ", name, (long long)found, (long long)wanted);
}

static void is_bytes(struct diff *d, struct json_object *expected, const char *name,
                     const void *found, size_t size)
{
	char text[256] = "";

	if (found)
		hex_encode(found, size, text);
	is_string(d, expected, name, text);
}

static void is_advisories(struct diff *d, struct json_object *expected, const struct dcap_result *r)
{
	struct json_object *wanted = get(expected, "advisories");
	size_t count = json_object_array_length(wanted);

	if (count != r->advisory_count)
		differs(d, "%zu advisories, not %zu; ", r->advisory_count, count);
	for (size_t i = 0; i < count && i < r->advisory_count; i++) {
		const char *id = json_object_get_string(json_object_array_get_idx(wanted, i));

		if (strcmp(id, r->advisory[i]) != 0)
			differs(d, "advisory %zu: %s, not %s; ", i, r->advisory[i], id);
	}
}

/* Just these items have expired: "ROOT_CRL_EXPIRED" is item ROOT_CRL. */
static void is_expired(struct diff *d, struct json_object *expected, const struct dcap_result *r)
{
	struct json_object *wanted = get(expected, "expired");
	size_t count = json_object_array_length(wanted), found = 0;

	for (enum dcap_expiring x = 0; x < DCAP_X_COUNT; x++) {
		char name[64];
		bool listed = false;

		snprintf(name, sizeof(name), "%s_EXPIRED", dcap_expiring_name(x));
		for (size_t i = 0; i < count; i++)
			listed =
				listed ||
				strcmp(json_object_get_string(json_object_array_get_idx(wanted, i)),
			               name) == 0;
		found += listed;
		if (listed != r->expiry[x].expired)
			differs(d, "%s: %s; ", name, listed ? "not reported" : "reported");
	}
	if (found != count)
		differs(d, "%zu expired items are known, of %zu; ", found, count);
	is_number(d, expected, "collateral_expiration_status", r->collateral_expired);
}

/* component_statuses: the TDX module's, where there is one, and the QE's. */
static void is_components(struct diff *d, struct json_object *expected, const struct dcap_result *r)
{
	struct json_object *wanted = get(expected, "component_statuses");
	const char *found[2];
	size_t count = 0;

	if (r->tdx_module_status)
		found[count++] = dcap_status_name(r->tdx_module_status);
	found[count++] = dcap_status_name(r->qe_status);
	if (json_object_array_length(wanted) != count)
		differs(d, "%zu component statuses; ", count);
	for (size_t i = 0; i < count && i < json_object_array_length(wanted); i++) {
		const char *word = json_object_get_string(json_object_array_get_idx(wanted, i));

		if (!found[i] || strcmp(word, found[i]) != 0)
			differs(d, "component %zu: %s, not %s; ", i, found[i] ? found[i] : "-",
			        word);
	}
}

static void is_date(struct diff *d, struct json_object *expected, const struct dcap_result *r)
{
	const char *wanted = json_object_get_string(get(expected, "tcb_date"));
	int64_t date;

	if (!wanted || dcap_date(wanted, &date) < 0 || date != r->tcb_date)
		differs(d, "tcb_date: %lld; ", (long long)r->tcb_date);
}

static void is_identity(struct diff *d, struct json_object *expected, const struct dcap_result *r)
{
	const struct dcap_quote *q = &r->quote;
	struct json_object *svns = get(expected, "svns");

	is_bytes(d, expected, "report_data", dcap_quote_reportdata(q), 64);
	if (dcap_quote_is_tdx(q)) {
		is_bytes(d, expected, "mrtd", q->td.mrtd, 48);
	} else {
		is_bytes(d, expected, "mrenclave", q->report.mrenclave, 32);
		is_bytes(d, expected, "mrsigner", q->report.mrsigner, 32);
		is_number(d, expected, "isvprodid", q->report.isvprodid);
		is_number(d, expected, "isvsvn", q->report.isvsvn);
		is_number(d, expected, "debug", r->is_debug);
	}
	is_bytes(d, expected, "fmspc", r->pck.fmspc, 6);
	is_number(d, expected, "pcesvn", r->pck.pcesvn);
	is_number(d, expected, "qe_isvsvn", q->qe_report.isvsvn);
	for (size_t i = 0; i < DCAP_COMPONENTS; i++) {
		if (json_object_get_int(json_object_array_get_idx(svns, i)) != r->pck.component[i])
			differs(d, "component SVN %zu: %u; ", i, r->pck.component[i]);
	}
}

static void is_genuine(struct diff *d, struct json_object *expected, const struct dcap_result *r)
{
	if (r->error) {
		differs(d, "%s: %s; ", dcap_error_name(r->error), r->message);
		return;
	}
	is_string(d, expected, "status", dcap_status_name(r->status));
	is_string(d, expected, "platform_status", dcap_status_name(r->platform_status));
	is_components(d, expected, r);
	is_advisories(d, expected, r);
	is_date(d, expected, r);
	is_expired(d, expected, r);
	is_identity(d, expected, r);
}

/* The expected error begins with its name; which part it is about may follow. */
static void is_error(struct diff *d, struct json_object *expected, const struct dcap_result *r)
{
	const char *wanted = json_object_get_string(get(expected, "error"));
	const char *found = dcap_error_name(r->error);

	if (!wanted || !found || strncmp(wanted, found, strcspn(wanted, " ")) != 0 ||
	    strlen(found) != strcspn(wanted, " "))
		differs(d, "%s, not %s; ", found ? found : dcap_status_name(r->status), wanted);
	if (r->status != DCAP_NONE)
		differs(d, "it has a status; ");
}

static void judge(struct json_object *case_, const char *folder, struct diff *d)
{
	_cleanup_(dcap_collateral_freep) struct dcap_collateral *collateral = NULL;
	struct json_object *expected = get(case_, "expected");
	_cleanup_(freep) char *quote = NULL;
	struct dcap_files files = { 0 };
	struct dcap_result r;
	char path[512];
	struct err e;
	size_t size;

	snprintf(path, sizeof(path), "%s/quote.bin", folder);
	if (io_read_file(path, 1 << 20, &quote, &size, &e) < 0 ||
	    dcap_files_load(folder, &files, &e) < 0) {
		differs(d, "%s", e.text);
		return;
	}
	if (dcap_collateral_new(&files, &collateral) < 0)
		differs(d, "out of memory");
	dcap_files_free(&files);
	if (!collateral)
		return;
	dcap_verify(quote, size, collateral, json_object_get_int64(get(case_, "verify_at_unix")),
	            NULL, &r);
	if (json_object_get_boolean(get(expected, "ok")))
		is_genuine(d, expected, &r);
	else
		is_error(d, expected, &r);
}

/* Published quotes without collateral of their own: why each must not verify. */
static const struct {
	const char *name;
	enum dcap_error error;
} strangers[] = {
	/* Intel's key, but a root certificate that was replaced in 2018. */
	{ "fortanix-quote_pck_cert_chain-dummyroot.bin", DCAP_E_TCB_SIGNING_CERT_CHAIN_UNTRUSTED },
	{ "intel-sampleData-2019-preproduction.bin", DCAP_E_PCK_CERT_CHAIN_UNTRUSTED },
	{ "oasis-quote_v3_eppid-cert-type3.bin", DCAP_E_UNSUPPORTED_QE_CERTIFICATION_DATA_TYPE },
	{ "openenclave-sgx_report_bad.bin", DCAP_E_INTERMEDIATE_CA_INVALID_ISSUER },
	{ "sgx-ra-tls-quote-ppid-clear-type1.bin", DCAP_E_UNSUPPORTED_QE_CERTIFICATION_DATA_TYPE },
};

/* Another quote's collateral does: they fail before it matters. */
static void check_stranger(const char *path, const struct dcap_collateral *collateral)
{
	const char *name = strrchr(path, '/') + 1;
	_cleanup_(freep) char *quote = NULL;
	struct diff d = { .size = 0 };
	struct dcap_result r;
	char claim[512];
	struct err e;
	size_t size;

	if (io_read_file(path, 1 << 20, &quote, &size, &e) < 0) {
		differs(&d, "%s", e.text);
	} else if (dcap_verify(quote, size, collateral, 1684165303, NULL, &r) == DCAP_OK) {
		differs(&d, "%s", dcap_status_name(r.status));
	} else {
		for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
			if (strcmp(strangers[i].name, name) == 0 && strangers[i].error != r.error)
				differs(&d, "%s: %s", dcap_error_name(r.error), r.message);
		}
	}
	snprintf(claim, sizeof(claim), "%s: not genuine, for the reason that is known", path);
	result(&d, claim);
}

static void check_strangers(const char *vectors)
{
	_cleanup_(dcap_collateral_freep) struct dcap_collateral *collateral = NULL;
	struct dcap_files files = { 0 };
	struct diff d = { .size = 0 };
	char path[512];
	struct err e;
	glob_t found;

	snprintf(path, sizeof(path), "%s/negative/*.bin", vectors);
	if (glob(path, 0, NULL, &found) != 0)
		return;
	snprintf(path, sizeof(path), "%s/dcap/steward/i5-client-2023-01", vectors);
	if (dcap_files_load(path, &files, &e) < 0) {
		differs(&d, "%s", e.text);
		result(&d, "there is collateral for quotes without");
	} else if (dcap_collateral_new(&files, &collateral) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			check_stranger(found.gl_pathv[i], collateral);
	}
	dcap_files_free(&files);
	globfree(&found);
}

/* The folder of an expected.json. */
static void check(char *path)
{
	struct json_object *case_ = json_object_from_file(path);
	struct diff d = { .size = 0 };
	char claim[512];

	*strrchr(path, '/') = 0;
	if (case_)
		judge(case_, path, &d);
	else
		differs(&d, "expected.json cannot be read");
	json_object_put(case_);
	snprintf(claim, sizeof(claim), "%s: the expected verdict", path);
	result(&d, claim);
}

int main(void)
{
	const char *vectors = getenv("SGX_VECTORS");
	static const char *const patterns[] = { "dcap/*/*/expected.json",
		                                "dcap/*/*/*/expected.json",
		                                "negative/*/expected.json" };
	size_t count = 0;

	if (!vectors)
		vectors = "../shared/vectors";
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		char pattern[512];
		glob_t found;

		snprintf(pattern, sizeof(pattern), "%s/%s", vectors, patterns[i]);
		if (glob(pattern, 0, NULL, &found) == 0) {
			for (size_t k = 0; k < found.gl_pathc; k++)
				check(found.gl_pathv[k]);
			count += found.gl_pathc;
			globfree(&found);
		}
	}
	check_strangers(vectors);
	if (count == 0)
		printf("ok %d - real quotes give the expected verdicts # SKIP no vectors here\n",
		       ++number);
	printf("1..%d\n", number);
	return failures > 0;
}
