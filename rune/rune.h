/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One invocation of rune: its command line, split into what is rune's own, what belongs to the
 * low-level runtime (runc or crun), and the subcommand.  All text is argv's or lives as long as the
 * process.
 */
#ifndef RUNE_RUNE_H
#define RUNE_RUNE_H

#include <limits.h>
#include <stdbool.h>

#include "lib/base/err.h"

enum simulation { SIMULATION_AUTO, SIMULATION_ALWAYS, SIMULATION_NEVER };

struct rune {
	const char *root;       /* --root, or the low-level runtime's default */
	const char *log;        /* --log, or NULL */
	const char *log_format; /* --log-format, or NULL */
	enum simulation simulation;
	const char *oci_runtime; /* --oci-runtime, or NULL */
	char runtime[PATH_MAX];  /* the low-level runtime's path */
	char default_root[PATH_MAX];
	/* The command line without rune's own options: argv[0], globals, command, args, NULL. */
	char **words;
	int command_at;      /* of the subcommand in words; where NULL is when there is none */
	const char *command; /* or NULL */
	char **args;         /* what follows the subcommand */
	const char *unknown; /* the first option before it that rune does not know, or NULL */
};

/*
 * Split argv.  Options that rune does not know are left for the low-level runtime to judge.  The
 * low-level runtime is looked for last, so that on failure log and log_format are known.
 */
int rune_parse(struct rune *r, char **argv, struct err *e);

/* What rune_parse made, also where it failed. */
void rune_release(struct rune *r);

/* Report a failure as runc does: one line on stderr, and in the log file when there is one. */
void rune_report(const struct rune *r, const struct err *e);

/* Subcommands: the exit code, or -1 with the error set, for which the exit code is 1. */
#define CMD(name, text) int cmd_##name(struct rune *r, struct err *e);
#include "rune/commands.def"
#undef CMD

#endif
