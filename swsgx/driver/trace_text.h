/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line of a trace: a buffer, filled without libc's formatting, which is not for signal handlers,
 * and written by one system call, so that lines of threads and processes do not mix.
 */
#ifndef SWSGX_DRIVER_TRACE_TEXT_H
#define SWSGX_DRIVER_TRACE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "swsgx/cpu/trap.h"

#define TEXT_SIZE 512

/* What does not fit is left out. */
struct text {
	size_t len;
	char bytes[TEXT_SIZE];
};

struct flag_name {
	uint64_t bits;
	const char *name;
};

/* Where lines go: a file, opened for appending, or with NULL stderr as it is now.  0 or -errno. */
int text_open(const char *path);

/* An empty line with its [pid/tid]. */
void text_begin(struct text *t);
void text_put(struct text *t, const char *s);
void text_hex(struct text *t, uint64_t n);
void text_decimal(struct text *t, uint64_t n);
/* Right-aligned in so many columns. */
void text_column(struct text *t, uint64_t n, unsigned int width);
/* The same for a name, left-aligned. */
void text_name(struct text *t, const char *name, unsigned int width);
/* " name=0x..." */
void text_operand(struct text *t, const char *name, uint64_t value);
/* Names of bits, with | between them; what has no name as a number; none is "0". */
void text_flags(struct text *t, uint64_t value, const struct flag_name *names, size_t count);
/* "0", a positive number, or "-1 ENAME". */
void text_errno(struct text *t, int r);
/* "#PF(err=0x8007 addr=0x...)" */
void text_trap(struct text *t, struct trap trap);
/* "0", "SGX_INVALID_SIGNATURE" or a number. */
void text_code(struct text *t, uint64_t code);
/* Bytes as they are; the line of text_begin ends with a newline of its own. */
void text_write(const char *bytes, size_t len);
void text_end(struct text *t);

#endif
