// SPDX-License-Identifier: Apache-2.0
/*
 * Times a command from its start to its end, on the wall and on the processor, against another command
 * of the same program that does nothing (--version); or collects the number that a command prints.
 */
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/hex.h"
#include "tests/bench/column.h"

extern char **environ;

/* What it prints goes to out; its processor time to *ret_cpu. */
static bool run(char **argv, int out, double *ret_cpu)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	int status = -1;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (posix_spawn(&pid, argv[0], &actions, NULL, argv, environ) == 0)
		wait4(pid, &status, 0, &usage);
	posix_spawn_file_actions_destroy(&actions);
	if (status != 0)
		return false;
	*ret_cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
	return true;
}

static bool time_it(unsigned int rounds, const char *name, char **argv, int null)
{
	static struct column wall, cpu, more = { .name = "the same, ms more than its --version:" };
	char *version[] = { argv[0], "--version", NULL };
	char names[2][128];

	snprintf(names[0], sizeof(names[0]), "%s, ms:", name);
	snprintf(names[1], sizeof(names[1]), "the same, ms of processor time:");
	wall.name = names[0];
	cpu.name = names[1];
	for (unsigned int i = 0; i <= rounds; i++) { /* round 0 warms up */
		double used, nothing, from = column_wall(), between;

		if (!run(argv, null, &used))
			return false;
		between = column_wall();
		if (!run(version, null, &nothing))
			return false;
		if (i == 0)
			continue;
		column_add(&wall, (between - from) * 1e3);
		column_add(&cpu, used * 1e3);
		column_add(&more, (2 * between - from - column_wall()) * 1e3);
	}
	column_print(&wall);
	column_print(&cpu);
	column_print(&more);
	return true;
}

static bool collect(unsigned int rounds, const char *name, char **argv)
{
	static struct column printed;
	char names[128], text[64];

	snprintf(names, sizeof(names), "%s:", name);
	printed.name = names;
	for (unsigned int i = 0; i <= rounds; i++) {
		ssize_t size;
		int ends[2];
		double used;
		bool ok;

		if (pipe(ends) < 0)
			return false;
		ok = run(argv, ends[1], &used);
		close(ends[1]);
		size = read(ends[0], text, sizeof(text) - 1);
		close(ends[0]);
		if (!ok || size <= 0)
			return false;
		text[size] = '\0';
		if (i > 0)
			column_add(&printed, strtod(text, NULL));
	}
	column_print(&printed);
	return true;
}

int main(int argc, char **argv)
{
	FILE *null = fopen("/dev/null", "we");
	uint64_t rounds;
	bool ok;

	if (!null || argc < 5 || parse_u64(argv[1], COLUMN_MAX, &rounds) < 0 || rounds == 0) {
		fprintf(stderr, "usage: process ROUNDS time|collect NAME PROGRAM [ARGUMENT]...\n");
		return 1;
	}
	if (strcmp(argv[2], "time") == 0)
		ok = time_it((unsigned int)rounds, argv[3], argv + 4, fileno(null));
	else
		ok = collect((unsigned int)rounds, argv[3], argv + 4);
	fclose(null);
	if (!ok)
		fprintf(stderr, "bench: %s %s: does not work\n", argv[4], argv[5] ? argv[5] : "");
	return ok ? 0 : 1;
}
