// SPDX-License-Identifier: Apache-2.0
/* client: what tests ask of aesmd. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/aesmd/client.h"

int fail(const char *what)
{
	fprintf(stderr, "client: %s\n", what);
	return 1;
}

int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -1;
	return fd;
}

static const struct {
	const char *name;
	int min, max;
	int (*run)(char **argv);
} commands[] = {
	{ "quote", 3, 3, cmd_quote },   { "rate", 3, 3, cmd_rate },
	{ "report", 3, 3, cmd_report }, { "verify", 2, 3, cmd_verify },
	{ "token", 5, 5, cmd_token },   { "raw", 2, 2, cmd_raw },
	{ "storm", 2, 3, cmd_storm },   { "silent", 3, 3, cmd_silent },
	{ "replay", 2, 2, cmd_replay },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0 && argc - 2 >= commands[i].min &&
		    argc - 2 <= commands[i].max)
			return commands[i].run(argv + 2);
	return fail("wrong arguments");
}
