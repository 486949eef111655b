// SPDX-License-Identifier: Apache-2.0
/* The agent's socket and the status pipe; see channel.h. */
#include "rune/channel.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "rune/container.h"

#define BACKLOG    64
#define HIGH_FD    100 /* above those that a caller hands over, so that dup2 hits none of them */
#define NAME_TRIES 16
#define PREFIX     ".rune-"

/* As the low-level runtime would: the root may not be there before the first container. */
static int make_folder(const char *path, struct err *e)
{
	_cleanup_(freep) char *copy = strdup(path);

	if (!copy)
		return err_set(e, -ENOMEM, "out of memory");
	for (char *p = copy + 1;; p++) {
		char at = *p;

		if (at != '/' && at != '\0')
			continue;
		*p = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST)
			return err_errno(e, "mkdir %s", copy);
		if (at == '\0')
			return 0;
		*p = at;
	}
}

static int raise_fd(int *fd)
{
	int high = fcntl(*fd, F_DUPFD_CLOEXEC, HIGH_FD);

	if (high < 0)
		return -errno;
	close(*fd);
	*fd = high;
	return 0;
}

/* A socket's name has 108 bytes; the folder's descriptor makes any path short. */
static struct sockaddr_un address_of(int dir, const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%.64s", dir, name);
	return address;
}

/* A socket that neither a runelet listens at nor a rune is going to. */
static bool is_left(int root, const char *name)
{
	struct sockaddr_un address = address_of(root, name);
	_cleanup_(closep) int fd =
		socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;

	return fd >= 0 && fstatat(root, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISSOCK(st.st_mode) &&
	       connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 &&
	       errno == ECONNREFUSED;
}

/*
 * Whoever makes a socket shares a lock of the root until its name is gone, so that alone with the lock
 * one finds names only that a rune was killed with.
 */
static void sweep(int root)
{
	int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0 &&
		    is_left(root, entry->d_name))
			unlinkat(root, entry->d_name, 0);
	}
	if (dir)
		closedir(dir);
	else
		closep(&fd);
}

static void lock(int root)
{
	if (flock(root, LOCK_EX | LOCK_NB) == 0)
		sweep(root);
	while (flock(root, LOCK_SH) < 0 && errno == EINTR)
		;
}

/* A socket bound in root under a name that is not taken. */
static int bind_somewhere(const char *root, struct channel *c, struct err *e)
{
	mode_t mask = umask(0177);
	int r = -1;

	for (int i = 0; i < NAME_TRIES && r < 0; i++) {
		struct sockaddr_un address;
		uint64_t name = 0;

		if (getrandom(&name, sizeof(name), 0) < 0)
			break;
		snprintf(c->path, sizeof(c->path), "%s/" PREFIX "%016llx", root,
		         (unsigned long long)name);
		address = address_of(c->root, strrchr(c->path, '/') + 1);
		r = bind(c->listener, (struct sockaddr *)&address, sizeof(address));
		if (r < 0 && errno != EADDRINUSE)
			break;
	}
	umask(mask);
	if (r < 0) {
		c->path[0] = '\0';
		return err_errno(e, "%s: cannot make the agent's socket", root);
	}
	return 0;
}

int channel_open(const char *root, uid_t uid, gid_t gid, struct channel *ret, struct err *e)
{
	char real[PATH_MAX];
	int ends[2];

	if (make_folder(root, e) < 0)
		return -1;
	ret->root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ret->root < 0 || !realpath(root, real))
		return err_errno(e, "%s", root);
	if (strlen(real) + 32 > sizeof(ret->path))
		return err_set(e, -ENAMETOOLONG, "%s: path too long", root);
	ret->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (ret->listener < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(e, "cannot speak to runelet");
	ret->status_in = ends[0];
	ret->status_out = ends[1];
	if (raise_fd(&ret->root) < 0 || raise_fd(&ret->listener) < 0 ||
	    raise_fd(&ret->status_in) < 0 || raise_fd(&ret->status_out) < 0)
		return err_errno(e, "cannot speak to runelet");
	lock(ret->root);
	if (bind_somewhere(real, ret, e) < 0)
		return -1;
	/* One of the caller's subordinate numbers only root may give: the socket stays the caller's. */
	if (chown(ret->path, uid, gid) < 0 && errno != EPERM)
		return err_errno(e, "%s", ret->path);
	return listen(ret->listener, BACKLOG) < 0 ? err_errno(e, "%s", ret->path) : 0;
}

void channel_handed_over(struct channel *c)
{
	closep(&c->listener);
	closep(&c->status_out);
	c->listener = c->status_out = -1;
}

static void forget_name(struct channel *c)
{
	c->path[0] = '\0';
	closep(&c->root);
	c->root = -1;
}

int channel_adopt(struct channel *c, const struct rune *r, const char *id, struct err *e)
{
	_cleanup_(closep) int dir = container_open(r, id);

	if (dir == -ENOENT)
		return 0;
	if (dir < 0)
		return err_set(e, dir, "%s/%s: %s", r->root, id, strerror(-dir));
	if (renameat(AT_FDCWD, c->path, dir, CONTAINER_SOCKET) < 0)
		return errno == ENOENT ? 0 : err_errno(e, "%s/%s/" CONTAINER_SOCKET, r->root, id);
	forget_name(c);
	return 0;
}

int channel_read_status(struct channel *c)
{
	ssize_t n;

	if (c->has_line)
		return 1;
	/* Byte by byte: what comes behind the newline is not ours to wait for. */
	do {
		n = read(c->status_in, c->line + c->line_size, 1);
	} while (n < 0 && errno == EINTR);
	if (n <= 0 || c->line[c->line_size] == '\n' || c->line_size + 1 >= sizeof(c->line) - 1) {
		c->line[c->line_size] = '\0';
		c->has_line = true;
		return 1;
	}
	c->line_size++;
	return 0;
}

bool channel_is_ready(const struct channel *c)
{
	return c->has_line && strcmp(c->line, "ready") == 0;
}

void channel_close(struct channel *c)
{
	channel_handed_over(c);
	closep(&c->status_in);
	c->status_in = -1;
	if (c->path[0] != '\0')
		unlink(c->path);
	forget_name(c);
}
