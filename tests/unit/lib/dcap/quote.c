// SPDX-License-Identifier: Apache-2.0
/* Quotes taken apart: where everything is, and every way in which sizes may lie. */
#include "tests/unit/lib/dcap/rows.h"

#include <errno.h>

static struct world *w;

static int setup(void **state)
{
	(void)state;
	w = calloc(1, sizeof(*w));
	return w ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	world_free(w);
	free(w);
	return 0;
}

static void make(uint16_t version, uint16_t body)
{
	world_init(w, version, body);
	assert_int_equal(world_verify(w), DCAP_OK);
}

/* In memory of just that size, so that a sanitizer sees what is read beyond. */
static int parse(size_t size, struct dcap_quote *ret, struct err *e)
{
	uint8_t *exact = malloc(size ? size : 1);
	int r;

	assert_non_null(exact);
	memcpy(exact, w->quote, size);
	r = dcap_quote_parse(exact, size, ret, e);
	free(exact);
	return r;
}

static const struct {
	uint16_t version, body;
	size_t body_at, body_size, signature_at, qe_at, auth_at, cert_at;
} layouts[] = {
	{ 3, SGX_QUOTE_BODY_SGX, 48, 384, 436, 564, 1014, 1052 },
	{ 4, SGX_QUOTE_BODY_SGX, 48, 384, 436, 570, 1020, 1058 },
	{ 4, SGX_QUOTE_BODY_TD10, 48, 584, 636, 770, 1220, 1258 },
	{ 5, SGX_QUOTE_BODY_SGX, 54, 384, 442, 576, 1026, 1064 },
	{ 5, SGX_QUOTE_BODY_TD10, 54, 584, 642, 776, 1226, 1264 },
	{ 5, SGX_QUOTE_BODY_TD15, 54, 648, 706, 840, 1290, 1328 },
	{ 5, SGX_QUOTE_BODY_TD15X, 54, 885, 943, 1077, 1527, 1565 },
};

static void every_part_is_where_the_specification_has_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(layouts); i++) {
		struct dcap_quote q;
		struct err e;

		make(layouts[i].version, layouts[i].body);
		assert_int_equal(dcap_quote_parse(w->quote, w->quote_size, &q, &e), 0);
		assert_int_equal(q.body_type, layouts[i].body);
		assert_ptr_equal(q.body, w->quote + layouts[i].body_at);
		assert_int_equal(q.body_size, layouts[i].body_size);
		assert_ptr_equal(q.signed_data, w->quote);
		assert_int_equal(q.signed_size, layouts[i].body_at + layouts[i].body_size);
		assert_ptr_equal(q.signature, w->quote + layouts[i].signature_at);
		assert_ptr_equal(q.attestation_key, w->quote + layouts[i].signature_at + 64);
		assert_ptr_equal(q.qe_report_data, w->quote + layouts[i].qe_at);
		assert_ptr_equal(q.qe_report_signature, w->quote + layouts[i].qe_at + 384);
		assert_ptr_equal(q.auth, w->quote + layouts[i].auth_at);
		assert_int_equal(q.auth_size, 32);
		assert_ptr_equal(q.cert, w->quote + layouts[i].cert_at);
		assert_int_equal(q.cert_type, SGX_CERT_PCK_CHAIN);
		assert_int_equal(q.outer_cert_type, layouts[i].version == 3 ? 5 : 6);
		assert_int_equal(q.size, w->quote_size);
		assert_int_equal(layouts[i].cert_at + q.cert_size, w->quote_size);
		assert_int_equal(q.qe_report.isvsvn, 8);
	}
}

static void a_quote_cut_anywhere_is_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(layouts); i++) {
		struct dcap_quote q;
		struct err e;

		make(layouts[i].version, layouts[i].body);
		for (size_t size = 0; size < w->quote_size; size++) {
			e.text[0] = 0;
			assert_int_equal(parse(size, &q, &e), -EINVAL);
			assert_true(e.text[0] != 0);
		}
		assert_int_equal(parse(w->quote_size, &q, &e), 0);
		assert_int_equal(parse(w->quote_size + 64, &q, &e), 0); /* more behind it */
		assert_int_equal(q.size, w->quote_size);
	}
}

/* A field at an offset of a version 3 or 4 quote, and what it says then. */
static const struct {
	uint16_t version;
	size_t at, size;
	uint32_t value;
	const char *says;
} lies[] = {
	{ 3, 0, 2, 1, "version 1" },
	{ 3, 0, 2, 2, "version 2" },
	{ 3, 0, 2, 6, "version 6" },
	{ 3, 4, 4, 0x81, "TEE type 0x81" },
	{ 4, 4, 4, 1, "TEE type 0x1" },
	{ 3, 432, 4, 0xffffffff, "signature data of 4294967295 bytes" },
	{ 3, 432, 4, 0, "signature data too short" },
	{ 3, 432, 4, 127, "signature data too short" },
	{ 3, 432, 4, 128, "QE report" },
	{ 3, 432, 4, 577, "QE report" },
	{ 3, 432, 4, 578, "authentication data of 32 bytes, but 0 are left" },
	{ 3, 1012, 2, 0xffff, "authentication data of 65535 bytes" },
	{ 3, 1048, 4, 0xffffffff, "certification data of 4294967295 bytes" },
	{ 4, 566, 4, 0xffffffff, "QE report certification data of 4294967295 bytes" },
	{ 4, 566, 4, 0, "QE report" },
	{ 4, 1018, 2, 0xffff, "authentication data of 65535 bytes" },
	{ 4, 1054, 4, 0xffffffff, "certification data of 4294967295 bytes" },
	{ 4, 1054, 4, 1, "behind the certification data" },
};

static void sizes_and_types_that_lie_are_told_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lies); i++) {
		struct dcap_quote q;
		struct err e = { .text = "" };

		make(lies[i].version, SGX_QUOTE_BODY_SGX);
		memcpy(w->quote + lies[i].at, &lies[i].value, lies[i].size);
		assert_int_equal(parse(w->quote_size, &q, &e), -EINVAL);
		if (!strstr(e.text, lies[i].says))
			fail_msg("'%s' does not say '%s'", e.text, lies[i].says);
	}
}

static void body_types_of_version_5_have_their_sizes(void **state)
{
	struct dcap_quote q;
	struct err e;

	(void)state;
	for (uint16_t type = 0; type < 8; type++) {
		make(5, SGX_QUOTE_BODY_TD15);
		memcpy(w->quote + 48, &type, sizeof(type));
		assert_int_equal(parse(w->quote_size, &q, &e),
		                 type == SGX_QUOTE_BODY_TD15 ? 0 : -EINVAL);
		memset(w->quote + 50, 0, 4);
		assert_int_equal(parse(w->quote_size, &q, &e), -EINVAL);
	}
}

static void a_failure_changes_nothing(void **state)
{
	struct dcap_quote q = { .size = 123 };
	struct err e;

	(void)state;
	make(3, SGX_QUOTE_BODY_SGX);
	assert_int_equal(parse(1500, &q, &e), -EINVAL);
	assert_int_equal(q.size, 123);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_part_is_where_the_specification_has_it),
		TEST(a_quote_cut_anywhere_is_none),
		TEST(sizes_and_types_that_lie_are_told_by_name),
		TEST(body_types_of_version_5_have_their_sizes),
		TEST(a_failure_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
