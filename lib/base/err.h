/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line that says what went wrong, made where it is known and printed once, by main.  The
 * caller owns the struct, on its stack; there is nothing to release.  Every function returns its
 * code, so that an error is made and returned in one line.
 */
#ifndef LIB_BASE_ERR_H
#define LIB_BASE_ERR_H

struct err {
	char text[512]; /* no newline; cut, never overrun */
};

#define ERR_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* Set the text; return code (a negative errno). */
int err_set(struct err *e, int code, const char *fmt, ...) ERR_PRINTF(3, 4);
/* Set the text to "<fmt>: <strerror(errno)>"; return -errno. */
int err_errno(struct err *e, const char *fmt, ...) ERR_PRINTF(2, 3);
/* Put "<fmt>: " before the text that is there; return code. */
int err_wrap(struct err *e, int code, const char *fmt, ...) ERR_PRINTF(3, 4);

#endif
