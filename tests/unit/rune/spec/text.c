// SPDX-License-Identifier: Apache-2.0
/* Text to object to text: nothing that rune does not know may change on the way. */
#include "tests/unit/rune/spec/document.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rune/spec/spec.h"

/* The value as it comes out of {"k": value}, which the caller frees. */
static char *round_trip(const char *value)
{
	char *text, *out;
	json_object *object;
	struct err e = { "" };
	size_t size;

	assert_true(asprintf(&text, "{\"k\":%s}", value) > 0);
	if (spec_load("config.json", text, strlen(text), &object, &e) < 0)
		fail_msg("%s: %s", text, e.text);
	free(text);
	assert_int_equal(spec_dump(object, &text, &size, &e), 0);
	assert_int_equal(strlen(text), size);
	json_object_put(object);
	assert_int_equal(strncmp(text, "{\n\t\"k\": ", 8), 0);
	assert_string_equal(text + size - 3, "\n}\n");
	out = strndup(text + 8, size - 8 - 3);
	assert_non_null(out);
	free(text);
	return out;
}

static void values_stay_as_they_are(void **state)
{
	static const char *const values[] = {
		"0",
		"-1",
		"9223372036854775807",
		"-9223372036854775808",
		"9223372036854775808",
		"18446744073709551615",
		"1.5e300",
		"1.0",
		"0.1",
		"-2.50",
		"1E+2",
		"true",
		"null",
		"\"\"",
		"\"/usr/lib/liberpal.so\"",
		"\"\\\"quoted\\\" \\\\ \\n\\t\"",
		"\"\\u0000\"",
		"\"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\xa7\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		char *out = round_trip(values[i]);

		assert_string_equal(out, values[i]);
		free(out);
	}
}

static void escapes_keep_their_meaning(void **state)
{
	static const char *const pairs[][2] = {
		{ "\"\\/a\\/b\"", "\"/a/b\"" },
		{ "[]", "[\n\t]" },
		{ "{}", "{\n\t}" },
		{ "\"\\u20ac\"", "\"\xe2\x82\xac\"" },
		{ "\"\\ud83d\\udc27\"", "\"\xf0\x9f\x90\xa7\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		char *out = round_trip(pairs[i][0]);

		assert_string_equal(out, pairs[i][1]);
		free(out);
	}
}

static void keys_keep_their_order(void **state)
{
	static const char text[] = "{\n\t\"z\": 1,\n\t\"a\": 2,\n\t\"m\": {\n\t\t\"y\": 3,\n"
				   "\t\t\"b\": 4\n\t}\n}\n";
	json_object *object;
	struct err e;
	size_t size;
	char *out;

	(void)state;
	assert_int_equal(spec_load("config.json", text, strlen(text), &object, &e), 0);
	assert_int_equal(spec_dump(object, &out, &size, &e), 0);
	assert_string_equal(out, text);
	free(out);
	json_object_put(object);
}

static char *nested(size_t depth)
{
	char *text = calloc(1, depth * 6 + 2);

	assert_non_null(text);
	for (size_t i = 0; i < depth; i++)
		strcpy(text + i * 5, "{\"a\":");
	text[depth * 5] = '1';
	memset(text + depth * 5 + 1, '}', depth);
	return text;
}

static void deep_nesting_is_kept_and_endless_nesting_refused(void **state)
{
	json_object *object = NULL;
	char *text = nested(400);
	struct err e;
	int depth = 0;

	(void)state;
	assert_int_equal(spec_load("config.json", text, strlen(text), &object, &e), 0);
	for (json_object *o = object; json_object_object_get_ex(o, "a", &o);)
		depth++;
	assert_int_equal(depth, 400);
	json_object_put(object);
	free(text);
	text = nested(100000);
	assert_int_equal(spec_load("config.json", text, strlen(text), &object, &e), -EINVAL);
	assert_string_equal(e.text, "config.json: line 1: not JSON: nesting too deep");
	free(text);
}

static void what_is_no_object_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{ "", "b/config.json: empty" },
		{ " \n", "b/config.json: empty" },
		{ "{\n\"a\": 1,\n", "b/config.json: line 2: not JSON: it ends too early" },
		{ "{}\n{}", "b/config.json: line 2: not JSON: " },
		{ "{} x", "b/config.json: line 1: not JSON: " },
		{ "[1]", "b/config.json: line 1: not JSON: not an object" },
		{ "12", "b/config.json: line 1: not JSON: " },
		{ "{\n'a': 1}", "b/config.json: line 2: not JSON: " },
		{ "{\"a\": 'b'}", "b/config.json: line 1: not JSON: " },
		{ "{\"a\": NaN}", "b/config.json: line 1: not JSON: " },
		{ "{\"a\": -Infinity}", "b/config.json: line 1: not JSON: " },
		{ "{\"a\": nan}", "b/config.json: line 1: not JSON: " },
		{ "{\"a\":\n/* b */ 1}", "b/config.json: line 2: not JSON: " },
		{ "{\"a\": TRUE}", "b/config.json: line 1: not JSON: " },
		{ "{\"a\": -}", "b/config.json: line 1: not JSON: " },
		{ "{\"a\": 1,}", "b/config.json: line 1: not JSON: " },
		{ "{\"a\": 01}", "b/config.json: line 1: not JSON: " },
		{ "{\"a\": \"\n\"\n}\n/", "b/config.json: line " },
		{ "{\n\"a\": 18446744073709551616}",
		  "b/config.json: line 2: a number of more than 64 bits: 18446744073709551616" },
		{ "{\"a\": [\"1\", -9223372036854775809]}",
		  "b/config.json: line 1: a number of more than 64 bits: -9223372036854775809" },
		{ "{\"a\": 123456789012345678901234567890}",
		  "b/config.json: line 1: a number of more than 64 bits: 123456789012345678901234567890" },
		{ "{\"a\": 1, \"b\": [{\"a\": {}}],\n\"a\" : 2}",
		  "b/config.json: line 2: \"a\" is there twice" },
		{ "{\"b\": [{\"env\": {\"env\": 1}}, {\"x\": \"}\", \"env\": 1,\n\"\\u0065nv\": []}]}",
		  "b/config.json: line 2: \"\\u0065nv\" is there twice" },
		{ "{\"a\\\"\": 1, \"a\\\"\": 2}",
		  "b/config.json: line 1: \"a\\\"\" is there twice" },
		{ "{\"\": 1, \"\": 2}", "b/config.json: line 1: \"\" is there twice" },
		{ "{\"env\": 1, \"env\\u0000x\": 2}",
		  "b/config.json: line 1: \"env\\u0000x\" is there twice" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		json_object *object = NULL;
		struct err e = { "" };

		if (spec_load("b/config.json", rows[i].text, strlen(rows[i].text), &object, &e) >=
		    0)
			fail_msg("accepted: %s", rows[i].text);
		if (strncmp(e.text, rows[i].error, strlen(rows[i].error)) != 0)
			fail_msg("%s: %s", rows[i].text, e.text);
		assert_null(object);
		assert_null(strchr(e.text, '\n'));
	}
}

static void a_zero_byte_ends_nothing(void **state)
{
	static const char text[] = "{}\0{}";
	json_object *object = NULL;
	struct err e;

	(void)state;
	assert_int_equal(spec_load("c", text, sizeof(text) - 1, &object, &e), -EINVAL);
	assert_int_equal(spec_load("c", "{}\0", 3, &object, &e), -EINVAL);
	assert_null(object);
}

static void names_of_different_objects_may_be_the_same(void **state)
{
	static const char text[] =
		"{\"a\": {\"a\": [\"a\", {\"a\": \"b\"}, {\"a\": \"a\"}], \"A\": \"\"}, "
		"\"b\": {\"a\": {}, \"b\": {\"{\": 1, \"{\\\"a\": 2}}}";
	json_object *object;
	struct err e;

	(void)state;
	assert_int_equal(spec_load("c", text, strlen(text), &object, &e), 0);
	json_object_put(object);
}

static void digits_in_a_text_are_no_number(void **state)
{
	static const char text[] = "{\"k\\\"\": \"\\\\\", \"99999999999999999999\": "
				   "\"\\\"99999999999999999999\"}";
	json_object *object;
	struct err e;

	(void)state;
	assert_int_equal(spec_load("c", text, strlen(text), &object, &e), 0);
	json_object_put(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_stay_as_they_are),
		cmocka_unit_test(escapes_keep_their_meaning),
		cmocka_unit_test(keys_keep_their_order),
		cmocka_unit_test(deep_nesting_is_kept_and_endless_nesting_refused),
		cmocka_unit_test(what_is_no_object_is_refused_with_its_line),
		cmocka_unit_test(a_zero_byte_ends_nothing),
		cmocka_unit_test(names_of_different_objects_may_be_the_same),
		cmocka_unit_test(digits_in_a_text_are_no_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
