// SPDX-License-Identifier: Apache-2.0
/* The SGX extension of PCK certificates: all of it, and every mistake refused. */
#include "lib/dcap/pck.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/lib/dcap/extension.h"

static const struct extension_spec good = {
	.svn = { 4, 255, 128, 127, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 },
	.pcesvn = 65535,
	.fmspc = { 0x00, 0x90, 0x6e, 0xd5, 0x00, 0x01 },
	.pceid = { 0, 1 },
	.is_platform = true,
};

static void a_platform_certificate_says_everything(void **state)
{
	struct dcap_pck pck;
	struct err e;
	struct out o;

	(void)state;
	extension_make(&good, &o);
	assert_int_equal(dcap_pck_parse(o.data, o.size, &pck, &e), 0);
	assert_memory_equal(pck.component, good.svn, 16);
	assert_memory_equal(pck.cpusvn, good.svn, 16);
	assert_memory_equal(pck.fmspc, good.fmspc, 6);
	assert_memory_equal(pck.pceid, good.pceid, 2);
	assert_memory_equal(pck.ppid, "ppid ppid ppid p", 16);
	assert_memory_equal(pck.platform_instance_id, "this is platform", 16);
	assert_int_equal(pck.pcesvn, 65535);
	assert_string_equal(dcap_sgx_type_name(pck.sgx_type), "Scalable");
	assert_true(pck.is_platform && pck.dynamic_platform && !pck.cached_keys && pck.smt_enabled);
}

static void a_processor_certificate_has_five_entries(void **state)
{
	struct extension_spec s = good;
	struct dcap_pck pck;
	struct err e;
	struct out o;

	(void)state;
	s.is_platform = false;
	extension_make(&s, &o);
	assert_int_equal(dcap_pck_parse(o.data, o.size, &pck, &e), 0);
	assert_false(pck.is_platform || pck.dynamic_platform || pck.smt_enabled);
	assert_string_equal(dcap_sgx_type_name(3), "unknown");
}

static void refused(const struct extension_spec *s)
{
	struct dcap_pck pck = { .pcesvn = 4711 };
	struct err e = { .text = "" };
	struct out o;

	extension_make(s, &o);
	assert_int_equal(dcap_pck_parse(o.data, o.size, &pck, &e), -EINVAL);
	assert_true(e.text[0] != 0);
	assert_int_equal(pck.pcesvn, 4711);
}

static const int entries[] = { 1,     2,     3,     4,     5,     6,     7,    0x201,
	                       0x202, 0x210, 0x211, 0x212, 0x701, 0x702, 0x703 };

static void no_entry_may_be_missing_twice_foreign_mistyped_longer_or_trailed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		struct extension_spec s = good;

		/* Of the configuration's flags none has to be there, as for Intel's library. */
		s.omit = entries[i];
		if (entries[i] < 0x700)
			refused(&s);
		s.omit = 0, s.twice = entries[i];
		refused(&s);
		s.twice = 0, s.foreign = entries[i];
		refused(&s);
		s.foreign = 0, s.mistyped = entries[i];
		refused(&s);
		s.mistyped = 0, s.trailing = entries[i];
		refused(&s);
		s.trailing = 0, s.longer = entries[i];
		refused(&s);
	}
}

/* As many entries as there should be. */
static void an_entry_twice_does_not_stand_for_another(void **state)
{
	static const int pairs[][2] = { { 3, 4 },         { 2, 1 },         { 7, 6 },
		                        { 0x203, 0x204 }, { 0x211, 0x212 }, { 0x701, 0x702 } };

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct extension_spec s = good;

		s.omit = pairs[i][0];
		s.twice = pairs[i][1];
		refused(&s);
	}
}

static void svns_are_minimal_and_in_range(void **state)
{
	struct extension_spec s = good;

	(void)state;
	s.big_svn = 256;
	refused(&s);
	s = good, s.pcesvn = 65536;
	refused(&s);
	s = good, s.negative = 0x203;
	refused(&s);
	s = good, s.padded = 0x204;
	refused(&s);
	s = good, s.outer_trailing = true;
	refused(&s);
}

static void an_extension_cut_anywhere_is_none(void **state)
{
	struct dcap_pck pck;
	struct err e;
	struct out o;

	(void)state;
	extension_make(&good, &o);
	for (size_t size = 0; size < o.size; size++) {
		uint8_t *exact = malloc(size ? size : 1);

		assert_non_null(exact);
		memcpy(exact, o.data, size);
		assert_int_equal(dcap_pck_parse(exact, size, &pck, &e), -EINVAL);
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_platform_certificate_says_everything),
		cmocka_unit_test(a_processor_certificate_has_five_entries),
		cmocka_unit_test(no_entry_may_be_missing_twice_foreign_mistyped_longer_or_trailed),
		cmocka_unit_test(an_entry_twice_does_not_stand_for_another),
		cmocka_unit_test(svns_are_minimal_and_in_range),
		cmocka_unit_test(an_extension_cut_anywhere_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
