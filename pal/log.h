/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PAL's own messages: each one line on descriptor 2, in one write, so that nothing is left in a
 * buffer when the caller leaves through _exit.
 */
#ifndef PAL_LOG_H
#define PAL_LOG_H

#include "lib/base/err.h"

enum log_level {
	LOG_OFF,
	LOG_PANIC,
	LOG_FATAL,
	LOG_ERROR,
	LOG_WARNING,
	LOG_INFO,
	LOG_DEBUG,
	LOG_TRACE,
};

/* NULL and "" are the default, LOG_WARNING; -EINVAL with the word that is none. */
int log_level_parse(const char *text, enum log_level *ret, struct err *e);
void log_level_set(enum log_level level);
/* Print the line when level is at or below the level that was set. */
void log_line(enum log_level level, const char *fmt, ...) ERR_PRINTF(2, 3);

#endif
