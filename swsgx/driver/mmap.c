// SPDX-License-Identifier: Apache-2.0
/*
 * The driver's rules for mappings.  Before the enclave is created anything may be mapped anywhere;
 * what such a mapping shows, and whether it may, is decided when it is used.
 */
#include "swsgx/driver/mmap.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/personality.h>

#include "swsgx/driver/abi.h"
#include "swsgx/driver/space.h"
#include "swsgx/driver/sys.h"

static uint64_t page_up(uint64_t n)
{
	return (n + SGX_PAGE_SIZE - 1) & ~(uint64_t)(SGX_PAGE_SIZE - 1);
}

/* May [start, end) be mapped with prot?  0 or -EACCES. */
static int may_map(const struct enclave *e, uint64_t start, uint64_t end, int prot)
{
	const struct driver_abi *abi = driver_abi(e->state->abi);
	uint64_t base, size;

	if (sys_call4(SYS_personality, 0xffffffff, 0, 0, 0) & READ_IMPLIES_EXEC)
		return -EACCES;
	if (!enclave_created(e))
		return 0;
	base = e->state->base;
	size = e->state->size;
	if (enclave_initialized(e) && abi->map_only_range &&
	    (start < base || end > base + size || end < start))
		return -EACCES;
	if (prot == PROT_NONE)
		return 0;
	for (uint64_t la = start < base ? base : start; la < end && la - base < size;
	     la += SGX_PAGE_SIZE) {
		int epcm_prot, max_prot;

		if (enclave_page(e, la, &epcm_prot, &max_prot) && (prot & ~max_prot) != 0)
			return -EACCES;
	}
	return 0;
}

/* The kernel's own search for an address, when none is given. */
static int place(uint64_t addr, uint64_t len, int flags, int fd, uint64_t *ret)
{
	long at = sys_mmap(addr, len, PROT_NONE, flags, fd, 0);

	if (sys_failed(at))
		return (int)at;
	*ret = (uint64_t)at;
	return 0;
}

/* Flags of the real mapping: as asked for, without what only makes sense for real pages. */
static int real_flags(int flags)
{
	return (flags & ~(MAP_POPULATE | MAP_NONBLOCK | MAP_LOCKED | MAP_SYNC | MAP_TYPE)) |
	       MAP_SHARED | MAP_NORESERVE;
}

static int map_locked(uint64_t addr, uint64_t len, int prot, int flags, int fd, uint64_t *ret)
{
	struct enclave *e;
	uint64_t at = addr;
	int r = enclave_get(fd, &e);

	if (r < 0)
		return r == -ENOTTY ? -ENODEV : r;
	r = space_reserve(3);
	if (r < 0)
		return r;
	if ((flags & MAP_FIXED) && !(flags & MAP_FIXED_NOREPLACE)) {
		r = may_map(e, at, at + len, prot);
		if (r < 0)
			return r;
		r = place(addr, len, real_flags(flags), fd, &at);
		if (r < 0)
			return r;
		space_forget(at, at + len);
	} else {
		r = place(addr, len, real_flags(flags), fd, &at);
		if (r < 0)
			return r;
		r = may_map(e, at, at + len, prot);
		if (r < 0) {
			sys_munmap(at, len);
			return r;
		}
	}
	space_add(at, at + len, e, prot & (PROT_READ | PROT_WRITE | PROT_EXEC));
	space_sync(at, at + len);
	*ret = at;
	return 0;
}

int driver_mmap(uint64_t addr, size_t len, int prot, int flags, int fd, uint64_t *ret)
{
	uint64_t mask;
	int r;

	if (flags & MAP_PRIVATE) /* MAP_SHARED_VALIDATE has this bit too, as with the driver */
		return -EINVAL;
	if (!(flags & MAP_SHARED) || len == 0)
		return -EINVAL;
	if (len > ENCLAVE_FILE_SIZE)
		return -ENOMEM;
	if ((flags & MAP_FIXED) && addr % SGX_PAGE_SIZE != 0)
		return -EINVAL;
	space_lock(&mask);
	r = map_locked(addr, page_up(len), prot, flags, fd, ret);
	enclave_sweep();
	space_unlock(&mask);
	return r;
}

static int protect_part(struct space_range *range, uint64_t start, uint64_t end, int prot)
{
	const struct driver_abi *abi = driver_abi(range->enclave->state->abi);
	int r = 0;

	if (abi->mprotect_checks)
		r = may_map(range->enclave, start, end, prot);
	if (r < 0)
		return r;
	r = space_reserve(2);
	if (r < 0)
		return r;
	space_set_prot(range, start, end, prot & (PROT_READ | PROT_WRITE | PROT_EXEC));
	space_sync(start, end);
	return 0;
}

/* One mapping after the other, as the kernel does: those before an error stay changed. */
static int protect_locked(uint64_t start, uint64_t end, int prot)
{
	uint64_t at = start;
	int r = 0;

	while (at < end && r == 0) {
		struct space_range *range = space_first(at);
		uint64_t stop = range == NULL || range->start >= end ? end : range->start;

		if (stop > at) {
			r = (int)sys_mprotect(at, stop - at, prot);
		} else {
			stop = range->end < end ? range->end : end;
			r = protect_part(range, at, stop, prot);
		}
		at = stop;
	}
	return r;
}

int driver_mprotect(uint64_t addr, size_t len, int prot)
{
	uint64_t mask, end = addr + page_up(len);
	int r;

	if (addr % SGX_PAGE_SIZE != 0)
		return -EINVAL;
	if (end < addr)
		return -ENOMEM;
	space_lock(&mask);
	r = protect_locked(addr, end, prot);
	space_unlock(&mask);
	return r;
}

int driver_munmap(uint64_t addr, size_t len)
{
	uint64_t mask;
	int r;

	space_lock(&mask);
	r = space_reserve(1);
	if (r == 0)
		r = (int)sys_munmap(addr, len);
	if (r == 0) {
		space_forget(addr, addr + page_up(len));
		enclave_sweep();
	}
	space_unlock(&mask);
	return r;
}

int driver_mmap_over(uint64_t addr, size_t len, int prot, int flags, int fd, uint64_t offset,
                     uint64_t *ret)
{
	uint64_t mask;
	long at;
	int r;

	space_lock(&mask);
	r = space_reserve(1);
	if (r == 0) {
		at = sys_mmap(addr, len, prot, flags, fd, offset);
		if (sys_failed(at))
			r = (int)at;
		else
			*ret = (uint64_t)at;
	}
	if (r == 0) {
		space_forget(addr, addr + page_up(len));
		enclave_sweep();
	}
	space_unlock(&mask);
	return r;
}

int driver_mremap(uint64_t addr, size_t old_len, size_t len)
{
	if (addr % SGX_PAGE_SIZE != 0 || len == 0)
		return -EINVAL;
	if (page_up(len) > page_up(old_len))
		return -EFAULT;
	if (page_up(len) == page_up(old_len))
		return 0;
	return driver_munmap(addr + page_up(len), page_up(old_len) - page_up(len));
}
