// SPDX-License-Identifier: Apache-2.0
/*
 * stat, access and their relatives: the nodes exist, and what was opened there is a character
 * device.  The names with 64 are the same functions on x86-64; those with x are glibc's before 2.33.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "swsgx/driver/driver.h"
#include "swsgx/driver/enclave.h"
#include "swsgx/preload/next.h"

#define MISC_MAJOR      10
#define ENCLAVE_MINOR   125 /* of those that are given out to whoever asks */
#define PROVISION_MINOR 126

typedef int stat_fn(const char *path, struct stat *ret);
typedef int fstat_fn(int fd, struct stat *ret);
typedef int fstatat_fn(int dir, const char *path, struct stat *ret, int flags);
typedef int xstat_fn(int version, const char *path, struct stat *ret);
typedef int fxstat_fn(int version, int fd, struct stat *ret);
typedef int fxstatat_fn(int version, int dir, const char *path, struct stat *ret, int flags);
typedef int statx_fn(int dir, const char *path, int flags, unsigned int mask, struct statx *ret);
typedef int access_fn(const char *path, int mode);
typedef int faccessat_fn(int dir, const char *path, int mode, int flags);

/* The same structure by two names. */
#define AS_STAT(s) ((struct stat *)(void *)(s))
_Static_assert(sizeof(struct stat) == sizeof(struct stat64), "one structure");

static void describe(enum driver_node node, struct stat *s)
{
	bool is_enclave = node == NODE_ENCLAVE;

	s->st_mode = S_IFCHR | (is_enclave ? 0666 : 0660);
	s->st_rdev = makedev(MISC_MAJOR, is_enclave ? ENCLAVE_MINOR : PROVISION_MINOR);
	s->st_nlink = 1;
	s->st_size = 0;
	s->st_blocks = 0;
	s->st_blksize = 4096;
}

static bool stat_node(const char *path, struct stat *ret)
{
	uint32_t abi;
	enum driver_node node = driver_node(path, &abi);

	if (node == NODE_NONE)
		return false;
	memset(ret, 0, sizeof(*ret));
	describe(node, ret);
	return true;
}

/* What libc has said of a descriptor, corrected; most files are not of these sizes. */
static int correct(int r, int fd, struct stat *s)
{
	if (r != 0 || !S_ISREG(s->st_mode))
		return r;
	if (enclave_size_is(s->st_size) && enclave_is(fd))
		describe(NODE_ENCLAVE, s);
	else if (s->st_size == PROVISION_FILE_SIZE && provision_is(fd))
		describe(NODE_PROVISION, s);
	return r;
}

/* Kernels since 6.11 also take NULL; libc's headers say that nobody may, so not inline. */
static __attribute__((noinline)) bool is_empty(const char *path)
{
	return path == NULL || *path == '\0';
}

static int stat_at(fstatat_fn *next, int dir, const char *path, struct stat *ret, int flags)
{
	int r;

	if (stat_node(path, ret))
		return 0;
	r = next(dir, path, ret, flags);
	return (flags & AT_EMPTY_PATH) && is_empty(path) ? correct(r, dir, ret) : r;
}

EXPORT int __xstat(int version, const char *path, struct stat *ret);
EXPORT int __xstat64(int version, const char *path, struct stat64 *ret);
EXPORT int __lxstat(int version, const char *path, struct stat *ret);
EXPORT int __lxstat64(int version, const char *path, struct stat64 *ret);
EXPORT int __fxstat(int version, int fd, struct stat *ret);
EXPORT int __fxstat64(int version, int fd, struct stat64 *ret);
EXPORT int __fxstatat(int version, int dir, const char *path, struct stat *ret, int flags);
EXPORT int __fxstatat64(int version, int dir, const char *path, struct stat64 *ret, int flags);

EXPORT int stat(const char *path, struct stat *ret)
{
	return stat_node(path, AS_STAT(ret)) ? 0 : NEXT(stat_fn, stat)(path, AS_STAT(ret));
}

EXPORT int stat64(const char *path, struct stat64 *ret)
{
	return stat_node(path, AS_STAT(ret)) ? 0 : NEXT(stat_fn, stat64)(path, AS_STAT(ret));
}

EXPORT int lstat(const char *path, struct stat *ret)
{
	return stat_node(path, AS_STAT(ret)) ? 0 : NEXT(stat_fn, lstat)(path, AS_STAT(ret));
}

EXPORT int lstat64(const char *path, struct stat64 *ret)
{
	return stat_node(path, AS_STAT(ret)) ? 0 : NEXT(stat_fn, lstat64)(path, AS_STAT(ret));
}

EXPORT int fstat(int fd, struct stat *ret)
{
	return correct(NEXT(fstat_fn, fstat)(fd, AS_STAT(ret)), fd, AS_STAT(ret));
}

EXPORT int fstatat(int dir, const char *path, struct stat *ret, int flags)
{
	return stat_at(NEXT(fstatat_fn, fstatat), dir, path, AS_STAT(ret), flags);
}

EXPORT int fstat64(int fd, struct stat64 *ret)
{
	return correct(NEXT(fstat_fn, fstat64)(fd, AS_STAT(ret)), fd, AS_STAT(ret));
}

EXPORT int fstatat64(int dir, const char *path, struct stat64 *ret, int flags)
{
	return stat_at(NEXT(fstatat_fn, fstatat64), dir, path, AS_STAT(ret), flags);
}

EXPORT int __xstat(int version, const char *path, struct stat *ret)
{
	return stat_node(path, AS_STAT(ret)) ? 0
	                                     : NEXT(xstat_fn, __xstat)(version, path, AS_STAT(ret));
}

EXPORT int __xstat64(int version, const char *path, struct stat64 *ret)
{
	return stat_node(path, AS_STAT(ret))
	               ? 0
	               : NEXT(xstat_fn, __xstat64)(version, path, AS_STAT(ret));
}

EXPORT int __lxstat(int version, const char *path, struct stat *ret)
{
	return stat_node(path, AS_STAT(ret))
	               ? 0
	               : NEXT(xstat_fn, __lxstat)(version, path, AS_STAT(ret));
}

EXPORT int __lxstat64(int version, const char *path, struct stat64 *ret)
{
	return stat_node(path, AS_STAT(ret))
	               ? 0
	               : NEXT(xstat_fn, __lxstat64)(version, path, AS_STAT(ret));
}

EXPORT int __fxstat(int version, int fd, struct stat *ret)
{
	return correct(NEXT(fxstat_fn, __fxstat)(version, fd, AS_STAT(ret)), fd, AS_STAT(ret));
}

EXPORT int __fxstatat(int version, int dir, const char *path, struct stat *ret, int flags)
{
	return stat_node(path, AS_STAT(ret))
	               ? 0
	               : NEXT(fxstatat_fn, __fxstatat)(version, dir, path, AS_STAT(ret), flags);
}

EXPORT int __fxstat64(int version, int fd, struct stat64 *ret)
{
	return correct(NEXT(fxstat_fn, __fxstat64)(version, fd, AS_STAT(ret)), fd, AS_STAT(ret));
}

EXPORT int __fxstatat64(int version, int dir, const char *path, struct stat64 *ret, int flags)
{
	return stat_node(path, AS_STAT(ret))
	               ? 0
	               : NEXT(fxstatat_fn, __fxstatat64)(version, dir, path, AS_STAT(ret), flags);
}

EXPORT int statx(int dir, const char *path, int flags, unsigned int mask, struct statx *ret)
{
	struct stat s;
	bool is_node = stat_node(path, &s);
	int r = is_node ? 0 : NEXT(statx_fn, statx)(dir, path, flags, mask, ret);

	if (!is_node) {
		if (r != 0 || !(flags & AT_EMPTY_PATH) || !is_empty(path))
			return r;
		s = (struct stat){ .st_mode = ret->stx_mode, .st_size = (off_t)ret->stx_size };
		correct(0, dir, &s);
		if (!S_ISCHR(s.st_mode) || S_ISCHR(ret->stx_mode))
			return r;
	} else {
		memset(ret, 0, sizeof(*ret));
		ret->stx_mask = STATX_BASIC_STATS;
	}
	ret->stx_mode = (uint16_t)s.st_mode;
	ret->stx_nlink = (uint32_t)s.st_nlink;
	ret->stx_blksize = (uint32_t)s.st_blksize;
	ret->stx_size = 0;
	ret->stx_blocks = 0;
	ret->stx_rdev_major = major(s.st_rdev);
	ret->stx_rdev_minor = minor(s.st_rdev);
	return 0;
}

/* Everybody may read and write the nodes, nobody execute them. */
static bool access_node(const char *path, int mode, int *ret)
{
	uint32_t abi;

	if (driver_node(path, &abi) == NODE_NONE)
		return false;
	*ret = next_result(mode & X_OK ? -EACCES : 0);
	return true;
}

EXPORT int access(const char *path, int mode)
{
	int ret;

	return access_node(path, mode, &ret) ? ret : NEXT(access_fn, access)(path, mode);
}

EXPORT int faccessat(int dir, const char *path, int mode, int flags)
{
	int ret;

	return access_node(path, mode, &ret)
	               ? ret
	               : NEXT(faccessat_fn, faccessat)(dir, path, mode, flags);
}
