// SPDX-License-Identifier: Apache-2.0
/* What a rewritten container runs; see program.h.  runelet's options: rune/runelet/protocol.h. */
#include "rune/spec/program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rune/spec/json.h"

/* Words in the order added; the first failure stays, so that only the end needs a check. */
struct words {
	json_object *array;
	int result;
};

static void add_word(struct words *w, const char *word)
{
	if (w->result == 0)
		w->result = json_append_text(w->array, word);
}

static void add_option(struct words *w, const char *option, const char *value)
{
	if (!value)
		return;
	add_word(w, option);
	add_word(w, value);
}

static void add_descriptor(struct words *w, const char *option, int fd)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", fd);
	add_option(w, option, fd >= 0 ? number : NULL);
}

static void add_library(struct words *w, const char *option, const char *name)
{
	size_t size = sizeof(SPEC_LIB_DIR "/") + strlen(name);
	char *path = malloc(size);

	if (!path) {
		w->result = -ENOMEM;
		return;
	}
	snprintf(path, size, SPEC_LIB_DIR "/%s", name);
	add_option(w, option, path);
	free(path);
}

/* PAL libraries are used to blanks between arguments, where the settings have commas. */
static void add_pal_args(struct words *w, const char *args)
{
	char *text = args ? strdup(args) : NULL;

	if (!args)
		return;
	if (!text) {
		w->result = -ENOMEM;
		return;
	}
	for (char *c = text; (c = strchr(c, ',')); c++)
		*c = ' ';
	add_option(w, "--pal-args", text);
	free(text);
}

/*
 * ld.so(8): DT_RPATH comes before --library-path, and its folders would be the image's.  All that is
 * asked for by it has been found on the host and is in SPEC_LIB_DIR.
 */
static void add_loader(struct words *w, const struct spec_rewrite *rewrite)
{
	add_word(w, SPEC_LOADER);
	if (rewrite->preload)
		add_library(w, "--preload", rewrite->preload);
	add_option(w, "--inhibit-rpath", rewrite->inhibit_rpath);
	add_option(w, "--library-path", SPEC_LIB_DIR);
	add_word(w, SPEC_RUNELET);
}

bool spec_is_loader_variable(const char *text)
{
	return strncmp(text, "LD_", 3) == 0 && strchr(text, '=');
}

static void add_loader_variables(struct words *w, json_object *process)
{
	json_object *env = json_member(process, "env", json_type_array);

	for (size_t i = 0; env && i < json_object_array_length(env); i++) {
		const char *text = json_text(json_object_array_get_idx(env, i));

		if (text && spec_is_loader_variable(text))
			add_option(w, "--add-env", text);
	}
}

/*
 * What docker's and podman's --init put before the program: runelet is the container's init, and in the
 * enclave there would be nothing for theirs to do.
 */
static size_t init_words(json_object *args)
{
	static const char *const inits[] = { "/sbin/docker-init", "/run/podman-init", "/dev/init" };
	const char *program = json_text(json_object_array_get_idx(args, 0));
	const char *dashes = json_text(json_object_array_get_idx(args, 1));

	for (size_t i = 0; program && dashes && i < sizeof(inits) / sizeof(inits[0]); i++) {
		if (strcmp(program, inits[i]) == 0 && strcmp(dashes, "--") == 0)
			return json_object_array_length(args) > 2 ? 2 : 0;
	}
	return 0;
}

/* Replace process.args by the words and what was there. */
static int finish(json_object *process, struct words *w, struct err *e)
{
	json_object *args = json_member(process, "args", json_type_array);

	if (!args || json_object_array_length(args) == 0) {
		json_object_put(w->array);
		return err_set(e, -EINVAL, "no process.args");
	}
	for (size_t i = init_words(args); w->result == 0 && i < json_object_array_length(args); i++)
		w->result =
			json_append(w->array, json_object_get(json_object_array_get_idx(args, i)));
	if (w->result < 0) {
		json_object_put(w->array);
		return json_no_memory(e);
	}
	return json_set(process, "args", w->array) < 0 ? json_no_memory(e) : 0;
}

int program_set_init(json_object *process, const struct spec_settings *settings,
                     const struct spec_rewrite *rewrite, struct err *e)
{
	struct words w = { .array = json_object_new_array() };
	const char *name = strrchr(settings->path, '/');

	if (!w.array)
		return json_no_memory(e);
	add_loader(&w, rewrite);
	add_word(&w, "init");
	add_library(&w, "--pal", name ? name + 1 : settings->path);
	add_pal_args(&w, settings->args);
	add_option(&w, "--log-level", settings->log_level);
	add_option(&w, "--notice", rewrite->notice);
	add_descriptor(&w, "--agent-fd", rewrite->agent_fd);
	add_descriptor(&w, "--status-fd", rewrite->status_fd);
	if (rewrite->wait)
		add_word(&w, "--wait");
	add_option(&w, "--hide-env", rewrite->preload ? SPEC_STATE_VARIABLE : NULL);
	add_loader_variables(&w, process);
	add_word(&w, "--");
	return finish(process, &w, e);
}

static bool is_state_variable(const char *text)
{
	return strncmp(text, SPEC_STATE_VARIABLE "=", sizeof(SPEC_STATE_VARIABLE)) == 0;
}

/* Entries without "=", or that are no texts, are the low-level runtime's to judge. */
static bool is_dropped(json_object *entry, bool drops_state)
{
	const char *text = json_text(entry);

	if (!text || !strchr(text, '='))
		return false;
	return spec_is_enclave_variable(text) || spec_is_loader_variable(text) ||
	       (drops_state && is_state_variable(text));
}

static int clean(json_object *process, bool drops_state, struct err *e)
{
	json_object *env;

	if (!json_object_object_get_ex(process, "env", NULL))
		return 0;
	env = json_need(process, "env", json_type_array, e);
	if (!env)
		return -EINVAL;
	for (size_t i = json_object_array_length(env); i-- > 0;) {
		if (is_dropped(json_object_array_get_idx(env, i), drops_state))
			json_object_array_del_idx(env, i, 1);
	}
	return 0;
}

int program_clean_environment(json_object *process, const struct spec_rewrite *w, struct err *e)
{
	bool has_state = w->preload && w->state_fd >= 0;
	char variable[sizeof(SPEC_STATE_VARIABLE) + 32];
	json_object *env;
	int r = clean(process, has_state, e);

	if (r < 0 || !has_state)
		return r;
	env = json_need(process, "env", json_type_array, e);
	if (!env)
		return -EINVAL;
	snprintf(variable, sizeof(variable), SPEC_STATE_VARIABLE "=fd:%d", w->state_fd);
	return json_append_text(env, variable) < 0 ? json_no_memory(e) : 0;
}

size_t spec_exec_prefix(bool is_simulated, const char *ret[SPEC_EXEC_PREFIX_MAX + 1])
{
	size_t count = 0;

	ret[count++] = SPEC_LOADER;
	ret[count++] = "--library-path";
	ret[count++] = SPEC_LIB_DIR;
	ret[count++] = SPEC_RUNELET;
	ret[count++] = "exec";
	/* The low-level runtime gives exec the environment of the rewritten config.json. */
	if (is_simulated) {
		ret[count++] = "--hide-env";
		ret[count++] = SPEC_STATE_VARIABLE;
	}
	ret[count++] = "--";
	ret[count] = NULL;
	return count;
}

int spec_exec_rewrite(json_object *process, bool is_simulated, int agent_fd, struct err *e)
{
	const char *prefix[SPEC_EXEC_PREFIX_MAX + 1];
	struct words w = { .array = json_object_new_array() };
	int r;

	if (!w.array)
		return json_no_memory(e);
	if (json_check_case(process, "args", e) < 0 || json_check_case(process, "env", e) < 0) {
		json_object_put(w.array);
		return -EINVAL;
	}
	spec_exec_prefix(is_simulated, prefix);
	for (const char **word = prefix; word[1]; word++)
		add_word(&w, *word);
	add_descriptor(&w, "--agent-fd", agent_fd);
	add_loader_variables(&w, process);
	add_word(&w, "--");
	r = finish(process, &w, e);
	return r < 0 ? r : clean(process, false, e);
}
