// SPDX-License-Identifier: Apache-2.0
/*
 * rune exec: in an enclave container the low-level runtime runs `runelet exec` with the caller's words,
 * streams and terminal, and that has the program run in the enclave.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/io.h"
#include "rune/args.h"
#include "rune/container.h"
#include "rune/runtime.h"
#include "rune/spec/spec.h"

#define EXEC_FAILED 255 /* the low-level runtime's code for a failed exec */
#define PROCESS_MAX (64 * 1024 * 1024)
#define HIGH_FD     100 /* above what a caller hands over */

enum { PROCESS, ENV, OPTION_COUNT = 17 };

static const struct arg_option option_table[OPTION_COUNT] = {
	[PROCESS] = { "process", "p", ARG_VALUE, NULL },
	[ENV] = { "env", "e", ARG_VALUE, NULL },
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
	{ "preserve-fds", NULL, ARG_VALUE, NULL },
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
static int rewrite_process(const char *path, char ret_name[32], struct err *e)
{
	_cleanup_(put_object) json_object *process = NULL;
	_cleanup_(freep) char *text = NULL;
	_cleanup_(freep) char *rewritten = NULL;
	_cleanup_(closep) int memory = memfd_create("process.json", MFD_CLOEXEC);
	size_t size;
	int fd;

	if (io_read_file(path, PROCESS_MAX, &text, &size, e) < 0 ||
	    spec_load(path, text, size, &process, e) < 0 ||
	    spec_exec_rewrite(process, false, e) < 0 ||
	    spec_dump(process, &rewritten, &size, e) < 0)
		return -1;
	fd = memory < 0 ? -1 : fcntl(memory, F_DUPFD, HIGH_FD);
	if (fd < 0 || io_write_all(fd, rewritten, size) < 0)
		return err_errno(e, "%s: cannot be rewritten", path);
	snprintf(ret_name, 32, "/proc/self/fd/%d", fd);
	return 0;
}

/* Enclave settings among exec's own variables mean nothing to a program. */
static void drop_enclave_variables(struct args *a, const struct arg_option *env)
{
	for (int i = 0; i < a->first; i++) {
		const char *inlined = a->owner[i] == env ? strchr(a->words[i], '=') : NULL;

		if (a->owner[i] != env)
			continue;
		if (inlined && spec_is_enclave_variable(inlined + 1)) {
			a->words[i] = NULL;
		} else if (!inlined && i + 1 < a->first) {
			if (spec_is_enclave_variable(a->words[i + 1]))
				a->words[i] = a->words[i + 1] = NULL;
			i++;
		}
	}
}

/*
 * The words of runelet's exec; their last one is the "--" before the program.  Nothing of software SGX
 * is to be hidden: config.json, which has the environment, is the user's again.
 */
static void add_runelet(struct command *c)
{
	const char *prefix[SPEC_EXEC_PREFIX_MAX + 1];
	size_t count = spec_exec_prefix(false, prefix);

	for (size_t i = 0; i + 1 < count; i++)
		command_add(c, prefix[i]);
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		command_add(c, "--hide-env");
		command_add(c, hidden[i]);
	}
	command_add(c, "--");
}

/* Returns only on failure. */
static void exec_in_enclave(struct rune *r, struct args *a, struct arg_option *options,
                            struct err *e)
{
	struct command c;
	char name[32];

	if (container_is_created(r, a->positional)) {
		err_set(e, -EAGAIN, "exec: container %s is created, not started", a->positional);
		return;
	}
	if (options[PROCESS].value && rewrite_process(options[PROCESS].value, name, e) < 0)
		return;
	c = command_begin(r, r->command);
	if (options[PROCESS].value) {
		args_remove(a, &options[PROCESS]);
		command_add(&c, "--process");
		command_add(&c, name);
		command_add_all(&c, a->words, a->count);
	} else {
		drop_enclave_variables(a, &options[ENV]);
		command_add_all(&c, a->words, a->first + 1);
		add_runelet(&c);
		command_add_all(&c, a->words + a->first + 1, a->count - a->first - 1);
	}
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
	else if (!args.positional || !container_is_enclave(r, args.positional) ||
	         (!options[PROCESS].value && args.first + 1 >= args.count))
		runtime_pass(r, e);
	else
		exec_in_enclave(r, &args, options, e);
	rune_report(r, e);
	return EXEC_FAILED;
}
