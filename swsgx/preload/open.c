// SPDX-License-Identifier: Apache-2.0
/*
 * open and its relatives: the nodes of the SGX drivers and the list of mappings are opened here,
 * every other path by libc.  The names with 64 and those that _FORTIFY_SOURCE calls are the same functions on x86-64.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "swsgx/driver/driver.h"
#include "swsgx/driver/say.h"
#include "swsgx/preload/init.h"
#include "swsgx/preload/maps.h"
#include "swsgx/preload/next.h"

typedef int open_fn(const char *path, int flags, ...);
typedef int openat_fn(int dir, const char *path, int flags, ...);
typedef int open_2_fn(const char *path, int flags);
typedef int openat_2_fn(int dir, const char *path, int flags);

EXPORT int __open_2(const char *path, int flags);
EXPORT int __open64_2(const char *path, int flags);
EXPORT int __openat_2(int dir, const char *path, int flags);
EXPORT int __openat64_2(int dir, const char *path, int flags);

/* A descriptor or -errno. */
static int open_driver(enum driver_node node, uint32_t abi, int flags)
{
	static bool is_said;
	int r = init_sgx();

	if (r == 0)
		r = driver_open(node, abi, flags);
	if (r == -EFBIG)
		say_once(&is_said,
		         "the hard limit of file sizes (ulimit -Hf) is below the 129G of an "
		         "enclave's file, which is sparse: it has to be raised");
	return r;
}

/* True: the path was one of ours, and *ret is what open returns. */
static bool open_node(const char *path, int flags, int *ret)
{
	uint32_t abi;
	enum driver_node node = driver_node(path, &abi);

	if (maps_is(path, flags)) {
		*ret = next_result(maps_open(flags));
		return true;
	}
	if (node == NODE_NONE)
		return false;
	*ret = next_result(open_driver(node, abi, flags));
	return true;
}

/* The mode, which is there only with these flags. */
#define MODE(flags)                                                          \
	({                                                                   \
		mode_t mode = 0;                                             \
		if (((flags)&O_CREAT) || ((flags)&O_TMPFILE) == O_TMPFILE) { \
			va_list ap;                                          \
			va_start(ap, flags);                                 \
			mode = va_arg(ap, mode_t);                           \
			va_end(ap);                                          \
		}                                                            \
		mode;                                                        \
	})

EXPORT int open(const char *path, int flags, ...)
{
	int ret;

	return open_node(path, flags, &ret) ? ret : NEXT(open_fn, open)(path, flags, MODE(flags));
}

EXPORT int open64(const char *path, int flags, ...)
{
	int ret;

	return open_node(path, flags, &ret) ? ret : NEXT(open_fn, open64)(path, flags, MODE(flags));
}

EXPORT int openat(int dir, const char *path, int flags, ...)
{
	int ret;

	return open_node(path, flags, &ret)
	               ? ret
	               : NEXT(openat_fn, openat)(dir, path, flags, MODE(flags));
}

EXPORT int openat64(int dir, const char *path, int flags, ...)
{
	int ret;

	return open_node(path, flags, &ret)
	               ? ret
	               : NEXT(openat_fn, openat64)(dir, path, flags, MODE(flags));
}

EXPORT int __open_2(const char *path, int flags)
{
	int ret;

	return open_node(path, flags, &ret) ? ret : NEXT(open_2_fn, __open_2)(path, flags);
}

EXPORT int __open64_2(const char *path, int flags)
{
	int ret;

	return open_node(path, flags, &ret) ? ret : NEXT(open_2_fn, __open64_2)(path, flags);
}

EXPORT int __openat_2(int dir, const char *path, int flags)
{
	int ret;

	return open_node(path, flags, &ret) ? ret : NEXT(openat_2_fn, __openat_2)(dir, path, flags);
}

EXPORT int __openat64_2(int dir, const char *path, int flags)
{
	int ret;

	return open_node(path, flags, &ret) ? ret
	                                    : NEXT(openat_2_fn, __openat64_2)(dir, path, flags);
}
