// SPDX-License-Identifier: Apache-2.0
/* The hooks that rune takes for itself, and what it leaves to the low-level runtime. */
#include "tests/unit/rune/spec/document.h"

#include <errno.h>
#include <string.h>

#include "rune/spec/spec.h"

static void the_hooks_of_start_are_taken_and_the_others_left(void **state)
{
	json_object *config = document(
		"{'process':{'args':['a'],'env':['A=1']},'hooks':{'prestart':[{'path':'/p'}],"
		"'startContainer':[{'path':'/s'}],'poststart':[{'path':'/t'}],'poststop':[]}}");
	json_object *taken = NULL;
	struct err e = { "" };

	(void)state;
	assert_int_equal(spec_take_hooks(config, &taken, &e), 0);
	assert_document(config, "{'process':{'args':['a'],'env':['A=1']},"
	                        "'hooks':{'prestart':[{'path':'/p'}],'poststop':[]}}");
	/* Whatever becomes of config. */
	json_object_array_del_idx(part(config, "process.env"), 0, 1);
	json_object_put(config);
	assert_document(taken, "{'startContainer':[{'path':'/s'}],'poststart':[{'path':'/t'}],"
	                       "'process':{'env':['A=1']}}");
	json_object_put(taken);
}

static void where_there_are_none_nothing_changes(void **state)
{
	static const char *const texts[] = {
		"{'process':{}}",
		"{'process':{},'hooks':null}",
		"{'process':{},'hooks':{'prestart':[{'path':'/p'}],'poststart':null}}",
		"{'process':{},'hooks':7}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		json_object *config = document(texts[i]);
		json_object *taken = NULL;
		struct err e;

		assert_int_equal(spec_take_hooks(config, &taken, &e), 0);
		assert_null(taken);
		assert_document(config, texts[i]);
		json_object_put(config);
	}
}

static void a_broken_hook_is_refused(void **state)
{
	static const struct {
		const char *hooks, *error;
	} rows[] = {
		{ "{'poststart':7}", "config.json: hooks.poststart: not an array" },
		{ "{'startContainer':[{'path':'/a'},{'path':'a'}]}",
		  "config.json: hooks.startContainer: item 2: no absolute path" },
		{ "{'startContainer':[{}],'poststart':[]}",
		  "config.json: hooks.startContainer: item 1: no absolute path" },
		{ "{'startContainer':[],'poststart':[7]}",
		  "config.json: hooks.poststart: item 1: no absolute path" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		json_object *config = json_object_new_object();
		json_object *taken = NULL;
		struct err e = { "" };

		json_object_object_add(config, "hooks", document(rows[i].hooks));
		assert_int_equal(spec_take_hooks(config, &taken, &e), -EINVAL);
		assert_string_equal(e.text, rows[i].error);
		assert_null(taken);
		json_object_put(config);
	}
}

static void a_hook_inside_has_the_processes_rights_and_its_own_words(void **state)
{
	json_object *taken = document(
		"{'startContainer':[{'path':'/s','args':['x','a  b'],'env':['A=1'],'timeout':3}],"
		"'poststart':[{'path':'/t'}],"
		"'process':{'user':{'uid':7},'noNewPrivileges':true,'env':['B=2']}}");
	json_object *process = NULL;
	struct err e = { "" };

	(void)state;
	assert_int_equal(spec_hook_process(taken, part(taken, "startContainer.0"), &process, &e),
	                 0);
	assert_document(process, "{'user':{'uid':7},'noNewPrivileges':true,'env':['A=1'],"
	                         "'args':['/s','a  b'],'cwd':'/'}");
	json_object_put(process);
	assert_int_equal(spec_hook_process(taken, part(taken, "poststart.0"), &process, &e), 0);
	assert_document(process, "{'user':{'uid':7},'noNewPrivileges':true,'env':['B=2'],"
	                         "'args':['/t'],'cwd':'/'}");
	json_object_put(process);
	json_object_put(taken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hooks_of_start_are_taken_and_the_others_left),
		cmocka_unit_test(where_there_are_none_nothing_changes),
		cmocka_unit_test(a_broken_hook_is_refused),
		cmocka_unit_test(a_hook_inside_has_the_processes_rights_and_its_own_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
