// SPDX-License-Identifier: Apache-2.0
/* rune start: an enclave container's process runs already and waits for the word to run the program. */
#include <errno.h>

#include "lib/base/cleanup.h"
#include "rune/args.h"
#include "rune/container.h"
#include "rune/runtime.h"

int cmd_start(struct rune *r, struct err *e)
{
	_cleanup_(args_release) struct args args = { .option_count = 0 };
	int code = 0;

	if (args_parse(&args, r->args) < 0) {
		err_set(e, -ENOMEM, "out of memory");
		return -1;
	}
	if (args.positional && container_is_enclave(r, args.positional)) {
		code = container_ask(r, args.positional, AGENT_START, NULL, e);
		if (code == 0)
			return 0;
		/* Started before, or ended: the low-level runtime has the words for it. */
		if (code != -EALREADY && code != -ECONNREFUSED && code != -ESRCH)
			return -1;
	}
	runtime_pass(r, e);
	return -1;
}
