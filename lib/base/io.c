// SPDX-License-Identifier: Apache-2.0
/* Whole reads and writes; see io.h. */
#include "lib/base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"

int io_read_exact(int fd, void *buf, size_t size)
{
	char *at = buf;

	while (size > 0) {
		ssize_t n = read(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -ENODATA;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

int io_write_all(int fd, const void *buf, size_t size)
{
	const char *at = buf;

	while (size > 0) {
		ssize_t n = write(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Files of /proc report size 0, so this reads until the end, not until st_size. */
int io_read_file(const char *path, size_t max, char **ret, size_t *ret_size, struct err *e)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	_cleanup_(freep) char *buf = NULL;
	size_t room = 0, used = 0;
	struct stat st;

	if (fd < 0)
		return err_errno(e, "open %s", path);
	if (fstat(fd, &st) < 0)
		return err_errno(e, "%s", path);
	if (S_ISDIR(st.st_mode))
		return err_set(e, -EISDIR, "%s: is a directory", path);
	for (;;) {
		ssize_t n;

		if (used == room) {
			size_t next = room ? room * 2 : (size_t)st.st_size + 4096;
			char *grown;

			if (used > max)
				return err_set(e, -EFBIG, "%s: larger than %zu bytes", path, max);
			if (next > max + 1)
				next = max + 1;
			grown = realloc(buf, next + 1);
			if (!grown)
				return err_set(e, -ENOMEM, "%s: out of memory", path);
			buf = grown;
			room = next;
		}
		n = read(fd, buf + used, room - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, "read %s", path);
		if (n == 0)
			break;
		used += (size_t)n;
	}
	if (used > max)
		return err_set(e, -EFBIG, "%s: larger than %zu bytes", path, max);
	buf[used] = '\0';
	*ret = take_ptr(buf);
	*ret_size = used;
	return 0;
}

static int write_temp(int fd, const void *buf, size_t size, mode_t mode)
{
	int r = io_write_all(fd, buf, size);

	if (r < 0)
		return r;
	return fchmod(fd, mode) < 0 ? -errno : 0;
}

int io_write_file(const char *path, const void *buf, size_t size, mode_t mode, struct err *e)
{
	_cleanup_(freep) char *temp = NULL;
	int r;

	if (asprintf(&temp, "%s.XXXXXX", path) < 0) {
		temp = NULL;
		return err_set(e, -ENOMEM, "%s: out of memory", path);
	}
	_cleanup_(closep) int fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "create %s", path);
	r = write_temp(fd, buf, size, mode);
	if (r < 0) {
		unlink(temp);
		return err_set(e, r, "write %s: %s", path, strerror(-r));
	}
	if (rename(temp, path) < 0) {
		r = err_errno(e, "rename to %s", path);
		unlink(temp);
		return r;
	}
	return 0;
}
