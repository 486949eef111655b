// SPDX-License-Identifier: Apache-2.0
/*
 * rune delete: a created container may be deleted, but the low-level runtime believes that an enclave
 * container which waits for start runs, and would refuse.
 */
#include <errno.h>

#include "lib/base/cleanup.h"
#include "rune/args.h"
#include "rune/container.h"
#include "rune/runtime.h"

int cmd_delete(struct rune *r, struct err *e)
{
	struct arg_option force = { "force", "f", ARG_FLAG, NULL };
	_cleanup_(args_release) struct args args = { .options = &force, .option_count = 1 };
	struct command c;

	if (args_parse(&args, r->args) < 0) {
		err_set(e, -ENOMEM, "out of memory");
		return -1;
	}
	if (!args.positional || force.value || !container_is_created(r, args.positional)) {
		runtime_pass(r, e);
		return -1;
	}
	c = command_begin(r, r->command);
	command_add(&c, "--force");
	command_add_all(&c, args.words, args.count);
	runtime_exec(r, c.words, e);
	free(c.words);
	return -1;
}
