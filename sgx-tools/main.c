// SPDX-License-Identifier: Apache-2.0
/*
 * sgxsign and sgx-tools: one program, which looks at the name it is called by.  Every failure is one
 * line on stderr and exit status 1; a verdict other than yes has a status of
 * its own.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sgx-tools/tool.h"

bool tool_is_verbose;

static const struct command {
	const char *name, *summary;
	int (*run)(int argc, char **argv, struct err *e);
} commands[] = {
#define CMD(name, summary) { #name, summary, cmd_##name },
#include "sgx-tools/commands.def"
#undef CMD
};

#define COUNT (sizeof(commands) / sizeof(commands[0]))

/* verify_quote is typed verify-quote. */
static const char *spell(char *ret, size_t size, const char *name)
{
	snprintf(ret, size, "%s", name);
	for (char *c = ret; *c; c++)
		*c = *c == '_' ? '-' : *c;
	return ret;
}

static void help(void)
{
	char name[32];

	printf("usage: sgx-tools [--verbose] COMMAND [ARGUMENT]...\n"
	       "       sgx-tools COMMAND --help\n"
	       "       sgx-tools --help | --version\n\n");
	for (size_t i = 0; i < COUNT; i++)
		printf("  %-20s %s\n", spell(name, sizeof(name), commands[i].name),
		       commands[i].summary);
}

static int run(const char *called, int argc, char **argv, struct err *e)
{
	char name[32], title[64];

	for (size_t i = 0; i < COUNT; i++) {
		if (strcmp(argv[0], spell(name, sizeof(name), commands[i].name)) != 0)
			continue;
		snprintf(title, sizeof(title), "%s %s", called, name);
		argv[0] = title;
		int r = commands[i].run(argc, argv, e);

		return r < 0 ? err_wrap(e, r, "%s", name) : r;
	}
	return err_set(e, -EINVAL, "%s: unknown command; %s --help lists them", argv[0], called);
}

static int dispatch(const char *called, int argc, char **argv, struct err *e)
{
	if (strcmp(called, "sgxsign") == 0) {
		argv[0] = "sgxsign";
		return cmd_sign(argc, argv, e);
	}
	if (argc >= 2 && (strcmp(argv[1], "--verbose") == 0 || strcmp(argv[1], "-verbose") == 0)) {
		tool_is_verbose = true;
		argc--, argv++;
	}
	if (argc < 2)
		return err_set(e, -EINVAL, "no command; %s --help lists them", called);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		help();
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("%s %s\n", called, TOOL_VERSION);
		return 0;
	}
	return run(called, argc - 1, argv + 1, e);
}

int main(int argc, char **argv)
{
	char *slash = strrchr(argv[0], '/');
	const char *called = slash ? slash + 1 : argv[0];
	struct err e;
	int r = dispatch(called, argc, argv, &e);

	/* What does not reach stdout is a failure like any other. */
	if (r >= 0 && (fflush(stdout) != 0 || ferror(stdout)))
		r = err_errno(&e, "write to standard output");
	if (r < 0)
		fprintf(stderr, "%s: %s\n", called, e.text);
	return r < 0 ? 1 : r;
}
