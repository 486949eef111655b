// SPDX-License-Identifier: Apache-2.0
/* The words and the environment that a container's process and exec's get. */
#include "tests/unit/rune/spec/document.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rune/spec/spec.h"

static const struct spec_settings plain = { .present = true,
	                                    .type = "intelSgx",
	                                    .path = "/opt/pal/liberpal.so" };
static const struct spec_rewrite hardware = { .agent_fd = -1, .status_fd = -1, .state_fd = -1 };

static void exec_goes_through_runelet(void **state)
{
	json_object *process = document("{'args':['sh','-c','echo \\'one two\\''],'cwd':'/','env':["
	                                "'ENCLAVE_TYPE=intelSgx','A=1','SWSGX_STATE=fd:5','B']}");
	struct err e;

	(void)state;
	assert_int_equal(spec_exec_rewrite(process, true, -1, &e), 0);
	assert_document(process,
	                "{'args':['/.rune/ld.so','--library-path','/.rune/lib','/.rune/runelet',"
	                "'exec','--hide-env','SWSGX_STATE','--','sh','-c','echo \\'one two\\''],"
	                "'cwd':'/','env':['A=1','SWSGX_STATE=fd:5','B']}");
	json_object_put(process);
	process = document("{'args':['a']}");
	assert_int_equal(spec_exec_rewrite(process, false, -1, &e), 0);
	assert_document(process, "{'args':['/.rune/ld.so','--library-path','/.rune/lib',"
	                         "'/.rune/runelet','exec','--','a']}");
	json_object_put(process);
	process = document("{'args':[]}");
	assert_int_equal(spec_exec_rewrite(process, false, -1, &e), -EINVAL);
	assert_string_equal(e.text, "no process.args");
	json_object_put(process);
}

static void the_loaders_variables_go_round_the_loader(void **state)
{
	json_object *config = document("{'process':{'args':['/a'],'env':['LD_PRELOAD=/x.so','A=1',"
	                               "'LD_LIBRARY_PATH=','LD_ODD','OLD_X=1']}}");
	json_object *process = document("{'args':['a'],'env':['LD_AUDIT=/y.so']}");
	struct err e;

	(void)state;
	assert_int_equal(spec_rewrite(config, &plain, &hardware, &e), 0);
	assert_document(part(config, "process"),
	                "{'args':['/.rune/ld.so','--library-path','/.rune/lib','/.rune/runelet',"
	                "'init','--pal','/.rune/lib/liberpal.so','--add-env','LD_PRELOAD=/x.so',"
	                "'--add-env','LD_LIBRARY_PATH=','--','/a'],"
	                "'env':['A=1','LD_ODD','OLD_X=1']}");
	json_object_put(config);
	assert_int_equal(spec_exec_rewrite(process, false, 7, &e), 0);
	assert_document(process,
	                "{'args':['/.rune/ld.so','--library-path','/.rune/lib','/.rune/runelet',"
	                "'exec','--agent-fd','7','--add-env','LD_AUDIT=/y.so','--','a'],'env':[]}");
	json_object_put(process);
}

static void an_engines_init_is_dropped(void **state)
{
	static const struct {
		const char *args, *left;
	} rows[] = {
		{ "'/sbin/docker-init','--','a','b'", "'a','b'" },
		{ "'/run/podman-init','--','a'", "'a'" },
		{ "'/dev/init','--','--'", "'--'" },
		{ "'/sbin/docker-init','a'", "'/sbin/docker-init','a'" },
		{ "'/sbin/docker-init','--'", "'/sbin/docker-init','--'" },
		{ "'/sbin/docker-init'", "'/sbin/docker-init'" },
		{ "'/sbin/init','--','a'", "'/sbin/init','--','a'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[128], expected[256];
		json_object *process;
		struct err e;

		snprintf(text, sizeof(text), "{'args':[%s]}", rows[i].args);
		snprintf(expected, sizeof(expected),
		         "{'args':['/.rune/ld.so','--library-path','/.rune/lib','/.rune/runelet',"
		         "'exec','--',%s]}",
		         rows[i].left);
		process = document(text);
		assert_int_equal(spec_exec_rewrite(process, false, -1, &e), 0);
		assert_document(process, expected);
		json_object_put(process);
	}
}

static void the_prefix_of_exec_ends_with_two_dashes(void **state)
{
	const char *prefix[SPEC_EXEC_PREFIX_MAX + 1];

	(void)state;
	for (int is_simulated = 0; is_simulated < 2; is_simulated++) {
		size_t count = spec_exec_prefix(is_simulated, prefix);

		assert_true(count <= SPEC_EXEC_PREFIX_MAX);
		assert_null(prefix[count]);
		assert_string_equal(prefix[0], "/.rune/ld.so");
		assert_string_equal(prefix[count - 1], "--");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exec_goes_through_runelet),
		cmocka_unit_test(the_loaders_variables_go_round_the_loader),
		cmocka_unit_test(an_engines_init_is_dropped),
		cmocka_unit_test(the_prefix_of_exec_ends_with_two_dashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
