// SPDX-License-Identifier: Apache-2.0
/* What a container says about its enclave, and what is wrong with it. */
#include "tests/unit/rune/spec/document.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rune/spec/spec.h"

#define PROCESS(env) "{'process':{'args':['/bin/sh'],'env':[" env "]},"
#define TYPE         "'ENCLAVE_TYPE=intelSgx'"
#define BOTH         TYPE ",'ENCLAVE_RUNTIME_PATH=/usr/lib/liberpal.so'"

static int read_settings(const char *text, struct spec_settings *ret, struct err *e)
{
	json_object *config = document(text);
	char *before = strdup(json_object_to_json_string(config));
	int r = spec_settings_read(config, ret, e);

	assert_string_equal(json_object_to_json_string(config), before);
	free(before);
	json_object_put(config);
	return r;
}

static void without_a_type_the_container_is_an_ordinary_one(void **state)
{
	static const char *const texts[] = {
		"{}",
		"{'process':null,'annotations':null}",
		"{'process':7,'annotations':[]}",
		"{'process':{'env':'ENCLAVE_TYPE=intelSgx'}}",
		PROCESS("") "'annotations':{}}",
		PROCESS("'ENCLAVE_TYPE='") "'annotations':{'enclave.type':''}}",
		PROCESS("'ENCLAVE_TYPE','XENCLAVE_TYPE=intelSgx','ENCLAVE_TYPES=intelSgx'") "'a':1}",
		PROCESS("'ENCLAVE_RUNTIME_PATH=x','ENCLAVE_RUNTIME_LOGLEVEL=x'") "'a':1}",
		PROCESS("7,null,['ENCLAVE_TYPE=intelSgx']") "'annotations':{'enclave.type':1}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct spec_settings s = { .present = true };
		struct err e = { "" };

		if (read_settings(texts[i], &s, &e) < 0)
			fail_msg("%s: %s", texts[i], e.text);
		assert_false(s.present);
		assert_null(s.type);
		assert_null(s.path);
		spec_settings_release(&s);
	}
}

/* Go's JSON, and so runc, takes these names for the right ones. */
static void a_name_that_only_go_would_know_is_refused(void **state)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{ "{'Annotations':{'enclave.type':'intelSgx'}}",
		  "config.json: Annotations: its name is annotations" },
		{ PROCESS("") "'PROCESS':{}}", "config.json: PROCESS: its name is process" },
		{ "{'process':{'Env':[" BOTH "]}}", "config.json: Env: its name is env" },
		{ "{'process':{'args':['x'],'Args':['sh'],'env':[" BOTH "]}}",
		  "config.json: Args: its name is args" },
		{ "{'proces\u017f':{}}", "config.json: proces\u017f: its name is process" },
		{ "{'hoo\u212as':{}}", "config.json: hoo\u212as: its name is hooks" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct spec_settings s = { .present = false };
		struct err e = { "" };

		assert_int_equal(read_settings(rows[i].text, &s, &e), -EINVAL);
		assert_string_equal(e.text, rows[i].error);
	}
}

static void every_key_is_read_from_the_environment(void **state)
{
	struct spec_settings s;
	struct err e;

	(void)state;
	assert_int_equal(read_settings(PROCESS(BOTH ",'ENCLAVE_RUNTIME_ARGS=a=b,debug',"
	                                            "'ENCLAVE_RUNTIME_LOGLEVEL=off',"
	                                            "'ENCLAVE_IS_PRODUCT_ENCLAVE=true',"
	                                            "'ENCLAVE_RA_TYPE=DCAP',"
	                                            "'ENCLAVE_RA_EPID_SPID=12',"
	                                            "'ENCLAVE_RA_EPID_SUB_KEY=34'") "'a':1}",
	                               &s, &e),
	                 0);
	assert_true(s.present);
	assert_true(s.is_product);
	assert_string_equal(s.type, "intelSgx");
	assert_string_equal(s.path, "/usr/lib/liberpal.so");
	assert_string_equal(s.args, "a=b,debug");
	assert_string_equal(s.log_level, "off");
	assert_string_equal(s.ra_type, "DCAP");
	assert_string_equal(s.ra_epid_spid, "12");
	assert_string_equal(s.ra_epid_subscription_key, "34");
	spec_settings_release(&s);
	assert_null(s.type);
}

static void every_key_is_read_from_the_annotations(void **state)
{
	struct spec_settings s;
	struct err e;

	(void)state;
	assert_int_equal(
		read_settings("{'process':{'args':['x']},'annotations':{"
	                      "'enclave.type':'intelSgx','enclave.runtime.path':'/p',"
	                      "'enclave.runtime.args':'debug','enclave.runtime.loglevel':'info',"
	                      "'enclave.is_product_enclave':'false',"
	                      "'enclave.attestation.ra_type':'EPID',"
	                      "'enclave.attestation.ra_epid_spid':'12',"
	                      "'enclave.attestation.ra_epid_subscription_key':'34'}}",
	                      &s, &e),
		0);
	assert_true(s.present);
	assert_false(s.is_product);
	assert_string_equal(s.is_product_enclave, "false");
	assert_string_equal(s.path, "/p");
	assert_string_equal(s.args, "debug");
	assert_string_equal(s.log_level, "info");
	assert_string_equal(s.ra_type, "EPID");
	assert_string_equal(s.ra_epid_spid, "12");
	assert_string_equal(s.ra_epid_subscription_key, "34");
	spec_settings_release(&s);
}

static void the_environment_beats_the_annotations(void **state)
{
	struct spec_settings s;
	struct err e;

	(void)state;
	assert_int_equal(
		read_settings(
			PROCESS("'ENCLAVE_RUNTIME_PATH=/first',"
	                        "'ENCLAVE_RUNTIME_PATH=/env',"
	                        "'ENCLAVE_RUNTIME_ARGS='") "'annotations':{'enclave.type':'intelSgx',"
							   "'enclave.runtime.path':'not absolute',"
							   "'enclave.runtime.args':'debug'}}",
			&s, &e),
		0);
	assert_string_equal(s.type, "intelSgx");
	assert_string_equal(s.path, "/env");
	assert_string_equal(s.args, "debug"); /* empty is not given */
	assert_null(s.log_level);
	spec_settings_release(&s);
}

static void a_wrong_value_is_refused_by_the_name_that_it_came_under(void **state)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{ PROCESS("'ENCLAVE_TYPE=sev'") "'a':1}",
		  "ENCLAVE_TYPE: sev: unknown enclave type, only intelSgx is known" },
		{ "{'annotations':{'enclave.type':'intelsgx'}}",
		  "enclave.type: intelsgx: unknown enclave type, only intelSgx is known" },
		{ PROCESS(TYPE) "'a':1}",
		  "no path to a PAL library: neither ENCLAVE_RUNTIME_PATH nor the annotation "
		  "enclave.runtime.path is given" },
		{ PROCESS(TYPE ",'ENCLAVE_RUNTIME_PATH=lib/x.so'") "'a':1}",
		  "ENCLAVE_RUNTIME_PATH: lib/x.so: not an absolute path" },
		{ PROCESS(TYPE ",'ENCLAVE_RUNTIME_PATH=/usr/lib/'") "'a':1}",
		  "ENCLAVE_RUNTIME_PATH: /usr/lib/: not a file" },
		{ PROCESS(TYPE) "'annotations':{'enclave.runtime.path':'x'}}",
		  "enclave.runtime.path: x: not an absolute path" },
		{ PROCESS(BOTH ",'ENCLAVE_RUNTIME_LOGLEVEL=warn'") "'a':1}",
		  "ENCLAVE_RUNTIME_LOGLEVEL: warn: not one of trace debug info warning error fatal "
		  "panic off" },
		{ PROCESS(BOTH ",'ENCLAVE_RUNTIME_LOGLEVEL=debug info'") "'a':1}",
		  "ENCLAVE_RUNTIME_LOGLEVEL: debug info: not one of " },
		{ PROCESS(BOTH ",'ENCLAVE_IS_PRODUCT_ENCLAVE=1'") "'a':1}",
		  "ENCLAVE_IS_PRODUCT_ENCLAVE: 1: not one of true false" },
		{ "{'annotations':{'enclave.type':'intelSgx','enclave.runtime.path':'/x'}}",
		  "config.json: no process" },
		{ "{'process':{'env':[" BOTH "]}}", "config.json: no process.args" },
		{ "{'process':{'args':[],'env':[" BOTH "]}}", "config.json: no process.args" },
		{ "{'process':{'args':'sh','env':[" BOTH "]}}", "config.json: no process.args" },
		{ "{'process':{'args':['sh',1],'env':[" BOTH "]}}",
		  "config.json: process.args: item 2 is no text" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct spec_settings s = { .present = false };
		struct err e = { "" };

		if (read_settings(rows[i].text, &s, &e) != -EINVAL)
			fail_msg("accepted: %s", rows[i].text);
		if (strncmp(e.text, rows[i].error, strlen(rows[i].error)) != 0)
			fail_msg("%s: %s", rows[i].text, e.text);
		assert_null(s.type); /* as it was */
	}
}

static void every_log_level_is_taken(void **state)
{
	static const char *const levels[] = { "trace", "debug", "info",  "warning",
		                              "error", "fatal", "panic", "off" };

	(void)state;
	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++) {
		struct spec_settings s;
		struct err e;
		char *text;

		assert_true(asprintf(&text, PROCESS(BOTH ",'ENCLAVE_RUNTIME_LOGLEVEL=%s'") "'a':1}",
		                     levels[i]) > 0);
		assert_int_equal(read_settings(text, &s, &e), 0);
		assert_string_equal(s.log_level, levels[i]);
		spec_settings_release(&s);
		free(text);
	}
}

static void entries_that_are_no_variables_are_passed_over(void **state)
{
	struct spec_settings s;
	struct err e;

	(void)state;
	assert_int_equal(read_settings(PROCESS("'PATH','',null,7,'ENCLAVE_TYPE',"
	                                       "'=x'," BOTH) "'a':1}",
	                               &s, &e),
	                 0);
	assert_true(s.present);
	spec_settings_release(&s);
}

static void debug_is_a_word_of_the_arguments(void **state)
{
	static const struct {
		char *args;
		bool is_debug;
	} rows[] = {
		{ NULL, false },         { "", false },         { " ", false },
		{ ",", false },          { "debug", true },     { " debug", true },
		{ "a,debug", true },     { "a debug b", true }, { ",,debug,", true },
		{ "debugger", false },   { "nodebug", false },  { "debug=1", false },
		{ "no-debug,x", false }, { "Debug", false },    { "x,debug\n", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct spec_settings s = { .args = rows[i].args };

		if (spec_args_debug(&s) != rows[i].is_debug)
			fail_msg("\"%s\"", rows[i].args);
	}
}

static void the_enclaves_variables_are_known_by_their_whole_name(void **state)
{
	(void)state;
	assert_true(spec_is_enclave_variable("ENCLAVE_TYPE"));
	assert_true(spec_is_enclave_variable("ENCLAVE_TYPE="));
	assert_true(spec_is_enclave_variable("ENCLAVE_RA_EPID_SUB_KEY=1"));
	assert_false(spec_is_enclave_variable("ENCLAVE_TYPES=1"));
	assert_false(spec_is_enclave_variable("ENCLAVE_"));
	assert_false(spec_is_enclave_variable("ENCLAVE_MINE=1"));
	assert_false(spec_is_enclave_variable(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_type_the_container_is_an_ordinary_one),
		cmocka_unit_test(a_name_that_only_go_would_know_is_refused),
		cmocka_unit_test(every_key_is_read_from_the_environment),
		cmocka_unit_test(every_key_is_read_from_the_annotations),
		cmocka_unit_test(the_environment_beats_the_annotations),
		cmocka_unit_test(a_wrong_value_is_refused_by_the_name_that_it_came_under),
		cmocka_unit_test(every_log_level_is_taken),
		cmocka_unit_test(entries_that_are_no_variables_are_passed_over),
		cmocka_unit_test(debug_is_a_word_of_the_arguments),
		cmocka_unit_test(the_enclaves_variables_are_known_by_their_whole_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
