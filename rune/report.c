// SPDX-License-Identifier: Apache-2.0
/*
 * rune's own errors.  Daemons read them from the log file: the last line of level error is what a user
 * of docker sees, so it is written in the low-level runtime's format.
 */
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/io.h"
#include "rune/rune.h"

static void format_time(char *ret, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(ret, size, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static void write_log(const struct rune *r, const char *text)
{
	_cleanup_(closep) int fd =
		open(r->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);
	bool is_json = r->log_format && strcmp(r->log_format, "json") == 0;
	json_object *quoted = json_object_new_string(text);
	char when[32];
	char line[4096];
	int size;

	if (fd < 0 || !quoted)
		return;
	format_time(when, sizeof(when));
	size = snprintf(line, sizeof(line),
	                is_json ? "{\"level\":\"error\",\"msg\":%s,\"time\":\"%s\"}\n"
	                        : "level=error msg=%s time=\"%s\"\n",
	                json_object_to_json_string_ext(
				quoted, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
	                when);
	json_object_put(quoted);
	/* The longest text, every byte escaped, fits. */
	if (size > 0 && size < (int)sizeof(line))
		io_write_all(fd, line, (size_t)size);
}

void rune_report(const struct rune *r, const struct err *e)
{
	dprintf(STDERR_FILENO, "rune: %s\n", e->text);
	if (r->log && strcmp(r->log, "/dev/stderr") != 0)
		write_log(r, e->text);
}
