// SPDX-License-Identifier: Apache-2.0
/*
 * Times the start of a program with a library preloaded against the same without: both end at once.
 * Runs without the library itself, so that what it executes is as told.
 */
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>

#include "lib/base/hex.h"
#include "tests/bench/column.h"

#define STARTS 20

static bool start(const char *program, char *const envp[])
{
	char *argv[] = { (char *)program, NULL };
	int status;
	pid_t pid;

	return posix_spawn(&pid, program, NULL, NULL, argv, envp) == 0 &&
	       waitpid(pid, &status, 0) == pid && status == 0;
}

int main(int argc, char **argv)
{
	static struct column
		ratio = { .name = "start of a program with libswsgx, ratio to without:" },
		more = { .name = "start of a program with libswsgx, ms more:" };
	char preload[4096];
	char *with[] = { preload, NULL }, *without[] = { NULL };
	uint64_t rounds;

	if (argc != 4 || parse_u64(argv[3], COLUMN_MAX, &rounds) < 0 || rounds == 0) {
		fprintf(stderr, "usage: start LIBRARY PROGRAM ROUNDS\n");
		return 1;
	}
	snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", argv[1]);
	for (uint64_t i = 0; i <= rounds; i++) { /* round 0 warms up */
		double took[2] = { 0, 0 };

		for (unsigned int k = 0; k < 2 * STARTS; k++) {
			double from = column_wall();

			if (!start(argv[2], k % 2 ? with : without)) {
				fprintf(stderr, "bench: %s: does not run\n", argv[2]);
				return 1;
			}
			took[k % 2] += column_wall() - from;
		}
		if (i == 0)
			continue;
		column_add(&ratio, took[1] / took[0]);
		column_add(&more, (took[1] - took[0]) * 1e3 / STARTS);
	}
	column_print(&ratio);
	column_print(&more);
	return 0;
}
