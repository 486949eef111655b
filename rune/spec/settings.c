// SPDX-License-Identifier: Apache-2.0
/*
 * The enclave's settings, from process.env and the annotations; see spec.h.  An error names the
 * spelling that the user used.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rune/spec/json.h"
#include "rune/spec/spec.h"

typedef int check_fn(const char *name, const char *value, struct err *e);

static int any_text(const char *name, const char *value, struct err *e)
{
	(void)name, (void)value, (void)e;
	return 0;
}

static int check_one_of(const char *name, const char *value, const char *words, struct err *e)
{
	size_t size = strlen(value);

	for (const char *w = words; *w; w += strspn(w, " ")) {
		size_t n = strcspn(w, " ");

		if (n == size && memcmp(w, value, n) == 0)
			return 0;
		w += n;
	}
	return err_set(e, -EINVAL, "%s: %s: not one of %s", name, value, words);
}

static int check_type(const char *name, const char *value, struct err *e)
{
	if (strcmp(value, "intelSgx") != 0)
		return err_set(e, -EINVAL, "%s: %s: unknown enclave type, only intelSgx is known",
		               name, value);
	return 0;
}

static int check_path(const char *name, const char *value, struct err *e)
{
	size_t size = strlen(value);

	if (value[0] != '/')
		return err_set(e, -EINVAL, "%s: %s: not an absolute path", name, value);
	if (value[size - 1] == '/')
		return err_set(e, -EINVAL, "%s: %s: not a file", name, value);
	return 0;
}

static int check_log_level(const char *name, const char *value, struct err *e)
{
	return check_one_of(name, value, "trace debug info warning error fatal panic off", e);
}

static int check_bool(const char *name, const char *value, struct err *e)
{
	return check_one_of(name, value, "true false", e);
}

static const struct {
	const char *env;
	const char *annotation;
	check_fn *check;
} keys[] = {
#define KEY(field, env, annotation, check) { env, annotation, check },
#include "rune/spec/keys.def"
#undef KEY
};

#define KEY_COUNT (sizeof(keys) / sizeof(*keys))

static char **field_of(struct spec_settings *s, size_t key)
{
	char **const fields[] = {
#define KEY(field, env, annotation, check) &s->field,
#include "rune/spec/keys.def"
#undef KEY
	};

	return fields[key];
}

/* Whether variable is "NAME=..."; *ret_value is behind the "=". */
static bool is_variable(const char *variable, const char *name, const char **ret_value)
{
	size_t size = strlen(name);

	if (strncmp(variable, name, size) != 0 || variable[size] != '=')
		return false;
	*ret_value = variable + size + 1;
	return true;
}

bool spec_is_enclave_variable(const char *text)
{
	const char *unused;

	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (strcmp(text, keys[i].env) == 0 || is_variable(text, keys[i].env, &unused))
			return true;
	}
	return false;
}

/* The last one counts, as it does for runc. */
static const char *from_environment(json_object *config, const char *name)
{
	json_object *process = json_member(config, "process", json_type_object);
	json_object *env = json_member(process, "env", json_type_array);
	const char *value = NULL;

	for (size_t i = 0; env && i < json_object_array_length(env); i++) {
		const char *variable = json_text(json_object_array_get_idx(env, i));

		if (variable)
			is_variable(variable, name, &value);
	}
	return value;
}

static const char *from_annotations(json_object *config, const char *name)
{
	json_object *annotations = json_member(config, "annotations", json_type_object);

	return json_text(json_member(annotations, name, json_type_string));
}

static const char *find_value(json_object *config, size_t key, const char **ret_name)
{
	const char *value = from_environment(config, keys[key].env);

	*ret_name = keys[key].env;
	if (!value || !*value) {
		value = from_annotations(config, keys[key].annotation);
		*ret_name = keys[key].annotation;
	}
	return value && *value ? value : NULL;
}

static int check_args(json_object *config, struct err *e)
{
	json_object *process = json_member(config, "process", json_type_object);
	json_object *args = json_member(process, "args", json_type_array);

	if (!process)
		return err_set(e, -EINVAL, "config.json: no process");
	if (!args || json_object_array_length(args) == 0)
		return err_set(e, -EINVAL, "config.json: no process.args");
	for (size_t i = 0; i < json_object_array_length(args); i++) {
		if (!json_text(json_object_array_get_idx(args, i)))
			return err_set(e, -EINVAL, "config.json: process.args: item %zu is no text",
			               i + 1);
	}
	return 0;
}

static int read_all(json_object *config, struct spec_settings *s, struct err *e)
{
	for (size_t i = 0; i < KEY_COUNT; i++) {
		const char *name, *value = find_value(config, i, &name);
		int r = value ? keys[i].check(name, value, e) : 0;

		if (r < 0)
			return r;
		*field_of(s, i) = value ? strdup(value) : NULL;
		if (value && !*field_of(s, i))
			return json_no_memory(e);
	}
	if (!s->path)
		return err_set(e, -EINVAL,
		               "no path to a PAL library: neither ENCLAVE_RUNTIME_PATH nor the "
		               "annotation enclave.runtime.path is given");
	s->is_product = s->is_product_enclave && strcmp(s->is_product_enclave, "true") == 0;
	return check_args(config, e);
}

/* Read by the low-level runtime alone, one of these would make an enclave container an ordinary one. */
static int check_names(json_object *config, struct err *e)
{
	static const char *const names[] = { "process", "annotations", "mounts", "linux", "hooks" };
	static const char *const of_process[] = { "args", "env" };
	json_object *process = json_member(config, "process", json_type_object);
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(names) / sizeof(*names); i++)
		r = json_check_case(config, names[i], e);
	for (size_t i = 0; r == 0 && i < sizeof(of_process) / sizeof(*of_process); i++)
		r = json_check_case(process, of_process[i], e);
	return r;
}

int spec_settings_read(json_object *config, struct spec_settings *ret, struct err *e)
{
	struct spec_settings s = { .present = true };
	const char *unused;
	int r;

	r = check_names(config, e);
	if (r < 0)
		return r;
	/* The first key is the type: without one nothing else counts. */
	if (!find_value(config, 0, &unused)) {
		*ret = (struct spec_settings){ .present = false };
		return 0;
	}
	r = read_all(config, &s, e);
	if (r < 0) {
		spec_settings_release(&s);
		return r;
	}
	*ret = s;
	return 0;
}

void spec_settings_release(struct spec_settings *settings)
{
	for (size_t i = 0; i < KEY_COUNT; i++)
		free(*field_of(settings, i));
	*settings = (struct spec_settings){ .present = false };
}

bool spec_args_debug(const struct spec_settings *settings)
{
	static const char separators[] = ", \t\n";
	const char *w = settings->args ? settings->args : "";

	for (w += strspn(w, separators); *w; w += strspn(w, separators)) {
		size_t n = strcspn(w, separators);

		if (n == strlen("debug") && memcmp(w, "debug", n) == 0)
			return true;
		w += n;
	}
	return false;
}
