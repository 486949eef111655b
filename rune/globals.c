// SPDX-License-Identifier: Apache-2.0
/*
 * The options before the subcommand.  rune's own are taken out; everything else keeps its bytes and
 * its place, since the low-level runtime reads it again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "rune/args.h"
#include "rune/runtime.h"

static int set_simulation(struct rune *r, const char *text, struct err *e)
{
	static const char *const names[] = {
		[SIMULATION_AUTO] = "auto",
		[SIMULATION_ALWAYS] = "always",
		[SIMULATION_NEVER] = "never",
	};

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) == 0) {
			r->simulation = i;
			return 0;
		}
	}
	return err_set(e, -EINVAL, "--simulation: %s: not one of auto, always, never", text);
}

static int set_defaults(struct rune *r, struct err *e)
{
	int code = runtime_find(r, e);

	/* check has it in its list of what is missing. */
	if (code < 0 && r->command && strcmp(r->command, "check") == 0)
		return 0;
	if (code < 0 || r->root)
		return code;
	runtime_default_root(r->runtime, r->default_root);
	r->root = r->default_root;
	return 0;
}

int rune_parse(struct rune *r, char **argv, struct err *e)
{
	enum { OCI_RUNTIME, SIMULATION, OWN, ROOT = OWN, LOG, LOG_FORMAT, CRIU, ROOTLESS, MANAGER };
	struct arg_option options[] = {
		[OCI_RUNTIME] = { "oci-runtime", NULL, ARG_VALUE, NULL },
		[SIMULATION] = { "simulation", NULL, ARG_VALUE, NULL },
		[ROOT] = { "root", NULL, ARG_VALUE, NULL },
		[LOG] = { "log", NULL, ARG_VALUE, NULL },
		[LOG_FORMAT] = { "log-format", NULL, ARG_VALUE, NULL },
		[CRIU] = { "criu", NULL, ARG_VALUE, NULL },
		[ROOTLESS] = { "rootless", NULL, ARG_VALUE, NULL },
		[MANAGER] = { "cgroup-manager", NULL, ARG_VALUE, NULL },
		{ "log-level", NULL, ARG_VALUE, NULL },
		{ "debug", NULL, ARG_FLAG, NULL },
		{ "systemd-cgroup", NULL, ARG_FLAG, NULL },
		{ "help", "h", ARG_FLAG, NULL },
		{ "version", "v", ARG_FLAG, NULL },
	};
	_cleanup_(args_release) struct args args = { .options = options,
		                                     .option_count =
		                                             sizeof(options) / sizeof(options[0]),
		                                     .is_ordered = true };
	int code = 0;

	*r = (struct rune){ 0 };
	if (args_parse(&args, argv + 1) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	r->unknown = args_unknown(&args);
	r->root = options[ROOT].value;
	r->log = options[LOG].value;
	r->log_format = options[LOG_FORMAT].value;
	r->oci_runtime = options[OCI_RUNTIME].value;
	if (options[SIMULATION].value)
		code = set_simulation(r, options[SIMULATION].value, e);
	for (int i = 0; i < OWN; i++)
		args_remove(&args, &options[i]);
	r->words = calloc((size_t)args.count + 2, sizeof(char *));
	if (!r->words)
		return err_set(e, -ENOMEM, "out of memory");
	r->words[0] = argv[0];
	r->command_at = 1;
	for (int i = 0, used = 1; i < args.count; i++) {
		if (!args.words[i])
			continue;
		r->words[used++] = args.words[i];
		if (i < args.first)
			r->command_at = used;
	}
	r->command = r->words[r->command_at];
	r->args = r->words + r->command_at + (r->command ? 1 : 0);
	return code < 0 ? code : set_defaults(r, e);
}

void rune_release(struct rune *r)
{
	free(r->words);
	r->words = NULL;
}
