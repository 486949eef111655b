/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program's streams, by ocalls: 0 standard input, 1 standard output, 2 standard error.  The host
 * carries the bytes and may change them: what must stay secret or whole is the program's to protect.
 */
#ifndef ENCLAVE_IO_H
#define ENCLAVE_IO_H

#include <stddef.h>
#include <stdint.h>

/* One ocall, at most ENCL_IO_MAX bytes.  Bytes done, 0 at the end of the input, or -errno. */
int64_t encl_read(int fd, void *buffer, size_t size);
int64_t encl_write(int fd, const void *buffer, size_t size);
/* All of it: 0 or -errno. */
int encl_write_all(int fd, const void *buffer, size_t size);

/* A string and a newline to standard output, as puts(3).  0 or -errno. */
int encl_puts(const char *s);
/*
 * A call is one write, up to 512 bytes: a line made of several can be cut by what others write (text.h).
 * %s %c %d %i %u %x %p %% with l, ll and z; no width, no precision.  What it does not know is
 * printed as it stands.  0 or -errno.
 */
int encl_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int encl_dprintf(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
