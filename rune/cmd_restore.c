// SPDX-License-Identifier: Apache-2.0
/* rune restore: an enclave's memory cannot be written to a checkpoint, so there is none to restore. */
#include <errno.h>

#include "lib/base/cleanup.h"
#include "rune/launch.h"

int cmd_restore(struct rune *r, struct err *e)
{
	enum { BUNDLE, VALUES, COUNT = 9 };
	struct arg_option options[COUNT] = {
		[BUNDLE] = { "bundle", "b", ARG_VALUE, NULL },
		[VALUES] = { "console-socket", NULL, ARG_VALUE, NULL },
		{ "image-path", NULL, ARG_VALUE, NULL },
		{ "work-path", NULL, ARG_VALUE, NULL },
		{ "manage-cgroups-mode", NULL, ARG_VALUE, NULL },
		{ "pid-file", NULL, ARG_VALUE, NULL },
		{ "empty-ns", NULL, ARG_VALUE, NULL },
		{ "lsm-profile", NULL, ARG_VALUE, NULL },
		{ "lsm-mount-context", NULL, ARG_VALUE, NULL },
	};
	_cleanup_(args_release) struct args args = { .options = options, .option_count = COUNT };
	_cleanup_(bundle_close) struct bundle bundle = BUNDLE_INIT;
	_cleanup_(spec_settings_release) struct spec_settings settings = { 0 };
	const char *path;

	if (args_parse(&args, r->args) < 0) {
		err_set(e, -ENOMEM, "out of memory");
		return -1;
	}
	path = options[BUNDLE].value;
	if (bundle_open(path && path[0] != '\0' ? path : ".", &bundle, e) < 0 ||
	    (bundle.config && spec_settings_read(bundle.config, &settings, e) < 0))
		return -1;
	if (settings.present)
		err_set(e, -ENOTSUP, "restore: %s: an enclave container cannot be restored",
		        args.positional ? args.positional : bundle.path);
	else
		runtime_pass(r, e);
	return -1;
}
