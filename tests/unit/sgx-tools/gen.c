// SPDX-License-Identifier: Apache-2.0
/* The gen- commands' own rules: options, kinds of quote, a token's name, an EPID quote's size. */
#include "sgx-tools/gen.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sgx-tools/tool.h"
#include "sgx/quote.h"

bool tool_is_verbose;

static void a_token_is_named_after_its_signature(void **state)
{
	static const struct {
		const char *signature, *token;
	} rows[] = {
		{ "encl.ss", "encl.token" },  { "a/b.sig", "a/b.token" },
		{ "a.b/c", "a.b/c.token" },   { "../x", "../x.token" },
		{ "a.b.c", "a.b.token" },     { ".sig", ".sig.token" },
		{ "d/.sig", "d/.sig.token" }, { "plain", "plain.token" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *name = gen_token_name(rows[i].signature);

		assert_string_equal(name, rows[i].token);
		free(name);
	}
}

static void a_quote_type_is_known_in_either_case(void **state)
{
	enum gen_type type = GEN_EPID_LINKABLE;
	struct err e;

	(void)state;
	assert_int_equal(gen_type_parse(NULL, &type, &e), 0);
	assert_int_equal(type, GEN_ECDSA);
	assert_int_equal(gen_type_parse("EPIDUNLINKABLE", &type, &e), 0);
	assert_int_equal(type, 0);
	assert_int_equal(gen_type_parse("epidLinkable", &type, &e), 0);
	assert_int_equal(type, 1);
	assert_int_equal(gen_type_parse("ECdsa", &type, &e), 0);
	assert_int_equal(type, GEN_ECDSA);
	assert_int_equal(gen_type_parse("", &type, &e), -EINVAL);
	assert_int_equal(gen_type_parse("epid", &type, &e), -EINVAL);
	assert_int_equal(type, GEN_ECDSA);
}

static void
an_epid_quote_is_as_long_as_its_signature_says_and_never_longer_than_the_buffer(void **state)
{
	uint8_t buffer[500] = { 2 };
	struct sgx_epid_quote head = { .version = 2, .signature_size = 10 };

	(void)state;
	memcpy(buffer, &head, sizeof(head));
	assert_int_equal(gen_epid_size(buffer, sizeof(buffer)), 446);
	assert_int_equal(gen_epid_size(buffer, 446), 446);
	assert_int_equal(gen_epid_size(buffer, 445), 0);
	assert_int_equal(gen_epid_size(buffer, 435), 0);
	head.signature_size = UINT32_MAX;
	memcpy(buffer, &head, sizeof(head));
	assert_int_equal(gen_epid_size(buffer, sizeof(buffer)), 0);
	head = (struct sgx_epid_quote){ .version = 3 };
	memcpy(buffer, &head, sizeof(head));
	assert_int_equal(gen_epid_size(buffer, sizeof(buffer)), 0);
}

static void options_have_one_dash_or_two(void **state)
{
	const char *report = NULL, *quote = "default";
	const struct gen_option options[] = { { "report", &report }, { "quote", &quote } };
	char *good[] = { "x", "-report", "a", "--quote=b", NULL };
	char *help[] = { "x", "--report", "c", "-help", NULL };
	char *unknown[] = { "x", "-z", NULL };
	char *operand[] = { "x", "y", NULL };
	char *missing[] = { "x", "--report", NULL };
	bool is_help;
	struct err e;

	(void)state;
	assert_int_equal(gen_parse(4, good, options, 2, &is_help, &e), 0);
	assert_false(is_help);
	assert_string_equal(report, "a");
	assert_string_equal(quote, "b");
	assert_int_equal(gen_parse(4, help, options, 2, &is_help, &e), 0);
	assert_true(is_help);
	assert_int_equal(gen_parse(2, unknown, options, 2, &is_help, &e), -EINVAL);
	assert_string_equal(e.text, "-z: unknown option");
	assert_int_equal(gen_parse(2, operand, options, 2, &is_help, &e), -EINVAL);
	assert_string_equal(e.text, "y: there are no operands; --help says more");
	assert_int_equal(gen_parse(2, missing, options, 2, &is_help, &e), -EINVAL);
	assert_string_equal(e.text, "--report: wants a value");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_is_named_after_its_signature),
		cmocka_unit_test(a_quote_type_is_known_in_either_case),
		cmocka_unit_test(
			an_epid_quote_is_as_long_as_its_signature_says_and_never_longer_than_the_buffer),
		cmocka_unit_test(options_have_one_dash_or_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
