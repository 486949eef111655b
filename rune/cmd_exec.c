// SPDX-License-Identifier: Apache-2.0
/*
 * rune exec: in an enclave container the low-level runtime runs `runelet exec` with the caller's words,
 * streams and terminal, and that has the program run in the enclave.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/hex.h"
#include "lib/base/io.h"
#include "rune/args.h"
#include "rune/container.h"
#include "rune/runtime.h"
#include "rune/spec/spec.h"

#define EXEC_FAILED 255 /* the low-level runtime's code for a failed exec */
#define JSON_MAX    (64 * 1024 * 1024)
#define HIGH_FD     100 /* above what a caller hands over */

enum { PROCESS, ENV, PRESERVE_FDS, OPTION_COUNT = 17 };

static const struct arg_option option_table[OPTION_COUNT] = {
	[PROCESS] = { "process", "p", ARG_VALUE, NULL },
	[ENV] = { "env", "e", ARG_VALUE, NULL },
	[PRESERVE_FDS] = { "preserve-fds", NULL, ARG_VALUE, NULL },
	{ "console-socket", NULL, ARG_VALUE, NULL },
	{ "pidfd-socket", NULL, ARG_VALUE, NULL },
	{ "cwd", NULL, ARG_VALUE, NULL },
	{ "tty", "t", ARG_FLAG, NULL },
	{ "user", "u", ARG_VALUE, NULL },
	{ "additional-gids", "g", ARG_VALUE, NULL },
	{ "detach", "d", ARG_FLAG, NULL },
	{ "pid-file", NULL, ARG_VALUE, NULL },
	{ "process-label", NULL, ARG_VALUE, NULL },
	{ "apparmor", NULL, ARG_VALUE, NULL },
	{ "no-new-privs", NULL, ARG_FLAG, NULL },
	{ "cap", "c", ARG_VALUE, NULL },
	{ "cgroup", NULL, ARG_VALUE, NULL },
	{ "ignore-paused", NULL, ARG_FLAG, NULL },
};

/* The names that the environment of config.json has for rune alone. */
static const char *const hidden[] = {
#define KEY(field, env, annotation, check) env,
#include "rune/spec/keys.def"
#undef KEY
};

static void put_object(json_object **object)
{
	json_object_put(*object);
}

/*
 * The rewritten process.json in memory, under a name that the low-level runtime can open: it inherits
 * the descriptor, and closes it before the container's process runs.
 */
static int rewrite_process(const char *path, int agent_fd, char ret_name[32], struct err *e)
{
	_cleanup_(put_object) json_object *process = NULL;
	_cleanup_(freep) char *text = NULL;
	_cleanup_(freep) char *rewritten = NULL;
	_cleanup_(closep) int memory = memfd_create("process.json", MFD_CLOEXEC);
	size_t size;
	int fd;

	if (io_read_file(path, JSON_MAX, &text, &size, e) < 0 ||
	    spec_load(path, text, size, &process, e) < 0 ||
	    spec_exec_rewrite(process, false, agent_fd, e) < 0 ||
	    spec_dump(process, &rewritten, &size, e) < 0)
		return -1;
	fd = memory < 0 ? -1 : fcntl(memory, F_DUPFD, HIGH_FD);
	if (fd < 0 || io_write_all(fd, rewritten, size) < 0)
		return err_errno(e, "%s: cannot be rewritten", path);
	snprintf(ret_name, 32, "/proc/self/fd/%d", fd);
	return 0;
}

/*
 * A connection to the agent where the process will have it, behind the caller's own descriptors; -1 when
 * there is none, and runelet finds the agent, or the low-level runtime the reason why there is none.
 * Made here it is root's, whatever user exec runs as.
 */
static int hand_over_agent(const struct rune *r, const char *id, uint64_t own)
{
	_cleanup_(closep) int agent = container_connect(r, id);
	_cleanup_(closep) int high = agent < 0 ? -1 : fcntl(agent, F_DUPFD_CLOEXEC, HIGH_FD);
	int fd = 3 + (int)own;

	/* Its number may be just the one. */
	closep(&agent);
	agent = -1;
	return high < 0 || dup2(high, fd) < 0 ? -1 : fd;
}

/* One of exec's own variables: what the low-level runtime is not to have of it; true to drop it. */
static bool take_variable(struct command *moved, const char *text)
{
	if (spec_is_enclave_variable(text))
		return true;
	if (!spec_is_loader_variable(text))
		return false;
	command_add(moved, "--add-env");
	command_add(moved, text);
	return true;
}

/* Enclave settings mean nothing to a program, and the loader's variables are not for runelet's. */
static struct command take_variables(struct args *a, const struct arg_option *env)
{
	struct command moved = { 0 };

	for (int i = 0; i < a->first; i++) {
		const char *inlined = a->owner[i] == env ? strchr(a->words[i], '=') : NULL;

		if (a->owner[i] != env)
			continue;
		if (inlined && take_variable(&moved, inlined + 1)) {
			a->words[i] = NULL;
		} else if (!inlined && i + 1 < a->first) {
			if (take_variable(&moved, a->words[i + 1]))
				a->words[i] = a->words[i + 1] = NULL;
			i++;
		}
	}
	return moved;
}

/*
 * The words of runelet's exec; their last one is the "--" before the program.  Nothing of software SGX
 * is to be hidden: config.json, which has the environment, is the user's again.
 */
static void add_runelet(struct command *c, const char *agent_fd, const struct command *moved)
{
	const char *prefix[SPEC_EXEC_PREFIX_MAX + 1];
	size_t count = spec_exec_prefix(false, prefix);

	for (size_t i = 0; i + 1 < count; i++)
		command_add(c, prefix[i]);
	if (agent_fd) {
		command_add(c, "--agent-fd");
		command_add(c, agent_fd);
	}
	command_add_all(c, moved->words, (int)moved->count);
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		command_add(c, "--hide-env");
		command_add(c, hidden[i]);
	}
	command_add(c, "--");
}

/* config.json as the low-level runtime is going to read it, or NULL: then that has the words for it. */
static json_object *load_config(const struct rune *r, const char *id)
{
	_cleanup_(put_object) json_object *state = NULL;
	_cleanup_(freep) char *text = NULL;
	json_object *config = NULL;
	const char *bundle;
	char path[PATH_MAX];
	size_t size;
	struct err e;

	if (container_state(r, id, &state, &e) < 0)
		return NULL;
	bundle = json_object_get_string(json_object_object_get(state, "bundle"));
	snprintf(path, sizeof(path), "%s/config.json", bundle ? bundle : "");
	if (io_read_file(path, JSON_MAX, &text, &size, &e) < 0 ||
	    spec_load(path, text, size, &config, &e) < 0)
		return NULL;
	return config;
}

/* moved has pairs of words, the second of which is or begins with a variable's name. */
static bool is_moved(const struct command *moved, const char *text)
{
	for (size_t i = 1; i < moved->count; i += 2) {
		if (strncmp(moved->words[i], text, strcspn(text, "=") + 1) == 0)
			return true;
	}
	return false;
}

/*
 * No option takes config.json's variables out of the environment, and runelet's is the first to see them:
 * the loader's are made void there, and reach the program by moved.  The last of two counts.
 */
static void void_variables(struct command *c, struct command *moved, json_object *config)
{
	json_object *env = json_object_object_get(json_object_object_get(config, "process"), "env");
	size_t i = json_object_is_type(env, json_type_array) ? json_object_array_length(env) : 0;

	while (i-- > 0) {
		const char *text = json_object_get_string(json_object_array_get_idx(env, i));
		char *empty;

		if (!text || !spec_is_loader_variable(text))
			continue;
		empty = strndup(text, strcspn(text, "=") + 1);
		if (!empty)
			abort(); /* as command_add */
		if (!is_moved(moved, text)) {
			command_add(moved, "--add-env");
			command_add(moved, text);
		}
		command_add(moved, "--hide-env");
		command_add(moved, empty);
		command_add(c, "--env");
		command_add(c, empty);
	}
}

/* exec's command line; agent is the descriptor's number, or -1; the words may be process's or config's. */
static struct command exec_command(struct rune *r, struct args *a, struct arg_option *options,
                                   const char *process, json_object *config, int agent)
{
	static char preserve[32], number[16];
	struct command c = command_begin(r, r->command);
	struct command moved;

	if (agent >= 0) {
		snprintf(number, sizeof(number), "%d", agent);
		/* 3 is the first, so that the agent's is the last. */
		snprintf(preserve, sizeof(preserve), "--preserve-fds=%d", agent - 3 + 1);
		args_remove(a, &options[PRESERVE_FDS]);
		command_add(&c, preserve);
	}
	if (process) {
		args_remove(a, &options[PROCESS]);
		command_add(&c, "--process");
		command_add(&c, process);
		command_add_all(&c, a->words, a->count);
		return c;
	}
	moved = take_variables(a, &options[ENV]);
	void_variables(&c, &moved, config);
	command_add_all(&c, a->words, a->first + 1);
	add_runelet(&c, agent >= 0 ? number : NULL, &moved);
	command_add_all(&c, a->words + a->first + 1, a->count - a->first - 1);
	free(moved.words);
	return c;
}

/* Returns only on failure. */
static void exec_in_enclave(struct rune *r, struct args *a, struct arg_option *options,
                            struct err *e)
{
	_cleanup_(put_object) json_object *config = NULL;
	const char *preserved = options[PRESERVE_FDS].value;
	uint64_t own = 0;
	int agent = -1;
	struct command c;
	char name[32];

	if (container_is_created(r, a->positional)) {
		err_set(e, -EAGAIN, "exec: container %s is created, not started", a->positional);
		return;
	}
	/* A wrong number is the low-level runtime's to refuse. */
	if (!preserved || parse_u64(preserved, HIGH_FD - 4, &own) == 0)
		agent = hand_over_agent(r, a->positional, own);
	if (options[PROCESS].value && rewrite_process(options[PROCESS].value, agent, name, e) < 0)
		return;
	if (!options[PROCESS].value)
		config = load_config(r, a->positional);
	c = exec_command(r, a, options, options[PROCESS].value ? name : NULL, config, agent);
	runtime_exec(r, c.words, e);
	free(c.words);
}

int cmd_exec(struct rune *r, struct err *e)
{
	struct arg_option options[OPTION_COUNT];
	_cleanup_(args_release) struct args args = { .options = options,
		                                     .option_count = OPTION_COUNT,
		                                     .is_ordered = true };

	memcpy(options, option_table, sizeof(options));
	if (args_parse(&args, r->args) < 0)
		err_set(e, -ENOMEM, "out of memory");
	else if (args_unknown(&args) && !runtime_is_runc(r))
		err_set(e, -EINVAL, "exec: %s: unknown option", args_unknown(&args));
	else if (!args.positional || !container_is_enclave(r, args.positional) ||
	         (!options[PROCESS].value && args.first + 1 >= args.count))
		runtime_pass(r, e);
	else
		exec_in_enclave(r, &args, options, e);
	rune_report(r, e);
	return EXEC_FAILED;
}
