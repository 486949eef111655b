// SPDX-License-Identifier: Apache-2.0
/*
 * palcheck LIBRARY -- PROGRAM...: hold somebody's PAL library against the contract and print TAP.  Exit
 * status 0: all claims hold; 1: some do not; 2: palcheck could not be started.
 */
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/hex.h"
#include "palcheck/check.h"
#include "rune/elf.h"

static const char usage[] =
	"usage: palcheck [OPTION]... LIBRARY [OPTION]... -- PROGRAM [ARGUMENT]...\n"
	"       palcheck --list\n"
	"\n"
	"Call LIBRARY as a container runtime would and print what holds and what does not, as TAP.\n"
	"PROGRAM, run by the library, does what its next argument says: echo WORD...,\n"
	"warn WORD..., env, cat, exit N, and (not for --basic) spin.\n"
	"\n"
	"      --args ARGS        arguments for pal_init\n"
	"      --log-level LEVEL  log level for pal_init (default: off)\n"
	"      --cwd DIR          the folder to be in: where the enclave's files are\n"
	"      --basic            only what the smallest library must do\n"
	"      --only PATTERN     only the tests whose names match, as in a shell\n"
	"      --timeout SECONDS  for one test (default: 30)\n"
	"      --list             print the names of the tests and what they claim\n"
	"      --help, --version\n";

static const struct test tests[] = {
#define TEST(name, since, is_basic, claim) { #name, claim, since, is_basic, check_##name },
#include "palcheck/tests.def"
#undef TEST
};

#define COUNT (sizeof(tests) / sizeof(tests[0]))

struct options {
	struct subject subject;
	const char *cwd, *only;
	bool is_basic;
	int timeout;
};

enum { ARGS = 256, LOG_LEVEL, CWD, BASIC, ONLY, TIMEOUT, LIST, HELP, VERSION };

static const struct option long_options[] = {
	{ "args", required_argument, NULL, ARGS },
	{ "log-level", required_argument, NULL, LOG_LEVEL },
	{ "cwd", required_argument, NULL, CWD },
	{ "basic", no_argument, NULL, BASIC },
	{ "only", required_argument, NULL, ONLY },
	{ "timeout", required_argument, NULL, TIMEOUT },
	{ "list", no_argument, NULL, LIST },
	{ "help", no_argument, NULL, HELP },
	{ "version", no_argument, NULL, VERSION },
	{ NULL, 0, NULL, 0 },
};

static _Noreturn void wrong(const char *text, const char *what)
{
	fprintf(stderr, "palcheck: %s%s; --help says more\n", what, text);
	exit(2);
}

/* Of "-xy" the letter that is none, and of a long option the word. */
static _Noreturn void wrong_option(char **argv)
{
	char letter[] = { '-', (char)optopt, '\0' };

	wrong(": unknown option, or one that lacks its value",
	      optopt > 0 && optopt < ARGS ? letter : argv[optind - 1]);
}

static void list(void)
{
	for (size_t i = 0; i < COUNT; i++)
		printf("%-18s v%d%s %s\n", tests[i].name, tests[i].since,
		       tests[i].is_basic ? " basic" : "      ", tests[i].claim);
}

static _Noreturn void leave(void)
{
	exit(fflush(stdout) == 0 ? 0 : 2);
}

static void set_option(struct options *o, int option, char **argv)
{
	uint64_t seconds;

	switch (option) {
	case ARGS: o->subject.args = optarg; return;
	case LOG_LEVEL: o->subject.log_level = optarg; return;
	case CWD: o->cwd = optarg; return;
	case BASIC: o->is_basic = true; return;
	case ONLY: o->only = optarg; return;
	case TIMEOUT:
		if (parse_u64(optarg, 3600, &seconds) < 0 || seconds == 0)
			wrong(": not a number of seconds up to 3600", optarg);
		o->timeout = (int)seconds;
		return;
	case LIST: list(); leave();
	case HELP: printf("%s", usage); leave();
	case VERSION: printf("palcheck 0.1.0\n"); leave();
	default: wrong_option(argv);
	}
}

/* Options on both sides of the library, up to "--"; then the program. */
static void parse(int argc, char **argv, struct options *o)
{
	int words = 0, option;

	while (words < argc && strcmp(argv[words], "--") != 0)
		words++;
	opterr = 0;
	while ((option = getopt_long(words, argv, "", long_options, NULL)) != -1)
		set_option(o, option, argv);
	if (words - optind != 1)
		wrong("one LIBRARY is wanted", "");
	o->subject.path = argv[optind];
	if (argc - words < 2)
		wrong("no PROGRAM after --", "");
	o->subject.program = argv + words + 1;
}

/* The version, as a child finds it: 0 where the library cannot be asked, which its tests then say. */
static int fd_version;

static void ask_version(struct subject *s)
{
	subject_load(s);
	if (write(fd_version, &s->version, sizeof(s->version)) != sizeof(s->version))
		claim_failed("pipe");
}

static int find_version(const struct options *o)
{
	static const struct test ask = { .name = "version", .run = ask_version };
	struct verdict verdict;
	int version = 0;

	fd_version = memory_file(NULL, 0);
	run_test(&ask, &o->subject, o->timeout, &verdict);
	if (pread(fd_version, &version, sizeof(version), 0) != sizeof(version))
		version = 0;
	close(fd_version);
	return version;
}

static void print_reason(const struct verdict *v)
{
	const char *line = v->output;

	printf("# ");
	for (const char *c = v->reason; *c; c++) {
		if (*c == '\n')
			printf("\\n");
		else
			putchar(*c);
	}
	putchar('\n');
	for (int i = 0; *line && i < 20; i++) {
		size_t length = strcspn(line, "\n");

		printf("#   | %.*s\n", (int)length, line);
		line += length + (line[length] == '\n');
	}
}

static int choose(const struct options *o, int version, const struct test **ret)
{
	int planned = 0;

	for (size_t i = 0; i < COUNT; i++) {
		/* Of a library without a version everything up to version 1 is asked, and fails by name. */
		if (tests[i].since <= (version ? version : 1) &&
		    (!o->is_basic || tests[i].is_basic) &&
		    (!o->only || fnmatch(o->only, tests[i].name, 0) == 0))
			ret[planned++] = &tests[i];
	}
	if (planned == 0)
		wrong(": no test of this library is called that", o->only);
	return planned;
}

static void print_verdict(int number, const struct test *t, const struct verdict *v)
{
	bool is_skipped = v->outcome == OUTCOME_SKIPPED;

	printf("%sok %d - %s: %s%s%s\n", v->outcome == OUTCOME_FAILED ? "not " : "", number,
	       t->name, t->claim, is_skipped ? " # SKIP " : "", is_skipped ? v->reason : "");
	if (v->outcome == OUTCOME_FAILED)
		print_reason(v);
}

static int run_all(const struct options *o)
{
	const struct test *chosen[COUNT];
	int version = find_version(o), planned = choose(o, version, chosen);
	int count[] = { [OUTCOME_OK] = 0, [OUTCOME_FAILED] = 0, [OUTCOME_SKIPPED] = 0 };
	struct verdict verdict;

	printf("TAP version 13\n1..%d\n", planned);
	for (int i = 0; i < planned; i++) {
		fflush(stdout);
		run_test(chosen[i], &o->subject, o->timeout, &verdict);
		print_verdict(i + 1, chosen[i], &verdict);
		count[verdict.outcome]++;
	}
	printf("# version %d: %d of %d claims hold", version, count[OUTCOME_OK], planned);
	if (count[OUTCOME_SKIPPED] > 0)
		printf(", %d skipped", count[OUTCOME_SKIPPED]);
	printf("\n");
	return count[OUTCOME_FAILED] > 0;
}

int main(int argc, char **argv)
{
	struct options o = { .subject = { .args = "", .log_level = "off" }, .timeout = 30 };
	_cleanup_(freep) char *path = NULL;
	int failed;

	parse(argc, argv, &o);
	path = realpath(o.subject.path, NULL);
	if (!path) {
		fprintf(stderr, "palcheck: %s: %s\n", o.subject.path, strerror(errno));
		return 2;
	}
	o.subject.path = path;
	if (o.cwd && chdir(o.cwd) < 0) {
		fprintf(stderr, "palcheck: --cwd %s: %s\n", o.cwd, strerror(errno));
		return 2;
	}
	failed = run_all(&o);
	return fflush(stdout) == 0 ? failed : 2;
}
