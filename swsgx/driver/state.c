// SPDX-License-Identifier: Apache-2.0
/*
 * The state file: a magic number and the random bytes that platform_init makes keys of.  It is made
 * under another name and linked to its own, so that whoever comes second uses the first's.
 */
#include "swsgx/driver/state.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/hex.h"
#include "swsgx/driver/sys.h"

#define STATE_MAGIC  "WSGXPLT1"
#define DEFAULT_ROOT "/var/lib/swsgx"

struct state_file {
	char magic[8];
	uint8_t random[STATE_RANDOM_SIZE];
};

/* aesmd/main.c puts it behind that. */
_Static_assert(sizeof(struct state_file) == 88, "where IA32_SGXLEPUBKEYHASH would be");

static bool is_descriptor(const char *path)
{
	return strncmp(path, "fd:", 3) == 0;
}

static int path_of(char ret[PATH_MAX], struct err *e, const char *a, const char *b, const char *c)
{
	if ((size_t)snprintf(ret, PATH_MAX, "%s%s%s", a, b, c) >= PATH_MAX)
		return err_set(e, -ENAMETOOLONG, "SWSGX_STATE: the path is too long");
	return 0;
}

/* In a user namespace root may be anybody, who is not let into the host's folders. */
static bool is_refused(const char *folder, int mode)
{
	return sys_call4(SYS_faccessat, (uint64_t)AT_FDCWD, (uintptr_t)folder, (uint64_t)mode, 0) ==
	       -EACCES;
}

static bool is_hosts_root(void)
{
	return geteuid() == 0 &&
	       !(is_refused("/var/lib", W_OK) && is_refused(DEFAULT_ROOT "/.", F_OK));
}

int state_path(const char *state, char ret[PATH_MAX], struct err *e)
{
	const char *home;

	if (state != NULL && is_descriptor(state))
		return path_of(ret, e, state, "", "");
	if (state != NULL && *state != '\0')
		return path_of(ret, e, state, "/platform", "");
	if (is_hosts_root())
		return path_of(ret, e, DEFAULT_ROOT, "/platform", "");
	home = getenv("XDG_STATE_HOME");
	if (home != NULL && *home == '/')
		return path_of(ret, e, home, "/swsgx/platform", "");
	home = getenv("HOME");
	if (home == NULL || *home != '/')
		return err_set(e, -ENOENT,
		               "neither SWSGX_STATE, XDG_STATE_HOME nor HOME says where "
		               "the platform's keys are");
	return path_of(ret, e, home, "/.local/state/swsgx", "/platform");
}

/* The folders on the way to path: those that are missing, for their owner only. */
static int make_folders(const char *path, struct err *e)
{
	char folder[PATH_MAX];
	char *slash;

	memcpy(folder, path, strlen(path) + 1);
	for (slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		long r;

		*slash = '\0';
		r = sys_call4(SYS_mkdirat, (uint64_t)AT_FDCWD, (uintptr_t)folder, 0700, 0);
		if (r < 0 && r != -EEXIST)
			return err_set(e, (int)r, "%s: cannot make the folder: %s", folder,
			               strerror((int)-r));
		*slash = '/';
	}
	return 0;
}

static int write_file(int fd, const char *temporary, const char *path)
{
	struct state_file file = { .magic = STATE_MAGIC };
	long r = sys_call4(SYS_getrandom, (uintptr_t)file.random, sizeof(file.random), 0, 0);

	if (r != sizeof(file.random))
		return r < 0 ? (int)r : -EIO;
	r = sys_write(fd, &file, sizeof(file));
	if (r != sizeof(file))
		return r < 0 ? (int)r : -ENOSPC;
	r = sys_call4(SYS_fsync, (uint64_t)fd, 0, 0, 0);
	if (r < 0)
		return (int)r;
	r = sys_call6(SYS_linkat, (uint64_t)AT_FDCWD, (uintptr_t)temporary, (uint64_t)AT_FDCWD,
	              (uintptr_t)path, 0, 0);
	return r == -EEXIST ? 0 : (int)r;
}

int state_create(const char *path, struct err *e)
{
	char temporary[PATH_MAX];
	int fd, r;

	if (is_descriptor(path) ||
	    sys_call4(SYS_faccessat, (uint64_t)AT_FDCWD, (uintptr_t)path, F_OK, 0) == 0)
		return 0;
	r = make_folders(path, e);
	if (r < 0)
		return r;
	if ((size_t)snprintf(temporary, sizeof(temporary), "%s.%d.%lx", path, (int)getpid(),
	                     (unsigned long)pthread_self()) >= sizeof(temporary))
		return err_set(e, -ENAMETOOLONG, "%s: the path is too long", path);
	fd = (int)sys_openat(AT_FDCWD, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(e, fd, "%s: %s", temporary, strerror(-fd));
	r = write_file(fd, temporary, path);
	sys_close(fd);
	sys_call4(SYS_unlinkat, (uint64_t)AT_FDCWD, (uintptr_t)temporary, 0, 0);
	return r < 0 ? err_set(e, r, "%s: cannot make it: %s", path, strerror(-r)) : 0;
}

static int open_file(const char *path, struct err *e)
{
	uint64_t n;
	int fd;

	if (!is_descriptor(path)) {
		fd = (int)sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	} else {
		if (parse_u64(path + 3, INT_MAX, &n) < 0)
			return err_set(e, -EINVAL, "SWSGX_STATE: %s: no descriptor", path);
		fd = (int)sys_fcntl((int)n, F_DUPFD_CLOEXEC, 0);
	}
	return fd < 0 ? err_set(e, fd, "%s: %s", path, strerror(-fd)) : fd;
}

int state_look(const char *path, uint8_t ret[STATE_RANDOM_SIZE], uint8_t hash[STATE_HASH_SIZE],
               struct err *e)
{
	uint8_t found[STATE_HASH_SIZE];
	struct state_file file;
	int fd = open_file(path, e), r;
	long n;

	if (fd < 0)
		return fd;
	n = sys_pread(fd, &file, sizeof(file), 0);
	r = (int)sys_pread(fd, found, sizeof(found), sizeof(file));
	sys_close(fd);
	if (n != sizeof(file) || memcmp(file.magic, STATE_MAGIC, sizeof(file.magic)) != 0)
		return err_set(e, -EINVAL, "%s: not a platform file of swsgx", path);
	memcpy(ret, file.random, sizeof(file.random));
	if (r == (int)sizeof(found))
		memcpy(hash, found, sizeof(found));
	return 0;
}

int state_read_at(const char *path, uint8_t ret[STATE_RANDOM_SIZE], uint8_t hash[STATE_HASH_SIZE],
                  struct err *e)
{
	return state_create(path, e) < 0 ? -EIO : state_look(path, ret, hash, e);
}

int state_read(uint8_t ret[STATE_RANDOM_SIZE], struct err *e)
{
	uint8_t hash[STATE_HASH_SIZE];
	char path[PATH_MAX];
	int r = state_path(getenv("SWSGX_STATE"), path, e);

	return r < 0 ? r : state_read_at(path, ret, hash, e);
}
