// SPDX-License-Identifier: Apache-2.0
/*
 * rune: runc's command line in front of runc's own binary.  Subcommands in which rune has a part are
 * in commands.def; with any other, or none, rune becomes the low-level runtime, arguments untouched.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rune/runtime.h"

static const struct {
	const char *name;
	const char *text;
	int (*run)(struct rune *r, struct err *e);
} commands[] = {
#define CMD(name, text) { #name, text, cmd_##name },
#include "rune/commands.def"
#undef CMD
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static bool wants_help(const struct rune *r)
{
	const char *word = r->command_at > 1 ? r->words[r->command_at - 1] : "";

	if (r->command)
		return !r->args[0] &&
		       (strcmp(r->command, "help") == 0 || strcmp(r->command, "h") == 0);
	return r->command_at == 1 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* After the low-level runtime's own help, of which callers read the first lines. */
static void print_help(const struct rune *r)
{
	printf("\nrune [--oci-runtime PATH] [--simulation auto|always|never] "
	       "[global options] command ...\n\n"
	       "The commands of %s; in enclave containers rune has a part in these:\n\n",
	       r->runtime);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("   %-12s%s\n", commands[i].name, commands[i].text);
}

static int help(const struct rune *r, struct err *e)
{
	struct command c = command_begin(r, r->command ? r->command : "help");
	int code = runtime_run(r, &c, NULL, e);

	free(c.words);
	if (code == 0)
		print_help(r);
	return code;
}

/*
 * The next word may be its value, and the command another one: rune must not pass on a create that it
 * takes for something else.  runc, whose options rune knows, refuses it where rune knows the command.
 */
static int check_unknown(const struct rune *r, bool is_ours, struct err *e)
{
	if (!r->unknown || !r->command || (is_ours && runtime_is_runc(r)))
		return 0;
	return err_set(e, -EINVAL, "%s: unknown option", r->unknown);
}

static int run(struct rune *r, struct err *e)
{
	size_t i = 0;

	if (wants_help(r))
		return help(r, e);
	while (r->command && i < COMMAND_COUNT && strcmp(r->command, commands[i].name) != 0)
		i++;
	if (check_unknown(r, i < COMMAND_COUNT, e) < 0)
		return -1;
	if (r->command && i < COMMAND_COUNT)
		return commands[i].run(r, e);
	runtime_pass(r, e);
	return -1;
}

/*
 * A file of ours in the place of a closed stream would be lost when a child gets its own there.  The
 * low-level runtime finds them closed again.
 */
static void occupy_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	struct rune r;
	struct err e;
	int code;

	if (argc < 1)
		return 1;
	occupy_streams();
	/* An ignored SIGCHLD, which exec keeps, would take the children's exit codes from us. */
	signal(SIGCHLD, SIG_DFL);
	code = rune_parse(&r, argv, &e) < 0 ? -1 : run(&r, &e);
	if (code < 0)
		rune_report(&r, &e);
	rune_release(&r);
	return code < 0 ? 1 : code;
}
