// SPDX-License-Identifier: Apache-2.0
/*
 * The driver's files have ioctl and mmap and nothing else.  Linux has an access mode that is meant for
 * just that: 3, "neither read nor write".  What it leaves open, lseek among it, touches no byte of the
 * file.  The access mode that the program asked for is kept with the open file, where dup, fork and
 * SCM_RIGHTS take it along: in the number of the signal that asynchronous I/O, which memfds do
 * not have, would send.
 */
#include "swsgx/driver/file.h"

#include <errno.h>
#include <linux/memfd.h>

#include "swsgx/driver/sys.h"

#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x20
#endif
#ifndef F_SETSIG
#define F_SETSIG 10
#define F_GETSIG 11
#endif

#define SEALS     (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW)
#define MODE_NONE 3  /* of open: no access, only ioctl */
#define MARK      48 /* of F_SETSIG, with the mode added */

static long limit(const struct rlimit *new, struct rlimit *ret_old)
{
	return sys_call4(SYS_prlimit64, 0, RLIMIT_FSIZE, (uintptr_t) new, (uintptr_t)ret_old);
}

bool file_is_limited(uint64_t end)
{
	struct rlimit now;

	return limit(NULL, &now) == 0 && now.rlim_cur < end;
}

/* To the hard limit, and beyond for who may. */
int file_limit_lift(uint64_t size, struct rlimit *ret_was)
{
	struct rlimit lifted;

	if (limit(NULL, ret_was) != 0)
		*ret_was = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	if (ret_was->rlim_cur >= size)
		return 0;
	lifted.rlim_max = ret_was->rlim_max > size ? ret_was->rlim_max : size;
	lifted.rlim_cur = lifted.rlim_max;
	return limit(&lifted, NULL) == 0 ? 0 : -EFBIG;
}

void file_limit_put_back(uint64_t size, const struct rlimit *was)
{
	if (was->rlim_cur < size)
		limit(was, NULL);
}

/* The size is not what the file takes: it is sparse. */
static int set_size(int fd, uint64_t size)
{
	struct rlimit was;
	int r = file_limit_lift(size, &was);

	if (r < 0)
		return r;
	r = (int)sys_call4(SYS_ftruncate, (uint64_t)fd, size, 0, 0);
	file_limit_put_back(size, &was);
	return r;
}

int file_create(const char *name, uint64_t size)
{
	int fd = (int)sys_call4(SYS_memfd_create, (uintptr_t)name, MFD_ALLOW_SEALING | MFD_CLOEXEC,
	                        0, 0);
	long r;

	if (fd < 0)
		return fd;
	r = set_size(fd, size);
	if (r == 0)
		r = sys_fcntl(fd, F_ADD_SEALS, SEALS);
	if (r < 0) {
		sys_close(fd);
		return (int)r;
	}
	return fd;
}

/* Another open file of the same file.  By the thread: it may have its own descriptors. */
static int open_again(int fd, int flags)
{
	char path[48] = "/proc/thread-self/fd/", digits[12];
	size_t at = sizeof("/proc/thread-self/fd/") - 1, n = 0;
	unsigned int rest = (unsigned int)fd;

	do
		digits[n++] = (char)('0' + rest % 10);
	while ((rest /= 10) != 0);
	while (n > 0)
		path[at++] = digits[--n];
	path[at] = '\0';
	return (int)sys_openat(AT_FDCWD, path, flags, 0);
}

/*
 * Under the number of fd, which was the lowest that was free.  Without /proc the program gets a descriptor
 * that can do more than it should.
 */
int file_hand_out(int fd, int flags)
{
	int out = open_again(fd, MODE_NONE | O_CLOEXEC | (flags & (O_NONBLOCK | O_APPEND)));

	if (out >= 0) {
		sys_call4(SYS_dup3, (uint64_t)out, (uint64_t)fd, O_CLOEXEC, 0);
		sys_close(out);
	}
	if (!(flags & O_CLOEXEC))
		sys_fcntl(fd, F_SETFD, 0);
	sys_fcntl(fd, F_SETSIG, MARK + (uint64_t)(flags & O_ACCMODE));
	return fd;
}

static long mark(int fd)
{
	return sys_fcntl(fd, F_GETSIG, 0) - MARK;
}

bool file_is(int fd)
{
	/* With sysctl vm.memfd_noexec the file has one more seal, which concerns execve, not mmap. */
	return (sys_fcntl(fd, F_GET_SEALS, 0) & ~(long)F_SEAL_EXEC) == SEALS &&
	       ((sys_fcntl(fd, F_GETFL, 0) & O_ACCMODE) == MODE_NONE ||
	        (mark(fd) >= 0 && mark(fd) <= O_ACCMODE));
}

int file_mode(int fd)
{
	long mode = mark(fd);

	return mode >= 0 && mode <= O_RDWR ? (int)mode : O_RDWR;
}

int file_reopen(int fd)
{
	int own = open_again(fd, O_RDWR | O_CLOEXEC);

	if (own < 0 && (sys_fcntl(fd, F_GETFL, 0) & O_ACCMODE) == O_RDWR)
		return (int)sys_fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return own;
}
