// SPDX-License-Identifier: Apache-2.0
/* TCB info and QE identity: every member in another form is told by its name. */
#include "tests/unit/lib/dcap/rows.h"

#include <errno.h>

#define SIGNATURE                                                          \
	"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff" \
	"00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff"

struct change {
	enum world_document document;
	bool is_tdx;
	const char *from, *to; /* in the object */
	const char *says;
};

#define TCB(from, to, says)                     \
	{                                       \
		TCB_INFO, false, from, to, says \
	}
#define TDX(from, to, says)                    \
	{                                      \
		TCB_INFO, true, from, to, says \
	}
#define QE(from, to, says)                         \
	{                                          \
		QE_IDENTITY, false, from, to, says \
	}

static const struct change changes[] = {
	TCB("\"version\":3", "\"version\":1", "version 1, neither 2 nor 3"),
	TCB("\"version\":3", "\"version\":4", "version 4"),
	TCB("\"version\":3", "\"version\":3.0", "version is no int"),
	TCB("\"version\":3", "\"version\":\"3\"", "version is no int"),
	TCB("\"version\":3,", "", "no version"),
	TCB("\"id\":\"SGX\"", "\"id\":\"QVE\"", "id is neither SGX nor TDX"),
	TCB("\"id\":\"SGX\",", "", "no id"),
	TCB("\"issueDate\":\"2025", "\"issueDate\":\"25", "issueDate is no date"),
	TCB("\"nextUpdate\":\"2025-07-01", "\"nextUpdate\":\"2025-02-30", "nextUpdate is no date"),
	TCB("\"nextUpdate\"", "\"nextupdate\"", "no nextUpdate"),
	TCB("00A0B0C0D0E0", "00A0B0C0D0E", "fmspc is not 12 hexadecimal digits"),
	TCB("00A0B0C0D0E0", "00A0B0C0D0EG", "fmspc"),
	TCB("\"pceId\":\"0000\"", "\"pceId\":0", "pceId is no string"),
	TCB("\"tcbType\":0", "\"tcbType\":1", "tcbType is not 0"),
	TCB("\"tcbType\":0,", "", "no tcbType"),
	TCB("\"tcbEvaluationDataNumber\":17", "\"tcbEvaluationDataNumber\":-1",
	    "tcbEvaluationDataNumber"),
	TCB("\"tcbEvaluationDataNumber\":17", "\"tcbEvaluationDataNumber\":4294967296",
	    "tcbEvaluationDataNumber"),
	TCB("\"tcbLevels\":[{", "\"tcbLevels\":{\"a\":[{", "does not end"),
	TCB("\"tcbLevels\"", "\"levels\"", "no tcbLevels"),
	TCB("\"tcb\":{", "\"tcm\":{", "tcbLevels: 0: no tcb"),
	TCB("\"svn\":5}]", "\"svn\":5},{\"svn\":5}]", "sgxtcbcomponents has more than 16"),
	TCB("{\"svn\":5},{\"svn\":5}]", "{\"svn\":5}]", "sgxtcbcomponents has not 16"),
	TCB("\"svn\":5", "\"svn\":256", "svn is not 0 to 255"),
	TCB("{\"svn\":5}", "5", "svn is no object"),
	TCB("\"pcesvn\":11", "\"pcesvn\":true", "pcesvn is no int"),
	TCB("\"UpToDate\"", "\"Uptodate\"", "tcbStatus is none of DCAP's"),
	TCB("\"UpToDate\"", "\"TDRelaunchAdvised\"", "tcbStatus is none of DCAP's"),
	TCB("\"tcbDate\":\"2025", "\"tcbDate\":\"+025", "tcbDate is no date"),
	TCB("\"tcbDate\"", "\"advisoryIDs\":\"A\",\"tcbDate\"", "advisoryIDs is no array"),
	TCB("\"tcbDate\"", "\"advisoryIDs\":[1],\"tcbDate\"", "advisoryIDs: 0 is no string"),
	TCB("\"tcbType\"", "\"tdxModule\":{},\"tcbType\"", "TDX module in TCB info for SGX"),
	TCB("\"tcbType\"", "\"tdxModuleIdentities\":[],\"tcbType\"",
	    "TDX module in TCB info for SGX"),
	TDX("\"tdxModule\"", "\"tdxmodule\"", "no tdxModule"),
	TDX("\"mrsigner\":\"5e", "\"mrsigner\":\"5", "tdxModule: mrsigner"),
	TDX("\"attributes\":\"00", "\"attributes\":\"", "tdxModule: attributes"),
	TDX("\"attributesMask\":\"FF", "\"attributesMask\":\"", "tdxModule: attributesMask"),
	TDX("\"id\":\"TDX_03\"", "\"id\":3", "tdxModuleIdentities: 0: id"),
	TDX("\"tdxModuleIdentities\"", "\"tdxModuleIdentities\":[],\"other\"",
	    "tdxModuleIdentities is empty"),
	TDX("\"isvsvn\":2", "\"isvsvn\":65536", "isvsvn is not 0 to 65535"),
	TDX("\"isvsvn\":2", "\"isvsvn\":4", "ISVSVN 4 twice"),
	TDX("\"tdxtcbcomponents\"", "\"tdxcomponents\"", "no tdxtcbcomponents"),
	QE("\"id\":\"QE\"", "\"id\":\"QEX\"", "id is neither QE, QVE nor TD_QE"),
	QE("\"version\":2", "\"version\":1", "version 1, not 2"),
	QE("\"issueDate\"", "\"issued\"", "no issueDate"),
	QE("\"nextUpdate\":\"2025-07-02T00:00:00Z\"", "\"nextUpdate\":\"2025-07-02 00:00:00Z\"",
	   "nextUpdate is no date"),
	QE("\"tcbEvaluationDataNumber\":17,", "", "no tcbEvaluationDataNumber"),
	QE("\"miscselect\":\"00000000\"", "\"miscselect\":\"000000\"", "miscselect"),
	QE("\"miscselectMask\":\"FF", "\"miscselectMask\":\"GG", "miscselectMask"),
	QE("\"attributes\":\"1100", "\"attributes\":\"11", "attributes"),
	QE("\"attributesMask\":\"FB", "\"attributesMask\":\"F", "attributesMask"),
	QE("\"mrsigner\":\"51", "\"mrsigner\":\"5", "mrsigner"),
	QE("\"isvprodid\":1", "\"isvprodid\":1.5", "isvprodid is no int"),
	QE("\"isvsvn\":8", "\"isvsvn\":-8", "isvsvn"),
	QE("\"UpToDate\"", "\"ConfigurationNeeded\"", "neither UpToDate, OutOfDate nor Revoked"),
	QE("\"mrsigner\"", "\"mrsigner\":\"\\u0000\",\"mrsigner2\"", "mrsigner has a zero byte"),
};

/* Parse as served: 0 or an error with its text. */
static int parse(enum world_document document, const char *served, struct err *e)
{
	struct dcap_qe_identity identity;
	struct dcap_tcb_info info;
	size_t size = strlen(served);
	int r;

	if (document == TCB_INFO) {
		r = dcap_tcb_info_parse(served, size, &info, e);
		dcap_tcb_info_free(&info);
	} else {
		r = dcap_qe_identity_parse(served, size, &identity, e);
		dcap_qe_identity_free(&identity);
	}
	return r;
}

static void serve(const struct world *w, enum world_document document, char *text, size_t cap)
{
	snprintf(text, cap, "{\"%s\":%s,\"signature\":\"" SIGNATURE "\"}",
	         document == TCB_INFO ? "tcbInfo" : "enclaveIdentity", w->document[document]);
}

static void every_member_in_another_form_is_told_by_its_name(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	static char text[32768];

	(void)state;
	assert_non_null(w);
	for (size_t i = 0; i < COUNT(changes); i++) {
		const struct change *c = &changes[i];
		struct err e = { .text = "" };

		world_init(w, 4, c->is_tdx ? SGX_QUOTE_BODY_TD10 : SGX_QUOTE_BODY_SGX);
		serve(w, c->document, text, sizeof(text));
		assert_int_equal(parse(c->document, text, &e), 0);
		world_replace(w->document[c->document], c->from, c->to);
		serve(w, c->document, text, sizeof(text));
		assert_int_equal(parse(c->document, text, &e), -EINVAL);
		if (!strstr(e.text, c->says))
			fail_msg("'%s' does not say '%s'", e.text, c->says);
	}
	free(w);
}

static void no_levels_are_none(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	static char text[32768];
	struct err e;

	(void)state;
	assert_non_null(w);
	world_init(w, 3, SGX_QUOTE_BODY_SGX);
	for (enum world_document d = TCB_INFO; d < DOCUMENT_COUNT; d++) {
		world_no_levels(w, d);
		serve(w, d, text, sizeof(text));
		assert_int_equal(parse(d, text, &e), -EINVAL);
		assert_non_null(strstr(e.text, "tcbLevels is empty"));
	}
	free(w);
}

/* The document around the object. */
static const struct {
	const char *text, *says;
} wrappings[] = {
	{ "", "no JSON object" },
	{ " ", "no JSON object" },
	{ "[]", "no JSON object" },
	{ "{", "members" },
	{ "{}", "members" },
	{ "{\"tcbInfo\"}", "members" },
	{ "{\"tcbInfo\":[]}", "tcbInfo is no object" },
	{ "{\"tcbInfo\":{}", "does not end" },
	{ "{\"tcbInfo\":{", "tcbInfo is no object" },
	{ "{\"tcbInfo\":{\"a\":\"}\"", "tcbInfo is no object" },
	{ "{\"tcbInfo\":{}}", "no signature" },
	{ "{\"signature\":\"" SIGNATURE "\"}", "no tcbInfo" },
	{ "{\"signature\":1}", "signature is no string" },
	{ "{\"signature\":\"a\\", "signature is no string" },
	{ "{\"tcbInfo\":{},\"signature\":\"00\"}", "128 hexadecimal digits" },
	{ "{\"tcbInfo\":{},\"tcbInfo\":{},\"signature\":\"" SIGNATURE "\"}",
	  "tcbInfo is there twice" },
	{ "{\"signature\":\"" SIGNATURE "\",\"signature\":\"" SIGNATURE "\"}",
	  "signature is there twice" },
	{ "{\"tcbInfo\":{},\"signature\":\"" SIGNATURE "\"} x", "more behind" },
	{ "{\"tcbInfo\":{},\"other\":,\"signature\":\"" SIGNATURE "\"}", "without a value" },
	{ "{\"tcbInfo\":{\"a\":1,},\"signature\":\"" SIGNATURE "\"}", "no JSON" },
	{ "{\"tcbInfo\":{'a':1},\"signature\":\"" SIGNATURE "\"}", "tcbInfo is no object" },
	{ "{\"tcbInfo\":{/**/},\"signature\":\"" SIGNATURE "\"}", "tcbInfo is no object" },
	{ "{\"tcbInfo\":{\"a\":[}],\"signature\":\"" SIGNATURE "\"}", "" },
	{ "{\"other\":[1,{\"a\":\"]\"}],\"x\":-1.5e3,\"y\":null,\"tcbInfo\":{},\"signature\":\"" SIGNATURE
	  "\"}",
	  "no version" },
};

static void the_outer_object_is_read_strictly(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrappings); i++) {
		struct err e = { .text = "" };

		assert_int_equal(parse(TCB_INFO, wrappings[i].text, &e), -EINVAL);
		if (!strstr(e.text, wrappings[i].says))
			fail_msg("'%s' does not say '%s' (%zu)", e.text, wrappings[i].says, i);
	}
}

/* Neither deep nesting nor size is followed far. */
static void nesting_and_size_are_bounded(void **state)
{
	size_t deep = 100000, size = DCAP_JSON_MAX + 1;
	char *text = calloc(1, size + 100);
	struct err e = { .text = "" };

	(void)state;
	assert_non_null(text);
	strcpy(text, "{\"tcbInfo\":{\"a\":");
	memset(text + strlen(text), '[', deep);
	memset(text + strlen(text), ']', deep);
	strcat(text, "},\"signature\":\"" SIGNATURE "\"}");
	assert_int_equal(parse(TCB_INFO, text, &e), -EINVAL);
	assert_non_null(strstr(e.text, "no JSON"));
	memset(text, ' ', size);
	text[size] = 0;
	assert_int_equal(parse(TCB_INFO, text, &e), -EFBIG);
	free(text);
}

static void counts_are_bounded(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	static char text[32768], many[8192] = "\"advisoryIDs\":[\"A\"";
	struct err e;

	(void)state;
	assert_non_null(w);
	world_init(w, 3, SGX_QUOTE_BODY_SGX);
	for (int i = 0; i < DCAP_ADVISORIES_MAX; i++)
		strcat(many, ",\"A\"");
	strcat(many, "],\"tcbDate\"");
	world_replace(w->document[TCB_INFO], "\"tcbDate\"", many);
	serve(w, TCB_INFO, text, sizeof(text));
	assert_int_equal(parse(TCB_INFO, text, &e), -EINVAL);
	assert_non_null(strstr(e.text, "advisoryIDs has more than 128 elements"));
	free(w);
}

static void dates_are_of_one_form_and_of_the_calendar(void **state)
{
	static const char *const bad[] = { "",
		                           "2025-06-01",
		                           "2025-06-01T00:00:00",
		                           "2025-13-01T00:00:00Z",
		                           "2025-02-29T00:00:00Z",
		                           "2025-06-01T24:00:00Z",
		                           "2025-06-01T00:60:00Z",
		                           "2025-06-01T00:00:00ZZ",
		                           " 025-06-01T00:00:00Z",
		                           "2025-06-00T00:00:00Z" };
	int64_t date = 7;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(dcap_date(bad[i], &date), -EINVAL);
	assert_int_equal(date, 7);
	assert_int_equal(dcap_date("2024-02-29T23:59:59Z", &date), 0);
	assert_int_equal(date, 1709251199);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_in_another_form_is_told_by_its_name),
		cmocka_unit_test(no_levels_are_none),
		cmocka_unit_test(the_outer_object_is_read_strictly),
		cmocka_unit_test(nesting_and_size_are_bounded),
		cmocka_unit_test(counts_are_bounded),
		cmocka_unit_test(dates_are_of_one_form_and_of_the_calendar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
