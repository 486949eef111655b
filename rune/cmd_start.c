// SPDX-License-Identifier: Apache-2.0
/*
 * rune start: an enclave container's process runs already and waits for the word to run the program.
 * The hooks of start are run before and after it.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "rune/args.h"
#include "rune/container.h"
#include "rune/hooks.h"
#include "rune/runtime.h"
#include "rune/spec/spec.h"

static void put_object(json_object **object)
{
	json_object_put(*object);
}

/* A hook that failed ends the container, as it does under the low-level runtime. */
static int fail(const struct rune *r, const char *id, int code)
{
	struct command c = command_begin(r, "kill");
	struct err unused;

	command_add(&c, "--");
	command_add(&c, id);
	command_add(&c, "KILL");
	c.is_silent = true;
	runtime_run(r, &c, NULL, &unused);
	free(c.words);
	return code;
}

static int start(const struct rune *r, const char *id, struct err *e)
{
	_cleanup_(put_object) json_object *hooks = NULL;
	int state = AGENT_STATE_ENDING;
	int code = container_ask(r, id, AGENT_STATE, &state, e);

	if (code == 0 && state == AGENT_STATE_CREATED)
		code = hooks_load(r, id, &hooks, e);
	if (code < 0)
		return code;
	code = hooks_run(r, id, hooks, SPEC_START_HOOKS, e);
	if (code < 0)
		return fail(r, id, -EIO);
	code = container_ask(r, id, AGENT_START, NULL, e);
	if (code == 0 && hooks_run(r, id, hooks, SPEC_POSTSTART_HOOKS, e) < 0)
		return fail(r, id, -EIO);
	return code;
}

/* Started before, ended, just ending, paused: the low-level runtime has the words for it. */
static bool is_runtimes(int code)
{
	return code == -EALREADY || code == -ECONNREFUSED || code == -ECONNRESET ||
	       code == -EPIPE || code == -ESRCH || code == -EAGAIN;
}

/* The container and nothing else: with any other words it is not sure that a start is meant. */
static const char *only_container(const struct args *args)
{
	bool is_dashed = args->count > 0 && strcmp(args->words[0], "--") == 0;

	return args->positional && args->count == (is_dashed ? 2 : 1) ? args->positional : NULL;
}

int cmd_start(struct rune *r, struct err *e)
{
	_cleanup_(args_release) struct args args = { .option_count = 0 };
	const char *id;
	int code;

	if (args_parse(&args, r->args) < 0) {
		err_set(e, -ENOMEM, "out of memory");
		return -1;
	}
	id = only_container(&args);
	if (id && container_is_enclave(r, id)) {
		code = start(r, id, e);
		if (code == 0)
			return 0;
		if (!is_runtimes(code))
			return -1;
	}
	runtime_pass(r, e);
	return -1;
}
