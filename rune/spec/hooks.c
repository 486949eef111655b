// SPDX-License-Identifier: Apache-2.0
/*
 * The hooks that belong to start.  The low-level runtime starts an enclave container in rune's create
 * and would run them there (docs/design/0003): rune takes them out of the config.json that it gives it,
 * and runs them in its own start.
 */
#include <errno.h>

#include "rune/spec/json.h"
#include "rune/spec/spec.h"

static const char *const kinds[] = { SPEC_START_HOOKS, SPEC_POSTSTART_HOOKS };

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

static int check(const char *kind, json_object *list, struct err *e)
{
	if (!json_object_is_type(list, json_type_array))
		return err_set(e, -EINVAL, "config.json: hooks.%s: not an array", kind);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		json_object *hook = json_object_array_get_idx(list, i);
		const char *path = json_text(json_member(hook, "path", json_type_string));

		if (!path || path[0] != '/')
			return err_set(e, -EINVAL,
			               "config.json: hooks.%s: item %zu: no absolute path", kind,
			               i + 1);
	}
	return 0;
}

/* As whom and with what rights those in the container run; a copy, since config is rewritten. */
static int keep_process(json_object *taken, json_object *process)
{
	static const char *const kept[] = { "user",    "capabilities", "noNewPrivileges",
		                            "rlimits", "selinuxLabel", "apparmorProfile",
		                            "env" };
	json_object *copy = json_object_new_object();
	int r = copy ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < sizeof(kept) / sizeof(kept[0]); i++) {
		json_object *value, *own = NULL;

		if (!json_object_object_get_ex(process, kept[i], &value) || !value)
			continue;
		r = json_object_deep_copy(value, &own, NULL) < 0 ? -ENOMEM
		                                                 : json_set(copy, kept[i], own);
	}
	if (r == 0)
		return json_set(taken, "process", copy);
	json_object_put(copy);
	return r;
}

int spec_take_hooks(json_object *config, json_object **ret, struct err *e)
{
	json_object *hooks = json_member(config, "hooks", json_type_object);
	json_object *process = json_member(config, "process", json_type_object);
	json_object *taken = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < KIND_COUNT; i++) {
		json_object *list;

		if (!json_object_object_get_ex(hooks, kinds[i], &list) || !list)
			continue;
		r = check(kinds[i], list, e);
		if (r == 0 && !taken && !(taken = json_object_new_object()))
			r = json_no_memory(e);
		if (r == 0 && json_set(taken, kinds[i], json_object_get(list)) < 0)
			r = json_no_memory(e);
		if (r == 0)
			json_object_object_del(hooks, kinds[i]);
	}
	if (r == 0 && taken && keep_process(taken, process) < 0)
		r = json_no_memory(e);
	if (r < 0) {
		json_object_put(taken);
		return r;
	}
	*ret = taken;
	return 0;
}

/* Without variables of its own a hook has those of the process, as under the low-level runtime. */
int spec_hook_process(json_object *taken, json_object *hook, json_object **ret, struct err *e)
{
	json_object *args = json_member(hook, "args", json_type_array);
	json_object *env = json_member(hook, "env", json_type_array);
	json_object *words = json_object_new_array();
	json_object *process = NULL;
	int r = words ? 0 : -ENOMEM;

	if (r == 0 &&
	    json_object_deep_copy(json_object_object_get(taken, "process"), &process, NULL) < 0)
		r = -ENOMEM;
	if (r == 0)
		r = json_append(words, json_object_get(json_object_object_get(hook, "path")));
	for (size_t i = 1; r == 0 && args && i < json_object_array_length(args); i++)
		r = json_append(words, json_object_get(json_object_array_get_idx(args, i)));
	if (r == 0)
		r = json_set(process, "args", json_object_get(words));
	if (r == 0 && env && json_object_array_length(env) > 0)
		r = json_set(process, "env", json_object_get(env));
	if (r == 0)
		r = json_set(process, "cwd", json_object_new_string("/"));
	json_object_put(words);
	if (r < 0) {
		json_object_put(process);
		return json_no_memory(e);
	}
	*ret = process;
	return 0;
}
