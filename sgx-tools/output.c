// SPDX-License-Identifier: Apache-2.0
/*
 * Files that appear together or not at all.  Everything that is likely to fail (no room, no permission,
 * no folder) happens to temporary files first; then each is exchanged with its target, so that when a
 * later one fails the earlier ones can be exchanged back.
 */
#include "sgx-tools/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/cleanup.h"
#include "lib/base/io.h"

int output_differs(const char *path, const char *other, struct err *e)
{
	_cleanup_(freep) char *a = realpath(path, NULL);
	_cleanup_(freep) char *b = realpath(other, NULL);
	struct stat st, other_st;
	bool is_same = strcmp(a ? a : path, b ? b : other) == 0;

	if (stat(path, &st) == 0) {
		if (!S_ISREG(st.st_mode))
			return 0;
		is_same = is_same || (stat(other, &other_st) == 0 && st.st_dev == other_st.st_dev &&
		                      st.st_ino == other_st.st_ino);
	}
	return is_same ? err_set(e, -EINVAL, "%s: given twice", path) : 0;
}

static mode_t new_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

static int write_temp(struct output *o, mode_t mode, struct err *e)
{
	int r;

	if (asprintf(&o->temp, "%s.XXXXXX", o->target) < 0) {
		o->temp = NULL;
		return err_set(e, -ENOMEM, "%s: out of memory", o->path);
	}
	_cleanup_(closep) int fd = mkostemp(o->temp, O_CLOEXEC);
	if (fd < 0) {
		r = err_errno(e, "create %s", o->path);
		free(take_ptr(o->temp));
		return r;
	}
	r = io_write_all(fd, o->bytes, o->size);
	if (r < 0)
		return err_set(e, r, "write %s: %s", o->path, strerror(-r));
	if (fchmod(fd, mode) < 0)
		return err_errno(e, "write %s", o->path);
	return 0;
}

static int prepare(struct output *o, struct err *e)
{
	mode_t mode = new_mode();
	struct stat st;

	o->exists = stat(o->path, &st) == 0;
	if (!o->exists && errno != ENOENT)
		return err_errno(e, "create %s", o->path);
	if (!o->exists && lstat(o->path, &st) == 0)
		return err_set(e, -ENOENT, "%s: a symbolic link to nothing", o->path);
	if (o->exists && S_ISDIR(st.st_mode))
		return err_set(e, -EISDIR, "%s: is a directory", o->path);
	o->is_special = o->exists && !S_ISREG(st.st_mode);
	if (o->is_special)
		return 0;
	if (o->exists)
		mode = st.st_mode & 07777;
	o->target = o->exists ? realpath(o->path, NULL) : strdup(o->path);
	if (!o->target)
		return err_errno(e, "create %s", o->path);
	return write_temp(o, mode, e);
}

/* target := temp, and where it can be, temp := what target was. */
static int place(struct output *o, struct err *e)
{
	if (o->exists) {
		if (renameat2(AT_FDCWD, o->temp, AT_FDCWD, o->target, RENAME_EXCHANGE) == 0)
			return 0;
		if (errno != EINVAL && errno != ENOSYS)
			return err_errno(e, "replace %s", o->path);
		/* A file system that cannot exchange. */
	}
	if (renameat2(AT_FDCWD, o->temp, AT_FDCWD, o->target, 0) < 0)
		return err_errno(e, "replace %s", o->path);
	free(take_ptr(o->temp));
	return 0;
}

static void put_back(struct output *o)
{
	if (o->exists && o->temp)
		renameat2(AT_FDCWD, o->temp, AT_FDCWD, o->target, RENAME_EXCHANGE);
	else if (!o->exists)
		unlink(o->target);
}

static int write_special(struct output *o, struct err *e)
{
	_cleanup_(closep) int fd = open(o->path, O_WRONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return err_errno(e, "open %s", o->path);
	r = io_write_all(fd, o->bytes, o->size);
	return r < 0 ? err_set(e, r, "write %s: %s", o->path, strerror(-r)) : 0;
}

static int place_all(struct output *outputs, size_t count, struct err *e)
{
	int r = 0;
	size_t done;

	for (done = 0; done < count && r == 0; done++) {
		if (!outputs[done].is_special)
			r = place(&outputs[done], e);
	}
	if (r < 0)
		done--;
	for (size_t i = 0; i < count && r == 0; i++) {
		if (outputs[i].is_special)
			r = write_special(&outputs[i], e);
	}
	while (r < 0 && done > 0) {
		if (!outputs[--done].is_special)
			put_back(&outputs[done]);
	}
	return r;
}

static void release(struct output *o)
{
	if (o->temp)
		unlink(o->temp);
	free(take_ptr(o->temp));
	free(take_ptr(o->target));
}

int outputs_write(struct output *outputs, size_t count, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++) {
		for (size_t j = 0; j < i && r == 0; j++)
			r = output_differs(outputs[i].path, outputs[j].path, e);
	}
	for (size_t i = 0; i < count && r == 0; i++)
		r = prepare(&outputs[i], e);
	if (r == 0)
		r = place_all(outputs, count, e);
	for (size_t i = 0; i < count; i++)
		release(&outputs[i]);
	return r;
}
