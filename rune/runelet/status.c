// SPDX-License-Identifier: Apache-2.0
/* The status descriptor; see status.h and protocol.h. */
#include "rune/runelet/status.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"

/* Whatever a library or a file name put into it, it stays one line. */
static void write_line(int fd, const char *prefix, const char *text)
{
	char line[1024];
	int n = snprintf(line, sizeof(line) - 1, "%s%s", prefix, text);
	size_t size = n < (int)sizeof(line) - 1 ? (size_t)n : sizeof(line) - 2;

	for (size_t i = 0; i < size; i++) {
		if (line[i] == '\n' || line[i] == '\r')
			line[i] = ' ';
	}
	line[size] = '\n';
	io_write_all(fd, line, size + 1);
}

void status_ready(int fd)
{
	if (fd < 0)
		return;
	write_line(fd, "", "ready");
	close(fd);
}

void status_failed(int fd, const char *line)
{
	if (fd < 0) {
		write_line(STDERR_FILENO, "runelet: ", line);
		return;
	}
	write_line(fd, "", line);
	close(fd);
}
