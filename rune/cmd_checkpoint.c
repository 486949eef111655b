// SPDX-License-Identifier: Apache-2.0
/* rune checkpoint: an enclave's memory can be read by nobody, so there is nothing to write down. */
#include <errno.h>

#include "lib/base/cleanup.h"
#include "rune/args.h"
#include "rune/container.h"
#include "rune/runtime.h"

int cmd_checkpoint(struct rune *r, struct err *e)
{
	struct arg_option options[] = {
		{ "image-path", NULL, ARG_VALUE, NULL },
		{ "work-path", NULL, ARG_VALUE, NULL },
		{ "parent-path", NULL, ARG_VALUE, NULL },
		{ "status-fd", NULL, ARG_VALUE, NULL },
		{ "page-server", NULL, ARG_VALUE, NULL },
		{ "manage-cgroups-mode", NULL, ARG_VALUE, NULL },
		{ "empty-ns", NULL, ARG_VALUE, NULL },
	};
	_cleanup_(args_release) struct args args = {
		.options = options,
		.option_count = sizeof(options) / sizeof(options[0]),
	};

	if (args_parse(&args, r->args) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	if (args.positional && container_is_enclave(r, args.positional))
		return err_set(e, -ENOTSUP,
		               "checkpoint: %s: the memory of an enclave cannot be written down",
		               args.positional);
	return runtime_pass(r, e);
}
