/* SPDX-License-Identifier: Apache-2.0 */
/* Whole reads and writes.  Interrupted calls are repeated. */
#ifndef LIB_BASE_IO_H
#define LIB_BASE_IO_H

#include <stddef.h>
#include <sys/types.h>

#include "lib/base/err.h"

/* Read just size bytes: 0, -errno, or -ENODATA when the file ends before. */
int io_read_exact(int fd, void *buf, size_t size);
/* Write all size bytes: 0 or -errno. */
int io_write_all(int fd, const void *buf, size_t size);
/*
 * The whole file at path, at most max bytes (-EFBIG), into a new buffer that the caller frees; a
 * zero byte, not counted in *ret_size, follows the content.
 */
int io_read_file(const char *path, size_t max, char **ret, size_t *ret_size, struct err *e);
/*
 * Make path hold these bytes, with this mode, or leave it as it was: the bytes go to a temporary
 * file beside it, which replaces it by rename.
 */
int io_write_file(const char *path, const void *buf, size_t size, mode_t mode, struct err *e);

#endif
