// SPDX-License-Identifier: Apache-2.0
/* The whole config.json that a rewrite makes, and the places where it must leave things alone. */
#include "tests/unit/rune/spec/document.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rune/runelet/protocol.h"
#include "rune/spec/spec.h"

static const struct spec_settings plain = { .present = true,
	                                    .type = "intelSgx",
	                                    .path = "/opt/pal/liberpal.so" };
static const struct spec_rewrite hardware = { .agent_fd = -1, .status_fd = -1, .state_fd = -1 };

static json_object *rewritten(const char *text, const struct spec_settings *s,
                              const struct spec_rewrite *w)
{
	json_object *config = document(text);
	struct err e = { "" };

	if (spec_rewrite(config, s, w, &e) < 0)
		fail_msg("%s", e.text);
	return config;
}

#define FOLDER                                                     \
	"{'destination':'/.rune','type':'tmpfs','source':'tmpfs'," \
	"'options':['ro','nosuid','nodev','mode=755','size=64k']}"
#define BIND(source, destination)                                               \
	"{'destination':'" destination "','type':'bind','source':'" source "'," \
	"'options':['bind','ro','nosuid','nodev','private']}"

static void a_simulated_container_is_rewritten_whole(void **state)
{
	static const struct spec_mount mounts[] = {
		{ "/lib64/ld-linux-x86-64.so.2", "/.rune/ld.so" },
		{ "/opt/pal/liberpal.so", "/.rune/lib/liberpal.so" },
	};
	static const struct spec_device devices[] = {
		{ "/dev/sgx_enclave", "c", 10, 125, 0666, 0, 105 },
	};
	static const struct spec_settings settings = { .present = true,
		                                       .type = "intelSgx",
		                                       .path = "/opt/pal/liberpal.so",
		                                       .args = "debug,a  b,",
		                                       .log_level = "off" };
	static const struct spec_rewrite w = {
		.preload = "libswsgx.so",
		.inhibit_rpath = "/.rune/lib/a.so:/.rune/lib/b.so",
		.notice = "a warning",
		.agent_socket = "/run/rune/x/agent",
		.agent_fd = 3,
		.status_fd = 4,
		.state_fd = 5,
		.wait = true,
		.aesmd = true,
		.mounts = mounts,
		.mount_count = 2,
		.devices = devices,
		.device_count = 1,
	};
	json_object *config = rewritten(
		"{'ociVersion':'1.0.2','process':{'terminal':true,'args':['/hello','one two',''],"
		"'env':['PATH=/bin','ENCLAVE_TYPE=intelSgx','ODD','ENCLAVE_RUNTIME_ARGS=debug',"
		"'SWSGX_STATE=/mine','ENCLAVE_MINE=1'],'cwd':'/run/rune'},'x':{'y':[1]},"
		"'mounts':[{'destination':'/proc','type':'proc','source':'proc'}]}",
		&settings, &w);

	(void)state;
	assert_document(
		config,
		"{'ociVersion':'1.0.2','process':{'terminal':true,'args':['/.rune/ld.so',"
		"'--preload','/.rune/lib/libswsgx.so',"
		"'--inhibit-rpath','/.rune/lib/a.so:/.rune/lib/b.so','--library-path','/.rune/lib',"
		"'/.rune/runelet','init','--pal','/.rune/lib/liberpal.so',"
		"'--pal-args','debug a  b ','--log-level','off','--notice','a warning',"
		"'--agent-fd','3','--status-fd','4','--wait','--hide-env','SWSGX_STATE','--',"
		"'/hello','one two',''],"
		"'env':['PATH=/bin','ODD','ENCLAVE_MINE=1','SWSGX_STATE=fd:5'],"
		"'cwd':'/run/rune'},'x':{'y':[1]},"
		"'mounts':[{'destination':'/proc','type':'proc','source':'proc'}," FOLDER
		"," BIND("/lib64/ld-linux-x86-64.so.2", "/.rune/ld.so") "," BIND("/opt/pal/liberpal.so", "/.rune/lib/liberpal.so") "," BIND(
			"/run/rune/x/agent",
			"/.rune/agent.sock") "," BIND("/var/run/aesmd",
	                                              "/var/run/aesmd") "],"
									"'linux':{'devices':[{'path':'/dev/sgx_enclave','type':'c','major':10,'minor':125,"
									"'fileMode':438,'uid':0,'gid':105}],'resources':{'devices':[{'allow':true,"
									"'type':'c','major':10,'minor':125,'access':'rw'}]}}}");
	assert_true(spec_is_rewritten(config));
	assert_true(spec_is_simulated(config));
	json_object_put(config);
}

static void on_hardware_nothing_names_software_sgx(void **state)
{
	json_object *config = rewritten("{'process':{'args':['/a'],'env':['SWSGX_STATE=/mine']}}",
	                                &plain, &hardware);

	(void)state;
	assert_document(config, "{'process':{'args':['/.rune/ld.so','--library-path','/.rune/lib',"
	                        "'/.rune/runelet','init','--pal','/.rune/lib/liberpal.so','--',"
	                        "'/a'],'env':['SWSGX_STATE=/mine']},'mounts':[" FOLDER "]}");
	assert_true(spec_is_rewritten(config));
	assert_false(spec_is_simulated(config));
	json_object_put(config);
}

static void a_process_without_an_environment_keeps_none(void **state)
{
	static const struct spec_rewrite simulated = {
		.preload = "libswsgx.so", .agent_fd = -1, .status_fd = -1, .state_fd = 7
	};
	json_object *config = rewritten("{'process':{'args':['/a']}}", &plain, &hardware);

	(void)state;
	assert_null(part(config, "process.env"));
	json_object_put(config);
	config = rewritten("{'process':{'args':['/a']}}", &plain, &simulated);
	assert_document(part(config, "process.env"), "['SWSGX_STATE=fd:7']");
	json_object_put(config);
}

static void a_device_that_is_there_is_allowed_but_not_made_twice(void **state)
{
	static const struct spec_device devices[] = {
		{ "/dev/sgx_enclave", "c", 10, 125, 0666, 0, 0 },
		{ "/dev/sgx_provision", "c", 10, 126, 0660, 0, 9 },
	};
	struct spec_rewrite w = hardware;
	json_object *config;

	(void)state;
	w.devices = devices;
	w.device_count = 2;
	config = rewritten("{'process':{'args':['/a']},'linux':{'devices':[{'path':"
	                   "'/dev/sgx_enclave','type':'c','major':10,'minor':125}],'resources':{"
	                   "'devices':[{'allow':false,'access':'rwm'}]}}}",
	                   &plain, &w);
	assert_int_equal(json_object_array_length(part(config, "linux.devices")), 2);
	assert_document(part(config, "linux.devices.1.path"), "'/dev/sgx_provision'");
	assert_document(part(config, "linux.resources.devices"),
	                "[{'allow':false,'access':'rwm'},"
	                "{'allow':true,'type':'c','major':10,'minor':125,'access':'rw'},"
	                "{'allow':true,'type':'c','major':10,'minor':126,'access':'rw'}]");
	json_object_put(config);
}

static void a_folder_of_aesmd_that_is_there_is_kept(void **state)
{
	static const char *const places[] = { "/var/run/aesmd", "/var/run/aesmd/", "/run/aesmd" };
	struct spec_rewrite w = hardware;

	(void)state;
	w.aesmd = true;
	for (size_t i = 0; i < 3; i++) {
		json_object *config = document("{'process':{'args':['/a']},'mounts':[{}]}");
		struct err e;

		json_object_object_add(part(config, "mounts.0"), "destination",
		                       json_object_new_string(places[i]));
		assert_int_equal(spec_rewrite(config, &plain, &w, &e), 0);
		assert_int_equal(json_object_array_length(part(config, "mounts")), 2);
		json_object_put(config);
	}
}

static void unknown_fields_and_large_numbers_survive(void **state)
{
	static const char text[] =
		"{\"process\":{\"args\":[\"a\"],\"rlimits\":[{\"hard\":18446744073709551615,"
		"\"soft\":-1}],\"new\":1.5e300},\"later\":[[{\"k\":null}]]}";
	json_object *config;
	struct err e;

	(void)state;
	assert_int_equal(spec_load("c", text, strlen(text), &config, &e), 0);
	assert_int_equal(spec_rewrite(config, &plain, &hardware, &e), 0);
	assert_non_null(strstr(json_object_to_json_string_ext(config, JSON_C_TO_STRING_PLAIN),
	                       "\"rlimits\":[{\"hard\":18446744073709551615,\"soft\":-1}],"
	                       "\"new\":1.5e300},\"later\":[[{\"k\":null}]],\"mounts\":"));
	json_object_put(config);
}

static void null_counts_as_missing(void **state)
{
	static const struct spec_device devices[] = { { "/dev/sgx", "c", 1, 2, 0600, 0, 0 } };
	struct spec_rewrite w = hardware;
	json_object *config;

	(void)state;
	w.devices = devices;
	w.device_count = 1;
	config = rewritten("{'mounts':null,'linux':{'devices':null,'resources':null},"
	                   "'process':{'args':['/a'],'env':null}}",
	                   &plain, &w);
	assert_int_equal(json_object_array_length(part(config, "mounts")), 1);
	assert_int_equal(json_object_array_length(part(config, "linux.devices")), 1);
	json_object_put(config);
}

static void a_broken_shape_is_refused(void **state)
{
	static const struct spec_device devices[] = { { "/dev/sgx", "c", 1, 2, 0600, 0, 0 } };
	static const struct {
		const char *text, *error;
	} rows[] = {
		{ "{}", "config.json: no process" },
		{ "{'process':{}}", "no process.args" },
		{ "{'process':{'args':[]}}", "no process.args" },
		{ "{'process':{'args':['a'],'env':{}}}", "config.json: env: not an array" },
		{ "{'process':{'args':['a']},'mounts':{}}", "config.json: mounts: not an array" },
		{ "{'process':{'args':['a']},'linux':[]}", "config.json: linux: not an object" },
		{ "{'process':{'args':['a']},'linux':{'devices':1}}",
		  "config.json: devices: not an array" },
		{ "{'process':{'args':['a']},'linux':{'resources':1}}",
		  "config.json: resources: not an object" },
	};
	struct spec_rewrite w = hardware;

	(void)state;
	w.devices = devices;
	w.device_count = 1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		json_object *config = document(rows[i].text);
		struct err e = { "" };

		assert_int_equal(spec_rewrite(config, &plain, &w, &e), -EINVAL);
		assert_string_equal(e.text, rows[i].error);
		json_object_put(config);
	}
}

static void a_second_rewrite_is_refused(void **state)
{
	json_object *config = rewritten("{'process':{'args':['/a']}}", &plain, &hardware);
	struct err e;

	(void)state;
	assert_int_equal(spec_rewrite(config, &plain, &hardware, &e), -EEXIST);
	assert_string_equal(e.text, "config.json: has been rewritten already");
	assert_int_equal(json_object_array_length(part(config, "mounts")), 1);
	json_object_put(config);
}

static void what_was_not_rewritten_is_not_taken_for_it(void **state)
{
	static const char *const texts[] = { "{}", "{'process':{}}", "{'process':{'args':[]}}",
		                             "{'process':{'args':[7]}}",
		                             "{'process':{'args':['/bin/sh','--preload']}}" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		json_object *config = document(texts[i]);

		assert_false(spec_is_rewritten(config));
		assert_false(spec_is_simulated(config));
		json_object_put(config);
	}
}

static void a_dev_mounted_noexec_is_seen(void **state)
{
	static const struct {
		const char *mounts;
		bool is_noexec;
	} rows[] = {
		{ "", false },
		{ "{'destination':'/dev'}", false },
		{ "{'destination':'/dev','options':['nosuid']}", false },
		{ "{'destination':'/dev','options':['nosuid','noexec']}", true },
		{ "{'destination':'/dev','options':['noexec','exec']}", false },
		{ "{'destination':'/dev/shm','options':['noexec']}", false },
		{ "{'destination':'/dev','options':['noexec']},{'destination':'/dev'}", false },
		{ "7,{'destination':7,'options':7},{'destination':'/dev','options':[7,'noexec']}",
		  true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[256];
		json_object *config;

		snprintf(text, sizeof(text), "{'mounts':[%s]}", rows[i].mounts);
		config = document(text);
		assert_int_equal(spec_dev_is_noexec(config), rows[i].is_noexec);
		json_object_put(config);
	}
}

static void the_template_becomes_an_enclaves(void **state)
{
	json_object *config = document("{'process':{'args':['sh'],'cwd':'/'},'hostname':'runc',"
	                               "'mounts':[]}");
	struct err e;

	(void)state;
	assert_int_equal(spec_template_edit(config, &e), 0);
	assert_document(config, "{'process':{'args':['sh'],'cwd':'/var/run/rune'},"
	                        "'hostname':'rune','mounts':[],'annotations':{"
	                        "'enclave.type':'intelSgx',"
	                        "'enclave.runtime.path':'/usr/lib/liberpal-skeleton-v2.so',"
	                        "'enclave.runtime.args':'debug',"
	                        "'enclave.runtime.loglevel':'info'}}");
	json_object_put(config);
}

static void runelet_and_rune_agree_on_the_agents_place(void **state)
{
	(void)state;
	assert_string_equal(SPEC_AGENT, AGENT_SOCKET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_simulated_container_is_rewritten_whole),
		cmocka_unit_test(on_hardware_nothing_names_software_sgx),
		cmocka_unit_test(a_process_without_an_environment_keeps_none),
		cmocka_unit_test(a_device_that_is_there_is_allowed_but_not_made_twice),
		cmocka_unit_test(a_folder_of_aesmd_that_is_there_is_kept),
		cmocka_unit_test(unknown_fields_and_large_numbers_survive),
		cmocka_unit_test(null_counts_as_missing),
		cmocka_unit_test(a_broken_shape_is_refused),
		cmocka_unit_test(a_second_rewrite_is_refused),
		cmocka_unit_test(what_was_not_rewritten_is_not_taken_for_it),
		cmocka_unit_test(a_dev_mounted_noexec_is_seen),
		cmocka_unit_test(the_template_becomes_an_enclaves),
		cmocka_unit_test(runelet_and_rune_agree_on_the_agents_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
