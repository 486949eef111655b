// SPDX-License-Identifier: Apache-2.0
/* A bundle's config.json, replaced for a while; see bundle.h. */
#include "rune/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/io.h"
#include "rune/spec/spec.h"

#define CONFIG     "config.json"
#define ORIGINAL   ".config.json.rune" /* a second name of the user's file, while ours is in place */
#define CONFIG_MAX (64 * 1024 * 1024)

static int read_config(struct bundle *b, struct err *e)
{
	_cleanup_(freep) char *text = NULL;
	size_t size;
	int r = io_read_file(b->path, CONFIG_MAX, &text, &size, e);

	return r < 0 ? r : spec_load(b->path, text, size, &b->config, e);
}

/*
 * A rune was killed between replace and restore.  If the user has written a config.json since, it is
 * that one which counts.
 */
static int recover(struct bundle *b, struct err *e)
{
	bool is_ours;
	int r;

	if (faccessat(b->dir, ORIGINAL, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	r = read_config(b, e);
	is_ours = r == -ENOENT || (r == 0 && spec_is_rewritten(b->config));
	json_object_put(b->config);
	b->config = NULL;
	r = is_ours ? renameat(b->dir, ORIGINAL, b->dir, CONFIG) : unlinkat(b->dir, ORIGINAL, 0);
	return r < 0 ? err_errno(e, "%s", b->path) : 0;
}

/*
 * What is not there is the low-level runtime's to complain of.  But what rune cannot read it must not
 * pass on: the runtime might, and run outside of any enclave what was meant for one.
 */
int bundle_open(const char *path, struct bundle *ret, struct err *e)
{
	int r;

	if ((size_t)snprintf(ret->path, sizeof(ret->path), "%s/" CONFIG, path) >= sizeof(ret->path))
		return err_set(e, -ENAMETOOLONG, "%s: path too long", path);
	ret->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ret->dir < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : err_errno(e, "%s", path);
	while (flock(ret->dir, LOCK_EX) < 0 && errno == EINTR)
		;
	if (recover(ret, e) < 0)
		return -1;
	r = read_config(ret, e);
	return r == -ENOENT ? 0 : r;
}

int bundle_replace(struct bundle *b, json_object *config, struct err *e)
{
	_cleanup_(freep) char *text = NULL;
	struct stat st;
	size_t size;
	int r;

	if (spec_dump(config, &text, &size, e) < 0)
		return -1;
	if (fstatat(b->dir, CONFIG, &st, 0) < 0 || linkat(b->dir, CONFIG, b->dir, ORIGINAL, 0) < 0)
		return err_errno(e, "%s", b->path);
	b->is_replaced = true;
	r = io_write_file(b->path, text, size, st.st_mode & 07777, e);
	return r;
}

static int put_back(struct bundle *b, struct err *e)
{
	struct stat now, original;

	/* rename between two names of one file would do nothing and leave both. */
	if (fstatat(b->dir, CONFIG, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	    fstatat(b->dir, ORIGINAL, &original, AT_SYMLINK_NOFOLLOW) == 0 &&
	    now.st_ino == original.st_ino && now.st_dev == original.st_dev)
		return unlinkat(b->dir, ORIGINAL, 0) < 0 ? err_errno(e, "%s", b->path) : 0;
	if (renameat(b->dir, ORIGINAL, b->dir, CONFIG) < 0)
		return err_errno(e, "%s: cannot be put back", b->path);
	return 0;
}

int bundle_restore(struct bundle *b, struct err *e)
{
	int r = b->is_replaced ? put_back(b, e) : 0;

	b->is_replaced = false;
	/* A container may run for long, and another of this bundle beside it. */
	flock(b->dir, LOCK_UN);
	return r;
}

void bundle_close(struct bundle *b)
{
	struct err e;

	bundle_restore(b, &e);
	json_object_put(b->config);
	b->config = NULL;
	closep(&b->dir);
	b->dir = -1;
}
