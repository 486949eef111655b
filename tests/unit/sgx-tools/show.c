// SPDX-License-Identifier: Apache-2.0
/* The sink of show: one description, two outputs. */
#include "sgx-tools/show.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <json-c/json.h>

#include "lib/base/cleanup.h"

static void describe(struct show *s)
{
	static const uint8_t svns[] = { 1, 0, 255 };
	static const char *const words[] = { "A", "B" };
	const uint64_t mask = UINT64_MAX;

	show_title(s, "file", "A THING", "thing");
	show_hex(s, "REPORTDATA|report_data", "\x00\xff", 2);
	show_attributes(s, SGX_ATTR_DEBUG | UINT64_C(1) << 63, &mask);
	show_miscselect(s, 0, NULL);
	show_number(s, "SIZE", 4096);
	show_count(s, "QE SVN", UINT64_MAX);
	show_time(s, "next update", 0);
	show_group(s, "QE report");
	show_bool(s, "debug", true);
	show_end(s);
	show_list(s, "levels");
	show_row(s, "level", 1);
	show_svns(s, "SVNs", svns, sizeof(svns));
	show_words(s, "advisories", words, 2);
	show_end(s);
	show_row(s, "level", 2);
	show_words(s, "advisories", words, 0);
	show_text(s, "status", "Fine");
	show_end(s);
	show_list_end(s);
	show_text(s, "last", "one");
}

static void for_people_a_description_is_lines(void **state)
{
	_cleanup_(show_drop) struct show s = { .is_json = false };
	struct err e;

	(void)state;
	assert_int_equal(show_begin(&s, false, &e), 0);
	describe(&s);
	fflush(s.text);
	assert_false(s.has_failed);
	assert_int_equal(s.depth, 0);
	assert_string_equal(s.bytes, "file: A THING\n"
	                             "  REPORTDATA           00ff\n"
	                             "  ATTRIBUTES           0x8000000000000002 DEBUG and "
	                             "0x8000000000000000, mask 0xffffffffffffffff\n"
	                             "  MISCSELECT           0\n"
	                             "  SIZE                 0x1000\n"
	                             "  QE SVN               18446744073709551615\n"
	                             "  next update          1970-01-01T00:00:00Z\n"
	                             "  QE report\n"
	                             "    debug              yes\n"
	                             "  level 1              SVNs 1 0 255, advisories A B\n"
	                             "  level 2              status Fine\n"
	                             "  last                 one\n");
}

static void for_programs_it_is_one_object(void **state)
{
	_cleanup_(show_drop) struct show s = { .is_json = false };
	struct err e;

	(void)state;
	assert_int_equal(show_begin(&s, true, &e), 0);
	describe(&s);
	assert_false(s.has_failed);
	assert_int_equal(s.depth, 0);
	assert_string_equal(
		json_object_to_json_string_ext(s.group[0], JSON_C_TO_STRING_PLAIN),
		"{\"kind\":\"thing\",\"report_data\":\"00ff\","
		"\"attributes\":{\"value\":\"0x8000000000000002\",\"names\":[\"DEBUG\"],"
		"\"mask\":\"0xffffffffffffffff\"},"
		"\"miscselect\":{\"value\":\"0x0\",\"names\":[]},"
		"\"size\":4096,\"qe_svn\":18446744073709551615,"
		"\"next_update\":\"1970-01-01T00:00:00Z\","
		"\"qe_report\":{\"debug\":true},"
		"\"levels\":[{\"svns\":[1,0,255],\"advisories\":[\"A\",\"B\"]},"
		"{\"advisories\":[],\"status\":\"Fine\"}],"
		"\"last\":\"one\"}");
}

static void strange_bytes_become_question_marks(void **state)
{
	for (int is_json = 0; is_json <= 1; is_json++) {
		_cleanup_(show_drop) struct show s = { .is_json = false };
		struct err e;

		(void)state;
		assert_int_equal(show_begin(&s, is_json, &e), 0);
		show_text(&s, "subject", "a\033[2J\x7f\xc3\n");
		if (is_json) {
			assert_string_equal(json_object_get_string(
						    json_object_object_get(s.group[0], "subject")),
			                    "a?[2J???");
		} else {
			fflush(s.text);
			assert_string_equal(s.bytes, "  subject              a?[2J???\n");
		}
	}
}

static void too_many_groups_fail_and_do_no_harm(void **state)
{
	for (int is_json = 0; is_json <= 1; is_json++) {
		_cleanup_(show_drop) struct show s = { .is_json = false };
		struct err e;

		(void)state;
		assert_int_equal(show_begin(&s, is_json, &e), 0);
		for (unsigned int i = 0; i < 2 * SHOW_DEPTH; i++)
			show_group(&s, "deeper");
		for (unsigned int i = 0; i < 2 * SHOW_DEPTH; i++)
			show_end(&s);
		assert_true(s.has_failed);
		assert_int_equal(show_print(&s, &e), -ENOMEM);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(for_people_a_description_is_lines),
		cmocka_unit_test(for_programs_it_is_one_object),
		cmocka_unit_test(strange_bytes_become_question_marks),
		cmocka_unit_test(too_many_groups_fail_and_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
