// SPDX-License-Identifier: Apache-2.0
/*
 * swsgx: run a program on software SGX.  All it does is set the environment that libswsgx.so reads
 * and execute the program.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "swsgx/driver/state.h"
#include "swsgx/launcher.h"

#define VERSION      "0.1"
#define EXIT_NOT_RUN 126
#define EXIT_NO_SUCH 127

static const char usage[] =
	"Usage: swsgx [--driver=LIST] [--launch=WHICH] [--state=DIR] [--trace[=FILE]] [--stats]\n"
	"             -- PROGRAM [ARGUMENT]...\n"
	"       swsgx [--state=DIR] state\n"
	"       swsgx [--state=DIR] aesmd | collateral | pccs [ARGUMENT]...\n"
	"       swsgx --check | --help | --version\n"
	"\n"
	"Run PROGRAM on software SGX: it, and what it starts, sees SGX's device, ioctls and\n"
	"instructions.  SOFTWARE SGX PROTECTS NOTHING: it is for development and tests.\n"
	"\n"
	"  --driver=LIST  the SGX drivers of this machine, separated by commas: intree (default),\n"
	"                 dcap, dcap-old, legacy\n"
	"  --launch=WHICH enclaves that /dev/isgx launches without a token: any (default), or none\n"
	"                 of them with token\n"
	"  --state=DIR    the folder with the platform's keys (default: SWSGX_STATE, else\n"
	"                 /var/lib/swsgx for root and ~/.local/state/swsgx for others)\n"
	"  --trace[=FILE] say every driver call, leaf and asynchronous exit on stderr or in FILE\n"
	"  --stats        say at exit how often each was made, and how long it took\n"
	"  aesmd          serve quotes and launch tokens; collateral: write what verifies them; pccs:\n"
	"                 serve that: each has a --help\n"
	"  state          print the path of the platform's key file, made if it is missing\n"
	"  --check        print what this machine offers to software SGX; fails when that is not\n"
	"                 enough\n";

struct options {
	const char *driver, *launch, *state;
	const char *trace; /* its file, or "-" */
	bool has_stats;
	bool is_program; /* there was a -- */
};

static int fail(int code, const char *text)
{
	fprintf(stderr, "swsgx: %s\n", text);
	return code;
}

static int print_state(const char *state)
{
	char path[PATH_MAX];
	struct err e;

	if (state_path(state, path, &e) < 0 || state_create(path, &e) < 0)
		return fail(1, e.text);
	return printf("%s\n", path) < 0 || fflush(stdout) != 0 ? fail(1, "stdout: cannot write")
	                                                       : 0;
}

/* ../lib/libswsgx.so beside the folder of this program. */
int library_path(char ret[PATH_MAX], struct err *e)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (len < 0)
		return err_errno(e, "/proc/self/exe");
	self[len] = '\0';
	for (int up = 0; up < 2; up++) {
		slash = strrchr(self, '/');
		if (slash != NULL)
			*slash = '\0';
	}
	if ((size_t)snprintf(ret, PATH_MAX, "%s/lib/libswsgx.so", self) >= PATH_MAX)
		return err_set(e, -ENAMETOOLONG, "the library's path is too long");
	if (access(ret, R_OK) < 0)
		return err_errno(e, "%s", ret);
	if (strpbrk(ret, " :") != NULL)
		return err_set(e, -EINVAL,
		               "%s: LD_PRELOAD cannot name a path with a blank or colon", ret);
	return 0;
}

int prepend_preload(const char *library)
{
	const char *old = getenv("LD_PRELOAD");
	char *value;
	int r;

	if (old == NULL || *old == '\0')
		return setenv("LD_PRELOAD", library, 1);
	if (asprintf(&value, "%s:%s", library, old) < 0)
		return -1;
	r = setenv("LD_PRELOAD", value, 1);
	free(value);
	return r;
}

static bool driver_valid(const char *name, size_t len)
{
	static const char *const names[] = { "intree", "dcap", "dcap-old", "legacy" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == len && strncmp(names[i], name, len) == 0)
			return true;
	return false;
}

static bool driver_list_valid(const char *list)
{
	size_t len;

	if (*list == '\0')
		return false;
	for (;; list += len + 1) {
		len = strcspn(list, ",");
		if (!driver_valid(list, len))
			return false;
		if (list[len] == '\0')
			return true;
	}
}

static bool driver_list_has(const char *list, const char *name)
{
	for (;; list++) {
		size_t len = strcspn(list, ",");

		if (len == strlen(name) && strncmp(list, name, len) == 0)
			return true;
		list += len;
		if (*list == '\0')
			return false;
	}
}

/* What is wrong with --driver, or NULL. */
static const char *driver_list_fault(const char *list)
{
	if (!driver_list_valid(list))
		return "--driver: not a list of intree, dcap, dcap-old and legacy";
	if (driver_list_has(list, "dcap") && driver_list_has(list, "dcap-old"))
		return "--driver: not dcap and dcap-old at once: /dev/sgx is a folder to one and a "
		       "device to the other";
	return NULL;
}

/* What the library is to know of the options: 0 or -1. */
static int set_environment(const struct options *o, const char *trace, const char *library)
{
	if ((o->driver != NULL && setenv("SWSGX_DRIVER", o->driver, 1) < 0) ||
	    (o->launch != NULL && setenv("SWSGX_LAUNCH", o->launch, 1) < 0) ||
	    (o->state != NULL && setenv("SWSGX_STATE", o->state, 1) < 0) ||
	    (o->trace != NULL && setenv("SWSGX_TRACE", trace, 1) < 0) ||
	    (o->has_stats && setenv("SWSGX_STATS", "1", 1) < 0))
		return -1;
	return prepend_preload(library);
}

static int run(const struct options *o, char **argv)
{
	char library[PATH_MAX], program[PATH_MAX], trace[PATH_MAX];
	struct err e;
	int r;

	if (o->driver != NULL && driver_list_fault(o->driver) != NULL)
		return fail(1, driver_list_fault(o->driver));
	if (o->launch != NULL && strcmp(o->launch, "any") != 0 && strcmp(o->launch, "token") != 0)
		return fail(1, "--launch: neither any nor token");
	r = program_find(argv[0], program, &e);
	if (r < 0)
		return fail(r == -ENOENT ? EXIT_NO_SUCH : EXIT_NOT_RUN, e.text);
	if (library_path(library, &e) < 0)
		return fail(EXIT_NOT_RUN, e.text);
	if (o->trace != NULL && trace_prepare(o->trace, trace, &e) < 0)
		return fail(1, e.text);
	if (set_environment(o, trace, library) < 0)
		return fail(EXIT_NOT_RUN, "no memory for the environment");
	execv(program, argv);
	err_errno(&e, "%s", program);
	return fail(EXIT_NOT_RUN, e.text);
}

/* --state as others will see it: they may be in another folder. */
static int absolute_state(struct options *o, char buffer[PATH_MAX], struct err *e)
{
	char cwd[PATH_MAX];

	if (o->state == NULL || o->state[0] == '/' || strncmp(o->state, "fd:", 3) == 0)
		return 0;
	if (getcwd(cwd, sizeof(cwd)) == NULL)
		return err_errno(e, "the current folder");
	if (o->state[0] == '\0' ||
	    (size_t)snprintf(buffer, PATH_MAX, "%s/%s", cwd, o->state) >= PATH_MAX)
		return err_set(e, -EINVAL, "--state: no folder");
	o->state = buffer;
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "driver", required_argument, NULL, 'd' },
		{ "launch", required_argument, NULL, 'l' },
		{ "state", required_argument, NULL, 's' },
		{ "trace", optional_argument, NULL, 't' },
		{ "stats", no_argument, NULL, 'S' },
		{ "check", no_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	struct options o = { 0 };
	char state[PATH_MAX];
	struct err e;
	int c;

	while ((c = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (c) {
		case 'd': o.driver = optarg; break;
		case 'l': o.launch = optarg; break;
		case 's': o.state = optarg; break;
		case 't': o.trace = optarg != NULL ? optarg : "-"; break;
		case 'S': o.has_stats = true; break;
		case 'c': return check_print();
		case 'h': fputs(usage, stdout); return 0;
		case 'v': puts("swsgx " VERSION); return 0;
		default: return 1;
		}
	}
	if (absolute_state(&o, state, &e) < 0)
		return fail(1, e.text);
	if (optind < argc && service_known(argv[optind]) &&
	    (optind == 1 || strcmp(argv[optind - 1], "--") != 0)) {
		if (o.launch != NULL || o.trace != NULL || o.has_stats)
			return fail(1,
			            "--launch, --trace and --stats are for programs, not services");
		service_run(o.driver, o.state, argc - optind, argv + optind, &e);
		return fail(1, e.text);
	}
	o.is_program = optind > 1 && strcmp(argv[optind - 1], "--") == 0;
	if (o.is_program && optind < argc)
		return run(&o, argv + optind);
	if (!o.is_program && optind < argc && strcmp(argv[optind], "state") == 0) {
		if (optind + 1 < argc)
			return fail(1, "state: there are no operands");
		return print_state(o.state != NULL ? o.state : getenv("SWSGX_STATE"));
	}
	if (optind == argc)
		return fail(1, "no program to run; --help says more");
	err_set(&e, -EINVAL, "%s: no command; a program goes behind --; --help says more",
	        argv[optind]);
	return fail(1, e.text);
}
