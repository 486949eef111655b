// SPDX-License-Identifier: Apache-2.0
/* rune state: the low-level runtime's, but an enclave container that waits for start is created. */
#include <errno.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "rune/args.h"
#include "rune/container.h"
#include "rune/runtime.h"

static bool is_created(void *arg, const char *id)
{
	return container_is_created(arg, id);
}

int cmd_state(struct rune *r, struct err *e)
{
	_cleanup_(args_release) struct args args = { .option_count = 0 };
	struct command c;
	_cleanup_(freep) char *text = NULL;
	size_t size;
	int code;

	if (args_parse(&args, r->args) < 0) {
		err_set(e, -ENOMEM, "out of memory");
		return -1;
	}
	if (!args.positional || !container_is_enclave(r, args.positional)) {
		runtime_pass(r, e);
		return -1;
	}
	c = command_begin(r, r->command);
	command_add_all(&c, args.words, args.count);
	code = runtime_capture(r, &c, &text, &size, e);
	free(c.words);
	if (code < 0)
		return -1;
	if (strlen(text) == size)
		container_correct_json(text, 1, is_created, r);
	return runtime_print(r, text, size, e) < 0 ? -1 : code;
}
