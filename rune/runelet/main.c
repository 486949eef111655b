// SPDX-License-Identifier: Apache-2.0
/*
 * runelet: the container's first process, which holds the PAL library (init), and its client in the
 * same container (exec).  protocol.h has the command lines.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rune/runelet/commands.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "init", cmd_init },
	{ "exec", cmd_exec },
};

/*
 * A stream that is closed stays unusable, but its number is taken: else the next file opened, the
 * agent's socket perhaps, would be the program's stdin.
 */
static int occupy_stdio(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/", O_PATH | O_DIRECTORY) != fd)
			return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (occupy_stdio() < 0)
		return 1;
	if (argc < 2) {
		fprintf(stderr, "runelet: usage: runelet init|exec OPTIONS -- PROGRAM [ARG]...\n");
		return 1;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 2, argv + 2);
	}
	fprintf(stderr, "runelet: unknown command: %s\n", argv[1]);
	return 1;
}
