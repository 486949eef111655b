// SPDX-License-Identifier: Apache-2.0
/* Messages; see log.h. */
#include "pal/log.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/io.h"

#define PREFIX "liberpal-skeleton: "

static const struct {
	const char *name;
	enum log_level level;
} names[] = {
	{ "off", LOG_OFF },     { "panic", LOG_PANIC },  { "fatal", LOG_FATAL },
	{ "error", LOG_ERROR }, { "warn", LOG_WARNING }, { "warning", LOG_WARNING },
	{ "info", LOG_INFO },   { "debug", LOG_DEBUG },  { "trace", LOG_TRACE },
};

static _Atomic(enum log_level) current = LOG_WARNING;

int log_level_parse(const char *text, enum log_level *ret, struct err *e)
{
	if (!text || *text == '\0') {
		*ret = LOG_WARNING;
		return 0;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i].name) == 0) {
			*ret = names[i].level;
			return 0;
		}
	}
	return err_set(
		e, -EINVAL,
		"unknown log level \"%.64s\": not one of trace, debug, info, warning, error, "
		"fatal, panic, off",
		text);
}

void log_level_set(enum log_level level)
{
	atomic_store(&current, level);
}

/* The SIGPIPE of this write is ours, not the process's. */
static void write_quietly(const char *line, size_t size)
{
	static const struct timespec now;
	sigset_t pipe, mask, pending;
	bool was_pending;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, &mask);
	was_pending = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
	if (io_write_all(STDERR_FILENO, line, size) == -EPIPE && !was_pending) {
		while (sigtimedwait(&pipe, NULL, &now) < 0 && errno == EINTR)
			;
	}
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

void log_line(enum log_level level, const char *fmt, ...)
{
	char line[sizeof(PREFIX) + sizeof(((struct err *)0)->text)] = PREFIX;
	size_t used = sizeof(PREFIX) - 1;
	va_list ap;

	if (level == LOG_OFF || level > atomic_load(&current))
		return;
	va_start(ap, fmt);
	vsnprintf(line + used, sizeof(line) - used - 1, fmt, ap);
	va_end(ap);
	used = strlen(line);
	line[used++] = '\n';
	/* Where stderr is closed, or a pipe that nobody reads, there is nobody to tell. */
	write_quietly(line, used);
}
