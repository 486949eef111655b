// SPDX-License-Identifier: Apache-2.0
/*
 * rune features: the low-level runtime's, and the annotations that change what a container may do:
 * whoever admits containers must know that these are not mere comments.
 */
#include <errno.h>
#include <json-c/json.h>

#include "lib/base/cleanup.h"
#include "rune/runtime.h"
#include "rune/spec/spec.h"

#define MEMBER "potentiallyUnsafeConfigAnnotations"

static void put_object(json_object **object)
{
	json_object_put(*object);
}

/* A name that ends with a dot stands for all that begin with it. */
static int add_annotations(json_object *features)
{
	static const char *const names[] = {
		"enclave.",
#define KEY(field, env, annotation, check) annotation,
#include "rune/spec/keys.def"
#undef KEY
	};
	json_object *list;

	if (!json_object_object_get_ex(features, MEMBER, &list) ||
	    !json_object_is_type(list, json_type_array)) {
		list = json_object_new_array();
		if (!list || json_object_object_add(features, MEMBER, list) < 0)
			return -ENOMEM;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (json_object_array_add(list, json_object_new_string(names[i])) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Whoever reads the features must not take a simulated enclave for a safe one. */
static int add_simulation(const struct rune *r, json_object *features)
{
	static const char *const texts[] = {
		[SIMULATION_AUTO] =
			"auto: debug enclaves without an SGX device, by software; it protects nothing",
		[SIMULATION_ALWAYS] = "always: all enclaves by software; it protects nothing",
		[SIMULATION_NEVER] = "never",
	};
	json_object *notes, *text = json_object_new_string(texts[r->simulation]);

	if (!json_object_object_get_ex(features, "annotations", &notes) ||
	    !json_object_is_type(notes, json_type_object)) {
		notes = json_object_new_object();
		if (!notes || json_object_object_add(features, "annotations", notes) < 0)
			return -ENOMEM;
	}
	return text && json_object_object_add(notes, "enclave.simulation", text) == 0 ? 0 : -ENOMEM;
}

int cmd_features(struct rune *r, struct err *e)
{
	_cleanup_(put_object) json_object *features = NULL;
	_cleanup_(freep) char *text = NULL;
	_cleanup_(freep) char *edited = NULL;
	struct command c;
	size_t size;
	int code;

	if (r->args[0]) {
		runtime_pass(r, e);
		return -1;
	}
	c = command_begin(r, r->command);
	code = runtime_capture(r, &c, &text, &size, e);
	free(c.words);
	if (code < 0)
		return -1;
	if (code == 0 && spec_load("features", text, size, &features, e) == 0) {
		if (add_annotations(features) < 0 || add_simulation(r, features) < 0) {
			err_set(e, -ENOMEM, "out of memory");
			return -1;
		}
		if (spec_dump(features, &edited, &size, e) < 0)
			return -1;
		free(text);
		text = take_ptr(edited);
	}
	return runtime_print(r, text, size, e) < 0 ? -1 : code;
}
