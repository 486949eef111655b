// SPDX-License-Identifier: Apache-2.0
/* rune list: the low-level runtime's, but enclave containers that wait for start are created. */
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

int cmd_list(struct rune *r, struct err *e)
{
	enum { FORMAT, QUIET };
	struct arg_option options[] = {
		[FORMAT] = { "format", "f", ARG_VALUE, NULL },
		[QUIET] = { "quiet", "q", ARG_FLAG, NULL },
	};
	_cleanup_(args_release) struct args args = { .options = options, .option_count = 2 };
	struct command c;
	_cleanup_(freep) char *text = NULL;
	size_t size;
	int code;

	if (args_parse(&args, r->args) < 0) {
		err_set(e, -ENOMEM, "out of memory");
		return -1;
	}
	if (args_is_set(&options[QUIET])) {
		runtime_pass(r, e);
		return -1;
	}
	c = command_begin(r, r->command);
	command_add_all(&c, args.words, args.count);
	code = runtime_capture(r, &c, &text, &size, e);
	free(c.words);
	if (code < 0)
		return -1;
	if (strlen(text) == size && options[FORMAT].value &&
	    strcmp(options[FORMAT].value, "json") == 0)
		container_correct_json(text, 2, is_created, r);
	else if (strlen(text) == size)
		container_correct_table(text, is_created, r);
	return runtime_print(r, text, size, e) < 0 ? -1 : code;
}
