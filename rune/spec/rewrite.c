// SPDX-License-Identifier: Apache-2.0
/*
 * An enclave container's config.json; see spec.h.  What is added goes behind what is there, so that
 * nothing of the user's is mounted over it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rune/spec/json.h"
#include "rune/spec/program.h"
#include "rune/spec/spec.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The folder's own tmpfs: nothing of the image's shows in it, and nobody can add to it. */
static const char *const folder_options[] = { "ro", "nosuid", "nodev", "mode=755", "size=64k" };
static const char *const file_options[] = { "bind", "ro", "nosuid", "nodev", "private" };

static int add_mount(json_object *mounts, const char *type, const char *source,
                     const char *destination, const char *const *options, size_t count)
{
	json_object *mount = json_object_new_object();

	if (!mount)
		return -ENOMEM;
	if (json_set(mount, "destination", json_object_new_string(destination)) < 0 ||
	    json_set(mount, "type", json_object_new_string(type)) < 0 ||
	    json_set(mount, "source", json_object_new_string(source)) < 0 ||
	    json_set_texts(mount, "options", options, count) < 0) {
		json_object_put(mount);
		return -ENOMEM;
	}
	return json_append(mounts, mount);
}

static int add_file(json_object *mounts, const char *source, const char *destination)
{
	return add_mount(mounts, "bind", source, destination, file_options, COUNT(file_options));
}

/* Whether one of the objects has this text under key; a last slash does not count. */
static bool has_item(json_object *array, const char *key, const char *text)
{
	size_t size = strlen(text);

	for (size_t i = 0; i < json_object_array_length(array); i++) {
		json_object *item = json_object_array_get_idx(array, i);
		const char *value = json_text(json_member(item, key, json_type_string));

		if (value && strncmp(value, text, size) == 0 &&
		    (value[size] == '\0' || strcmp(value + size, "/") == 0))
			return true;
	}
	return false;
}

/* aesmd's folder may come from the user or a device plugin, under either of its names. */
static bool has_aesmd(json_object *mounts)
{
	return has_item(mounts, "destination", SPEC_AESMD) ||
	       has_item(mounts, "destination", &SPEC_AESMD[sizeof("/var") - 1]);
}

static int add_mounts(json_object *config, const struct spec_rewrite *w, struct err *e)
{
	json_object *mounts = json_need(config, "mounts", json_type_array, e);
	int r;

	if (!mounts)
		return -EINVAL;
	r = add_mount(mounts, "tmpfs", "tmpfs", SPEC_DIR, folder_options, COUNT(folder_options));
	for (size_t i = 0; r == 0 && i < w->mount_count; i++)
		r = add_file(mounts, w->mounts[i].source, w->mounts[i].destination);
	if (r == 0 && w->agent_socket)
		r = add_file(mounts, w->agent_socket, SPEC_AGENT);
	if (r == 0 && w->aesmd && !has_aesmd(mounts))
		r = add_file(mounts, SPEC_AESMD, SPEC_AESMD);
	return r < 0 ? json_no_memory(e) : 0;
}

static int set_number(json_object *object, const char *key, uint32_t value)
{
	return json_set(object, key, json_object_new_int64(value));
}

static int add_node(json_object *devices, const struct spec_device *d)
{
	json_object *node = json_object_new_object();

	if (!node)
		return -ENOMEM;
	if (json_set(node, "path", json_object_new_string(d->path)) < 0 ||
	    json_set(node, "type", json_object_new_string(d->type)) < 0 ||
	    set_number(node, "major", d->major) < 0 || set_number(node, "minor", d->minor) < 0 ||
	    set_number(node, "fileMode", d->mode) < 0 || set_number(node, "uid", d->uid) < 0 ||
	    set_number(node, "gid", d->gid) < 0) {
		json_object_put(node);
		return -ENOMEM;
	}
	return json_append(devices, node);
}

static int add_rule(json_object *rules, const struct spec_device *d)
{
	json_object *rule = json_object_new_object();

	if (!rule)
		return -ENOMEM;
	if (json_set(rule, "allow", json_object_new_boolean(true)) < 0 ||
	    json_set(rule, "type", json_object_new_string(d->type)) < 0 ||
	    set_number(rule, "major", d->major) < 0 || set_number(rule, "minor", d->minor) < 0 ||
	    json_set(rule, "access", json_object_new_string("rw")) < 0) {
		json_object_put(rule);
		return -ENOMEM;
	}
	return json_append(rules, rule);
}

/* The rule is added for a node that is there as well: a later rule may have taken it away. */
static int add_devices(json_object *config, const struct spec_rewrite *w, struct err *e)
{
	json_object *os, *resources, *devices, *rules;

	if (w->device_count == 0)
		return 0;
	os = json_need(config, "linux", json_type_object, e);
	devices = os ? json_need(os, "devices", json_type_array, e) : NULL;
	resources = devices ? json_need(os, "resources", json_type_object, e) : NULL;
	rules = resources ? json_need(resources, "devices", json_type_array, e) : NULL;
	if (!rules)
		return -EINVAL;
	for (size_t i = 0; i < w->device_count; i++) {
		const struct spec_device *d = &w->devices[i];

		if ((!has_item(devices, "path", d->path) && add_node(devices, d) < 0) ||
		    add_rule(rules, d) < 0)
			return json_no_memory(e);
	}
	return 0;
}

int spec_rewrite(json_object *config, const struct spec_settings *settings,
                 const struct spec_rewrite *w, struct err *e)
{
	json_object *process = json_member(config, "process", json_type_object);
	int r;

	if (spec_is_rewritten(config))
		return err_set(e, -EEXIST, "config.json: has been rewritten already");
	if (!process)
		return err_set(e, -EINVAL, "config.json: no process");
	r = program_set_init(process, settings, w, e);
	if (r == 0)
		r = program_clean_environment(process, w, e);
	if (r == 0)
		r = add_mounts(config, w, e);
	return r < 0 ? r : add_devices(config, w, e);
}

bool spec_dev_is_noexec(json_object *config)
{
	json_object *mounts = json_member(config, "mounts", json_type_array);
	bool is_noexec = false;

	for (size_t i = 0; mounts && i < json_object_array_length(mounts); i++) {
		json_object *mount = json_object_array_get_idx(mounts, i);
		json_object *options = json_member(mount, "options", json_type_array);
		const char *to = json_text(json_member(mount, "destination", json_type_string));

		if (!to || strcmp(to, "/dev") != 0)
			continue;
		is_noexec = false;
		for (size_t k = 0; options && k < json_object_array_length(options); k++) {
			const char *o = json_text(json_object_array_get_idx(options, k));

			if (o && (strcmp(o, "noexec") == 0 || strcmp(o, "exec") == 0))
				is_noexec = *o == 'n';
		}
	}
	return is_noexec;
}

static const char *argument(json_object *config, size_t index)
{
	json_object *process = json_member(config, "process", json_type_object);
	json_object *args = json_member(process, "args", json_type_array);

	return args ? json_text(json_object_array_get_idx(args, index)) : NULL;
}

bool spec_is_rewritten(json_object *config)
{
	const char *program = argument(config, 0);

	return program && strcmp(program, SPEC_LOADER) == 0;
}

bool spec_is_simulated(json_object *config)
{
	const char *option = argument(config, 1);

	return spec_is_rewritten(config) && option && strcmp(option, "--preload") == 0;
}

int spec_template_edit(json_object *config, struct err *e)
{
	static const char *const annotations[][2] = {
		{ "enclave.type", "intelSgx" },
		{ "enclave.runtime.path", "/usr/lib/liberpal-skeleton-v2.so" },
		{ "enclave.runtime.args", "debug" },
		{ "enclave.runtime.loglevel", "info" },
	};
	json_object *process = json_need(config, "process", json_type_object, e);
	json_object *notes = process ? json_need(config, "annotations", json_type_object, e) : NULL;
	int r;

	if (!notes)
		return -EINVAL;
	r = json_set(process, "cwd", json_object_new_string("/var/run/rune"));
	if (r == 0)
		r = json_set(config, "hostname", json_object_new_string("rune"));
	for (size_t i = 0; r == 0 && i < COUNT(annotations); i++)
		r = json_set(notes, annotations[i][0], json_object_new_string(annotations[i][1]));
	return r < 0 ? json_no_memory(e) : 0;
}
