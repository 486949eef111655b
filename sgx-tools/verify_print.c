// SPDX-License-Identifier: Apache-2.0
/*
 * The verdict, for people and for programs.  Keys and words of the JSON object are DCAP's where DCAP has
 * them; a quote that is not genuine has "error" where others have "status".
 */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include <json-c/json.h>

#include "lib/base/hex.h"
#include "sgx-tools/verify.h"

struct date_text {
	char text[32];
};

static struct date_text date(int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct date_text ret = { "?" };
	struct tm tm;

	if (gmtime_r(&t, &tm))
		strftime(ret.text, sizeof(ret.text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return ret;
}

struct hex_text {
	char text[129];
};

static struct hex_text hex(const void *bytes, size_t size)
{
	struct hex_text ret;

	hex_encode(bytes, size > 64 ? 64 : size, ret.text);
	return ret;
}

static void line(const char *name, const char *text)
{
	printf("  %-20s %s\n", name, text);
}

static void print_identity(const struct dcap_result *r)
{
	const struct dcap_quote *q = &r->quote;

	if (dcap_quote_is_tdx(q)) {
		line("MRTD", hex(q->td.mrtd, sizeof(q->td.mrtd)).text);
	} else {
		line("MRENCLAVE", hex(q->report.mrenclave, 32).text);
		line("MRSIGNER", hex(q->report.mrsigner, 32).text);
		printf("  %-20s %u\n  %-20s %u\n", "ISVPRODID", q->report.isvprodid, "ISVSVN",
		       q->report.isvsvn);
	}
	line("report data", hex(dcap_quote_reportdata(q), 64).text);
	line("debug", r->is_debug ? "yes" : "no");
}

static void print_tcb(const struct dcap_result *r)
{
	line("TCB status", dcap_status_name(r->status));
	line("  of the platform", dcap_status_name(r->platform_status));
	line("  of the QE", dcap_status_name(r->qe_status));
	if (r->tdx_module_status != DCAP_NONE)
		line("  of the TDX module", dcap_status_name(r->tdx_module_status));
	line("TCB date", date(r->tcb_date).text);
	for (size_t i = 0; i < r->advisory_count; i++)
		line(i == 0 ? "advisories" : "", r->advisory[i]);
	line("FMSPC", hex(r->pck.fmspc, sizeof(r->pck.fmspc)).text);
}

static void print_expiry(const struct dcap_result *r)
{
	for (int x = 0; x < DCAP_X_COUNT; x++) {
		const struct dcap_expiry *item = &r->expiry[x];

		if (item->known)
			printf("  %-28s until %s%s%s\n", dcap_expiring_name((enum dcap_expiring)x),
			       date(item->until).text, item->expired ? ", EXPIRED" : "",
			       (int)r->earliest == x ? ", the first to expire" : "");
	}
}

void verify_print_text(const struct verify_options *o, const struct dcap_result *r,
                       const struct verify_reasons *reasons)
{
	if (r->status == DCAP_NONE) {
		printf("%s: NOT GENUINE: %s (%s, 0x%04x)\n", o->quote, r->message,
		       dcap_error_name(r->error), r->code);
	} else if (reasons->count > 0) {
		printf("%s: genuine, REFUSED\n", o->quote);
		for (size_t i = 0; i < reasons->count; i++)
			line(i == 0 ? "because" : "and", reasons->text[i]);
	} else {
		printf("%s: genuine, accepted\n", o->quote);
	}
	line("verified as of", date(o->at).text);
	if (r->status != DCAP_NONE)
		print_tcb(r);
	if (r->has_quote)
		print_identity(r);
	line("collateral", r->collateral_expired ? "EXPIRED" : "valid");
	print_expiry(r);
}

/* ---- JSON: every object that is made is added to another, or the top ---- */

static void add_text(struct json_object *to, const char *name, const char *text)
{
	json_object_object_add(to, name, text ? json_object_new_string(text) : NULL);
}

static void add_number(struct json_object *to, const char *name, int64_t value)
{
	json_object_object_add(to, name, json_object_new_int64(value));
}

static void add_bool(struct json_object *to, const char *name, bool value)
{
	json_object_object_add(to, name, json_object_new_boolean(value));
}

static struct json_object *add_array(struct json_object *to, const char *name)
{
	struct json_object *array = json_object_new_array();

	json_object_object_add(to, name, array);
	return array;
}

static void add_verdict(struct json_object *top, const struct dcap_result *r,
                        const struct verify_reasons *reasons)
{
	struct json_object *refused;

	add_bool(top, "genuine", r->status != DCAP_NONE);
	add_bool(top, "accepted", r->status != DCAP_NONE && reasons->count == 0);
	if (r->status == DCAP_NONE) {
		add_text(top, "error", dcap_error_name(r->error));
		add_number(top, "error_code", r->code);
		add_text(top, "message", r->message);
		return;
	}
	/* Revoked, where it is accepted, is an error of Intel's library all the same. */
	if (r->error != DCAP_OK) {
		add_text(top, "error", dcap_error_name(r->error));
		add_number(top, "error_code", r->code);
	}
	add_text(top, "status", dcap_status_name(r->status));
	refused = add_array(top, "refused");
	for (size_t i = 0; i < reasons->count; i++)
		json_object_array_add(refused, json_object_new_string(reasons->text[i]));
}

static void add_tcb(struct json_object *top, const struct dcap_result *r)
{
	struct json_object *parts, *advisories;

	add_text(top, "platform_status", dcap_status_name(r->platform_status));
	parts = add_array(top, "component_statuses");
	json_object_array_add(parts, json_object_new_string(dcap_status_name(r->qe_status)));
	if (r->tdx_module_status != DCAP_NONE)
		json_object_array_add(
			parts, json_object_new_string(dcap_status_name(r->tdx_module_status)));
	add_text(top, "qe_status", dcap_status_name(r->qe_status));
	add_text(top, "tdx_module_status", dcap_status_name(r->tdx_module_status));
	add_text(top, "tcb_date", date(r->tcb_date).text);
	advisories = add_array(top, "advisories");
	for (size_t i = 0; i < r->advisory_count; i++)
		json_object_array_add(advisories, json_object_new_string(r->advisory[i]));
}

static void add_platform(struct json_object *top, const struct dcap_pck *pck)
{
	struct json_object *svns = add_array(top, "svns");

	for (int i = 0; i < DCAP_COMPONENTS; i++)
		json_object_array_add(svns, json_object_new_int(pck->component[i]));
	add_text(top, "fmspc", hex(pck->fmspc, sizeof(pck->fmspc)).text);
	add_text(top, "pceid", hex(pck->pceid, sizeof(pck->pceid)).text);
	add_text(top, "ppid", hex(pck->ppid, sizeof(pck->ppid)).text);
	add_number(top, "pcesvn", pck->pcesvn);
	add_text(top, "sgx_type", dcap_sgx_type_name(pck->sgx_type));
}

static void add_quote(struct json_object *top, const struct dcap_result *r)
{
	const struct dcap_quote *q = &r->quote;
	bool is_tdx = dcap_quote_is_tdx(q);

	add_number(top, "version", q->header.version);
	add_text(top, "tee", is_tdx ? "TDX" : "SGX");
	add_bool(top, "debug", r->is_debug);
	add_text(top, "mrenclave", is_tdx ? NULL : hex(q->report.mrenclave, 32).text);
	add_text(top, "mrsigner", is_tdx ? NULL : hex(q->report.mrsigner, 32).text);
	add_text(top, "mrtd", is_tdx ? hex(q->td.mrtd, sizeof(q->td.mrtd)).text : NULL);
	if (!is_tdx) {
		add_number(top, "isvprodid", q->report.isvprodid);
		add_number(top, "isvsvn", q->report.isvsvn);
	}
	add_number(top, "qe_isvsvn", q->qe_report.isvsvn);
	add_text(top, "report_data", hex(dcap_quote_reportdata(q), 64).text);
}

static void add_expiry(struct json_object *top, const struct dcap_result *r)
{
	struct json_object *expired = add_array(top, "expired");
	struct json_object *all = json_object_new_object();

	add_number(top, "collateral_expiration_status", r->collateral_expired);
	add_text(top, "earliest_expiry",
	         r->earliest == DCAP_X_COUNT ? NULL : dcap_expiring_name(r->earliest));
	json_object_object_add(top, "expiry", all);
	for (int x = 0; x < DCAP_X_COUNT; x++) {
		const struct dcap_expiry *item = &r->expiry[x];
		const char *name = dcap_expiring_name((enum dcap_expiring)x);
		struct json_object *one;
		char text[64];

		if (!item->known)
			continue;
		one = json_object_new_object();
		add_text(one, "from", date(item->from).text);
		add_text(one, "until", date(item->until).text);
		add_bool(one, "expired", item->expired);
		json_object_object_add(all, name, one);
		snprintf(text, sizeof(text), "%s_EXPIRED", name);
		if (item->expired)
			json_object_array_add(expired, json_object_new_string(text));
	}
}

int verify_print_json(const struct verify_options *o, const struct dcap_result *r,
                      const struct verify_reasons *reasons, struct err *e)
{
	struct json_object *top = json_object_new_object();
	const char *text;

	if (!top)
		return err_set(e, -ENOMEM, "no memory for the verdict");
	add_verdict(top, r, reasons);
	add_text(top, "verified_at", date(o->at).text);
	add_number(top, "verified_at_unix", o->at);
	if (r->status != DCAP_NONE)
		add_tcb(top, r);
	if (r->has_pck)
		add_platform(top, &r->pck);
	if (r->has_quote)
		add_quote(top, r);
	add_expiry(top, r);
	text = json_object_to_json_string_ext(top, JSON_C_TO_STRING_PRETTY |
	                                                   JSON_C_TO_STRING_NOSLASHESCAPE);
	if (text)
		puts(text);
	json_object_put(top);
	return text ? 0 : err_set(e, -ENOMEM, "no memory for the verdict");
}
