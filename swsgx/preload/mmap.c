// SPDX-License-Identifier: Apache-2.0
/*
 * mmap, munmap, mprotect, mremap and madvise: what concerns enclaves goes to the driver.  Each of the others
 * costs one look at the descriptor or at a counter.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>

#include "swsgx/driver/enclave.h"
#include "swsgx/driver/file.h"
#include "swsgx/driver/mmap.h"
#include "swsgx/driver/space.h"
#include "swsgx/preload/init.h"
#include "swsgx/preload/next.h"

typedef void *mmap_fn(void *addr, size_t len, int prot, int flags, int fd, off_t offset);
typedef int munmap_fn(void *addr, size_t len);
typedef int madvise_fn(void *addr, size_t len, int advice);
typedef int mprotect_fn(void *addr, size_t len, int prot);
typedef void *mremap_fn(void *addr, size_t old_len, size_t len, int flags, ...);

static void *mmap_result(int r, uint64_t at)
{
	if (r == 0)
		return (void *)at;
	errno = -r;
	return MAP_FAILED;
}

/* True: it was an enclave's business, and *ret is what mmap returns. */
static bool map_enclave(void *addr, size_t len, int prot, int flags, int fd, off_t offset,
                        void **ret)
{
	uint64_t at = 0, where = (uintptr_t)addr;
	int r;

	if (!(flags & MAP_ANONYMOUS) && fd >= 0 && enclave_is(fd)) {
		r = init_sgx();
		if (r == 0)
			r = driver_mmap(where, len, prot, flags, fd, (uint64_t)offset, &at);
		*ret = mmap_result(r, at);
		return true;
	}
	if (!(flags & MAP_FIXED) || !space_overlaps(where, len))
		return false;
	r = driver_mmap_over(where, len, prot, flags, fd, (uint64_t)offset, &at);
	*ret = mmap_result(r, at);
	return true;
}

/* The provision node has no mmap at all. */
static void *corrected(void *r, int flags, int fd)
{
	if (r == MAP_FAILED && errno == EACCES && !(flags & MAP_ANONYMOUS) && provision_is(fd) &&
	    file_mode(fd) != O_WRONLY)
		errno = ENODEV;
	return r;
}

EXPORT void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	void *ret;

	return map_enclave(addr, len, prot, flags, fd, offset, &ret)
	               ? ret
	               : corrected(NEXT(mmap_fn, mmap)(addr, len, prot, flags, fd, offset), flags,
	                           fd);
}

EXPORT void *mmap64(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	void *ret;

	return map_enclave(addr, len, prot, flags, fd, offset, &ret)
	               ? ret
	               : corrected(NEXT(mmap_fn, mmap64)(addr, len, prot, flags, fd, offset), flags,
	                           fd);
}

EXPORT int munmap(void *addr, size_t len)
{
	if (!space_overlaps((uintptr_t)addr, len))
		return NEXT(munmap_fn, munmap)(addr, len);
	return next_result(driver_munmap((uintptr_t)addr, len));
}

EXPORT int mprotect(void *addr, size_t len, int prot)
{
	if (!space_overlaps((uintptr_t)addr, len))
		return NEXT(mprotect_fn, mprotect)(addr, len, prot);
	return next_result(driver_mprotect((uintptr_t)addr, len, prot));
}

EXPORT int madvise(void *addr, size_t len, int advice)
{
	int r = driver_madvise((uintptr_t)addr, len, advice);

	return r < 0 ? next_result(r) : NEXT(madvise_fn, madvise)(addr, len, advice);
}

EXPORT void *mremap(void *addr, size_t old_len, size_t len, int flags, ...)
{
	void *to;
	va_list ap;

	va_start(ap, flags);
	to = va_arg(ap, void *); /* there or not, it is only passed on */
	va_end(ap);
	if (!space_overlaps((uintptr_t)addr, old_len))
		return NEXT(mremap_fn, mremap)(addr, old_len, len, flags, to);
	if (flags & MREMAP_FIXED)
		return mmap_result(-EINVAL, 0);
	return mmap_result(driver_mremap((uintptr_t)addr, old_len, len), (uintptr_t)addr);
}
