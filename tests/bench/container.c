// SPDX-License-Identifier: Apache-2.0
/*
 * Times whole containers: the low-level runtime alone, rune in front of it, and rune with an enclave, in turn, so that
 * a drift of the machine falls on all of them.  The differences are taken round by round.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/hex.h"
#include "tests/bench/column.h"

#define WORDS 16

extern char **environ;

/* As main got them. */
static const char *runc, *rune, *idle, *plain, *enclave, *root;

/* What a row of the table is made of: the program, the low-level runtime that it is told, the bundle, the steps. */
enum job {
	RUNC_RUN,
	PASS_RUN,
	ENCLAVE_RUN,
	RUNC_STEPS,
	PASS_STEPS,
	ENCLAVE_STEPS,
	IDLE,
	HOP,
	REWRITE,
	JOBS
};

struct figures {
	double wall[COLUMN_MAX]; /* milliseconds */
	double cpu[COLUMN_MAX];
};

static struct figures figures[JOBS];
static long rune_peak; /* KiB */

/* Run it without output, add what it took to the round; false when it fails. */
static bool call(char *const words[], struct figures *f, uint64_t round)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	double from = column_wall();
	int status = -1;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	for (int fd = 0; fd < 3; fd++)
		posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
	if (posix_spawn(&pid, words[0], &actions, NULL, words, environ) != 0 ||
	    wait4(pid, &status, 0, &usage) != pid || status != 0) {
		fprintf(stderr, "bench: %s %s: status %d\n", words[0], words[1], status);
		return false;
	}
	posix_spawn_file_actions_destroy(&actions);
	f->wall[round] += (column_wall() - from) * 1e3;
	f->cpu[round] += (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
	                 (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-3;
	if (f == &figures[REWRITE] && usage.ru_maxrss > rune_peak)
		rune_peak = usage.ru_maxrss;
	return true;
}

/* One subcommand; option and value may be NULL. */
static bool step(enum job job, uint64_t round, const char *command, const char *option,
                 const char *value)
{
	bool is_rune = job != RUNC_RUN && job != RUNC_STEPS;
	const char *words[WORDS];
	char id[64];
	int n = 0;

	snprintf(id, sizeof(id), "bench-%d-%d-%d", getpid(), job, (int)round);
	words[n++] = is_rune ? rune : runc;
	if (is_rune) {
		words[n++] = "--oci-runtime";
		words[n++] = job == REWRITE || job == HOP ? idle : runc;
	}
	words[n++] = "--root";
	words[n++] = root;
	words[n++] = command;
	if (option)
		words[n++] = option;
	if (value)
		words[n++] = value;
	words[n++] = id;
	words[n] = NULL;
	return call((char *const *)words, &figures[job], round);
}

static bool once(enum job job, uint64_t round)
{
	bool is_enclave = job == ENCLAVE_RUN || job == ENCLAVE_STEPS || job == REWRITE;
	const char *bundle = is_enclave ? enclave : plain;
	char *words[] = { (char *)idle, NULL };

	figures[job].wall[round] = figures[job].cpu[round] = 0;
	if (job == IDLE)
		return call(words, &figures[job], round);
	if (job == RUNC_STEPS || job == PASS_STEPS || job == ENCLAVE_STEPS)
		return step(job, round, "create", "--bundle", bundle) &&
		       step(job, round, "start", NULL, NULL) &&
		       step(job, round, "delete", "--force", NULL);
	return step(job, round, "run", "--bundle", bundle);
}

static void print(const char *name, const double *value, const double *less, uint64_t rounds)
{
	struct column c = { .name = name };

	for (uint64_t i = 1; i <= rounds; i++)
		column_add(&c, value[i] - (less ? less[i] : 0));
	column_print(&c);
}

static double least(const double *value, uint64_t rounds)
{
	double found = value[1];

	for (uint64_t i = 2; i <= rounds; i++)
		found = value[i] < found ? value[i] : found;
	return found;
}

static void print_more(const char *name, enum job job, enum job base, uint64_t rounds)
{
	const struct figures *f = &figures[job], *other = &figures[base];
	char text[128];

	snprintf(text, sizeof(text), "%s, ms more:", name);
	print(text, f->wall, other->wall, rounds);
	print("  ms of processor time more:", f->cpu, other->cpu, rounds);
	printf("%-57s%.2f, of processor time %.2f\n", "  its least less the other's least, ms:",
	       least(f->wall, rounds) - least(other->wall, rounds),
	       least(f->cpu, rounds) - least(other->cpu, rounds));
}

/* A number behind a word in a file; 0 without. */
static long find_number(const char *path, const char *word)
{
	static char text[1 << 20];
	FILE *f = fopen(path, "r");
	const char *at;

	if (!f)
		return 0;
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	at = strstr(text, word);
	return at ? strtol(at + strlen(word), NULL, 10) : 0;
}

/* What the container's process holds once pal_init has returned; the enclave is shared memory. */
static bool print_agent(void)
{
	char path[4096], file[4096];
	bool is_made = step(ENCLAVE_STEPS, 0, "create", "--bundle", enclave);
	long pid;

	snprintf(path, sizeof(path), "%s/bench-%d-%d-0/state.json", root, getpid(), ENCLAVE_STEPS);
	pid = find_number(path, "\"init_process_pid\":");
	snprintf(file, sizeof(file), "/proc/%ld/status", pid);
	printf("%-57s%.1f, of which the enclave %.1f\n",
	       "peak memory of runelet with the skeleton, MiB:",
	       (double)find_number(file, "VmHWM:") / 1024,
	       (double)find_number(file, "RssShmem:") / 1024);
	return is_made && step(ENCLAVE_STEPS, 0, "delete", "--force", NULL) && pid != 0;
}

int main(int argc, char **argv)
{
	uint64_t rounds;

	if (argc != 8 || parse_u64(argv[7], COLUMN_MAX - 1, &rounds) < 0 || rounds == 0) {
		fprintf(stderr,
		        "usage: container RUNC RUNE IDLE PLAIN-BUNDLE ENCLAVE-BUNDLE ROOT ROUNDS\n");
		return 1;
	}
	runc = argv[1], rune = argv[2], idle = argv[3], plain = argv[4], enclave = argv[5],
	root = argv[6];
	for (uint64_t i = 0; i <= rounds; i++) { /* round 0 warms up */
		for (enum job job = 0; job < JOBS; job++) {
			if (!once(job, i))
				return 1;
		}
	}
	print("runc run of a static true, ms:", figures[RUNC_RUN].wall, NULL, rounds);
	print_more("rune run of the same", PASS_RUN, RUNC_RUN, rounds);
	print_more("rune run of the skeleton enclave", ENCLAVE_RUN, RUNC_RUN, rounds);
	print("runc create, start, delete of a static true, ms:", figures[RUNC_STEPS].wall, NULL,
	      rounds);
	print_more("rune create, start, delete of the same", PASS_STEPS, RUNC_STEPS, rounds);
	print_more("rune create, start, delete of the enclave", ENCLAVE_STEPS, RUNC_STEPS, rounds);
	print_more("rune's own part of a pass-through", HOP, IDLE, rounds);
	print_more("rune's own part of an enclave's run", REWRITE, IDLE, rounds);
	printf("%-57s%.1f\n", "peak memory of rune, MiB:", (double)rune_peak / 1024);
	return print_agent() ? 0 : 1;
}
