// SPDX-License-Identifier: Apache-2.0
/*
 * What else there is to do with a descriptor.  The driver's files cannot be read, written, moved in or
 * grown; those that we hand out cannot either, by whichever way the kernel is called, so nothing
 * here keeps anything safe.  All it does is to name the error as the driver's file would: the
 * kernel has said EBADF, and only then is the descriptor looked at.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

#include "swsgx/driver/enclave.h"
#include "swsgx/driver/file.h"
#include "swsgx/driver/sys.h"
#include "swsgx/preload/next.h"

static bool is_node(int fd)
{
	return enclave_is(fd) || provision_is(fd);
}

/* Was fd opened for it?  unfit: the mode that does not allow it. */
static bool fits(int fd, int unfit)
{
	long flags = sys_fcntl(fd, F_GETFL, 0);

	if (is_node(fd))
		return file_mode(fd) != unfit;
	return flags >= 0 && (flags & O_ACCMODE) != unfit;
}

static ssize_t corrected(ssize_t r, int fd, int unfit, int error)
{
	if (r == -1 && errno == EBADF && is_node(fd) && fits(fd, unfit))
		errno = error;
	return r;
}

static ssize_t corrected_pair(ssize_t r, int in, int out)
{
	if (r == -1 && errno == EBADF && (is_node(in) || is_node(out)) && fits(in, O_WRONLY) &&
	    fits(out, O_RDONLY))
		errno = EINVAL;
	return r;
}

/* The rows: what it returns, its name, parameters with the descriptor as fd, arguments, and the two above. */
#define RW(X)                                                                                      \
	X(ssize_t, read, (int fd, void *to, size_t size), (fd, to, size), O_WRONLY, EINVAL)        \
	X(ssize_t, write, (int fd, const void *from, size_t size), (fd, from, size), O_RDONLY,     \
	  EINVAL)                                                                                  \
	X(ssize_t, pread, (int fd, void *to, size_t size, off_t at), (fd, to, size, at), O_WRONLY, \
	  EINVAL)                                                                                  \
	X(ssize_t, pread64, (int fd, void *to, size_t size, off64_t at), (fd, to, size, at),       \
	  O_WRONLY, EINVAL)                                                                        \
	X(ssize_t, pwrite, (int fd, const void *from, size_t size, off_t at),                      \
	  (fd, from, size, at), O_RDONLY, EINVAL)                                                  \
	X(ssize_t, pwrite64, (int fd, const void *from, size_t size, off64_t at),                  \
	  (fd, from, size, at), O_RDONLY, EINVAL)                                                  \
	X(ssize_t, __read_chk, (int fd, void *to, size_t size, size_t room), (fd, to, size, room), \
	  O_WRONLY, EINVAL)                                                                        \
	X(ssize_t, __pread_chk, (int fd, void *to, size_t size, off_t at, size_t room),            \
	  (fd, to, size, at, room), O_WRONLY, EINVAL)                                              \
	X(ssize_t, __pread64_chk, (int fd, void *to, size_t size, off64_t at, size_t room),        \
	  (fd, to, size, at, room), O_WRONLY, EINVAL)                                              \
	X(ssize_t, readv, (int fd, const struct iovec *v, int n), (fd, v, n), O_WRONLY, EINVAL)    \
	X(ssize_t, writev, (int fd, const struct iovec *v, int n), (fd, v, n), O_RDONLY, EINVAL)   \
	X(ssize_t, preadv, (int fd, const struct iovec *v, int n, off_t at), (fd, v, n, at),       \
	  O_WRONLY, EINVAL)                                                                        \
	X(ssize_t, preadv64, (int fd, const struct iovec *v, int n, off64_t at), (fd, v, n, at),   \
	  O_WRONLY, EINVAL)                                                                        \
	X(ssize_t, pwritev, (int fd, const struct iovec *v, int n, off_t at), (fd, v, n, at),      \
	  O_RDONLY, EINVAL)                                                                        \
	X(ssize_t, pwritev64, (int fd, const struct iovec *v, int n, off64_t at), (fd, v, n, at),  \
	  O_RDONLY, EINVAL)                                                                        \
	X(ssize_t, preadv2, (int fd, const struct iovec *v, int n, off_t at, int flags),           \
	  (fd, v, n, at, flags), O_WRONLY, EINVAL)                                                 \
	X(ssize_t, preadv64v2, (int fd, const struct iovec *v, int n, off64_t at, int flags),      \
	  (fd, v, n, at, flags), O_WRONLY, EINVAL)                                                 \
	X(ssize_t, pwritev2, (int fd, const struct iovec *v, int n, off_t at, int flags),          \
	  (fd, v, n, at, flags), O_RDONLY, EINVAL)                                                 \
	X(ssize_t, pwritev64v2, (int fd, const struct iovec *v, int n, off64_t at, int flags),     \
	  (fd, v, n, at, flags), O_RDONLY, EINVAL)                                                 \
	X(int, fallocate, (int fd, int mode, off_t at, off_t size), (fd, mode, at, size),          \
	  O_RDONLY, ENODEV)                                                                        \
	X(int, fallocate64, (int fd, int mode, off64_t at, off64_t size), (fd, mode, at, size),    \
	  O_RDONLY, ENODEV)

EXPORT ssize_t __read_chk(int fd, void *to, size_t size, size_t room);
EXPORT ssize_t __pread_chk(int fd, void *to, size_t size, off_t at, size_t room);
EXPORT ssize_t __pread64_chk(int fd, void *to, size_t size, off64_t at, size_t room);

#define X(type, name, parameters, arguments, unfit, error)                                  \
	typedef type name##_fn parameters;                                                  \
	static name##_fn *find_##name(void)                                                 \
	{                                                                                   \
		return NEXT(name##_fn, name);                                               \
	}                                                                                   \
	EXPORT type name parameters                                                         \
	{                                                                                   \
		return (type)corrected((ssize_t)find_##name() arguments, fd, unfit, error); \
	}
RW(X)
#undef X

typedef int posix_fallocate_fn(int fd, off_t at, off_t size);
typedef off_t lseek_fn(int fd, off_t offset, int whence);
typedef int sync_fn(int fd);
typedef ssize_t sendfile_fn(int out, int in, off_t *at, size_t size);
typedef ssize_t copy_file_range_fn(int in, off64_t *in_at, int out, off64_t *out_at, size_t size,
                                   unsigned int flags);
typedef ssize_t splice_fn(int in, off64_t *in_at, int out, off64_t *out_at, size_t size,
                          unsigned int flags);
typedef int fcntl_fn(int fd, int command, ...);

/* These return the error. */
static int corrected_code(int r, int fd)
{
	return r == EBADF && is_node(fd) && fits(fd, O_RDONLY) ? ENODEV : r;
}

EXPORT int posix_fallocate(int fd, off_t at, off_t size)
{
	return corrected_code(NEXT(posix_fallocate_fn, posix_fallocate)(fd, at, size), fd);
}

EXPORT int posix_fallocate64(int fd, off64_t at, off64_t size)
{
	return corrected_code(NEXT(posix_fallocate_fn, posix_fallocate64)(fd, at, size), fd);
}

/*
 * What the kernel does, though nobody can see what came of it: the position moves, nothing is written
 * back.  Programs do this a lot, so the first look is the one that costs least.
 */
static off_t corrected_success(off_t r, int fd, int error)
{
	if (r == -1 || (sys_fcntl(fd, F_GETFL, 0) & O_ACCMODE) != O_ACCMODE || !is_node(fd))
		return r;
	errno = error;
	return -1;
}

static lseek_fn *find_lseek(void)
{
	return NEXT(lseek_fn, lseek);
}

EXPORT off_t lseek(int fd, off_t offset, int whence)
{
	return corrected_success(find_lseek()(fd, offset, whence), fd, ESPIPE);
}

EXPORT off64_t lseek64(int fd, off64_t offset, int whence)
{
	return corrected_success(find_lseek()(fd, offset, whence), fd, ESPIPE);
}

static sync_fn *find_fsync(void)
{
	return NEXT(sync_fn, fsync);
}

static sync_fn *find_fdatasync(void)
{
	return NEXT(sync_fn, fdatasync);
}

EXPORT int fsync(int fd)
{
	return (int)corrected_success(find_fsync()(fd), fd, EINVAL);
}

EXPORT int fdatasync(int fd)
{
	return (int)corrected_success(find_fdatasync()(fd), fd, EINVAL);
}

EXPORT ssize_t sendfile(int out, int in, off_t *at, size_t size)
{
	return corrected_pair(NEXT(sendfile_fn, sendfile)(out, in, at, size), in, out);
}

EXPORT ssize_t sendfile64(int out, int in, off64_t *at, size_t size)
{
	return corrected_pair(NEXT(sendfile_fn, sendfile64)(out, in, at, size), in, out);
}

/* It is for regular files only, and says so before it looks at modes. */
EXPORT ssize_t copy_file_range(int in, off64_t *in_at, int out, off64_t *out_at, size_t size,
                               unsigned int flags)
{
	ssize_t r = NEXT(copy_file_range_fn, copy_file_range)(in, in_at, out, out_at, size, flags);

	if (r == -1 && errno == EBADF && (is_node(in) || is_node(out)) &&
	    sys_fcntl(in, F_GETFD, 0) >= 0 && sys_fcntl(out, F_GETFD, 0) >= 0)
		errno = EINVAL;
	return r;
}

EXPORT ssize_t splice(int in, off64_t *in_at, int out, off64_t *out_at, size_t size,
                      unsigned int flags)
{
	return corrected_pair(NEXT(splice_fn, splice)(in, in_at, out, out_at, size, flags), in,
	                      out);
}

/* F_GETFL tells what the program has opened. */
static int corrected_flags(int r, int fd, int command)
{
	if (command != F_GETFL || r == -1 || (r & O_ACCMODE) != O_ACCMODE || !is_node(fd))
		return r;
	return (r & ~O_ACCMODE) | file_mode(fd);
}

static fcntl_fn *find_fcntl(void)
{
	return NEXT(fcntl_fn, fcntl);
}

EXPORT int fcntl(int fd, int command, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, command);
	arg = va_arg(ap, void *); /* as libc has it: there or not */
	va_end(ap);
	return corrected_flags(find_fcntl()(fd, command, arg), fd, command);
}

EXPORT int fcntl64(int fd, int command, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, command);
	arg = va_arg(ap, void *);
	va_end(ap);
	return corrected_flags(find_fcntl()(fd, command, arg), fd, command);
}

/* Signal handlers call these, and the dynamic linker may not be asked there. */
__attribute__((constructor)) static void loaded(void)
{
	find_read();
	find_write();
	find_pread();
	find_pwrite();
	find_readv();
	find_writev();
	find_lseek();
	find_fsync();
	find_fdatasync();
	find_fcntl();
}
