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
#include "swsgx/driver/file.h"
#include "swsgx/driver/space.h"
#include "swsgx/driver/sys.h"
#include "swsgx/driver/trace.h"

#ifndef PROT_SEM
#define PROT_SEM 0x8
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif
#define TASK_SIZE (((uint64_t)1 << 47) - SGX_PAGE_SIZE)

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
	for (uint64_t la = start; (la = enclave_page_next(e, la, end)) < end; la += SGX_PAGE_SIZE) {
		int epcm_prot, max_prot;

		if (enclave_page(e, la, &epcm_prot, &max_prot) && (prot & ~max_prot) != 0)
			return -EACCES;
	}
	return 0;
}

/*
 * The kernel's own search for an address, when none is given.  What is there is nothing yet, until
 * space_sync shows the file.
 */
static int place(uint64_t addr, uint64_t len, int flags, uint64_t *ret)
{
	long at = sys_mmap(addr, len, PROT_NONE,
	                   (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE | MAP_32BIT)) | MAP_PRIVATE |
	                           MAP_ANONYMOUS | MAP_NORESERVE,
	                   -1, 0);

	if (sys_failed(at))
		return (int)at;
	*ret = (uint64_t)at;
	return 0;
}

/*
 * [start, end) shows no enclave any more.  Enclaves that are found by their address die of the first
 * part they lose, and what is left of them is not there.
 */
static void unmapped(uint64_t start, uint64_t end)
{
	struct space_range *r = space_first(start);
	bool has_died = false;

	for (; r != NULL && r < space_end() && r->start < end; r++) {
		struct enclave_state *state = r->enclave->state;

		if (!driver_abi(state->abi)->by_address || state->size == 0)
			continue;
		__atomic_store_n(&state->dead, 1, __ATOMIC_RELEASE);
		has_died = true;
	}
	space_forget(start, end);
	for (r = space_first(0); has_died && r != NULL && r < space_end(); r++)
		if (enclave_dead(r->enclave))
			space_sync(r->start, r->end);
}

/* An address that is a multiple of len: the first after addr, or after a hole for two of them. */
static int place_aligned(uint64_t addr, uint64_t len, int flags, uint64_t *ret)
{
	uint64_t at = (addr + len - 1) & ~(len - 1), hole, hole_end;
	int r;

	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))
		return place(at, len, flags, ret);
	r = place(addr, 2 * len, flags, &hole);
	if (r < 0)
		return r;
	hole_end = hole + 2 * len;
	at = (hole + len - 1) & ~(len - 1);
	if (at > hole)
		sys_munmap(hole, at - hole);
	if (at + len < hole_end)
		sys_munmap(at + len, hole_end - at - len);
	*ret = at;
	return 0;
}

/* A range for an enclave that is found by its address; its file has no other name than that. */
static int map_new(uint32_t abi, uint64_t addr, uint64_t len, int prot, int flags, bool may_write,
                   uint64_t *ret)
{
	struct enclave *e;
	uint64_t at = 0;
	int fd, r;

	if (len < 2 * SGX_PAGE_SIZE || (len & (len - 1)) != 0 || len > ENCLAVE_SIZE_MAX)
		return -EINVAL;
	fd = enclave_open(abi, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return fd;
	/* First the place that was asked for: the view could take it. */
	r = place_aligned(addr, len, flags, &at);
	if (r == 0) {
		unmapped(at, at + len);
		r = enclave_get(fd, &e);
		if (r < 0)
			sys_munmap(at, len);
	}
	sys_close(fd);
	if (r < 0)
		return r;
	space_add(at, at + len, e, prot, may_write);
	*ret = at;
	return 0;
}

static int map_locked(uint64_t addr, uint64_t len, int prot, int flags, int fd, uint64_t *ret)
{
	bool may_write = file_mode(fd) == O_RDWR;
	struct enclave *e;
	uint64_t at = addr;
	uint32_t abi;
	int r = enclave_abi(fd, &abi);

	if (r < 0)
		return r == -ENOTTY ? -ENODEV : r;
	r = space_reserve(3);
	if (r < 0)
		return r;
	if (driver_abi(abi)->by_address)
		return map_new(abi, addr, len, prot, flags, may_write, ret);
	r = enclave_get(fd, &e);
	if (r < 0)
		return r;
	if ((flags & MAP_FIXED) && !(flags & MAP_FIXED_NOREPLACE)) {
		r = may_map(e, at, at + len, prot);
		if (r < 0)
			return r;
		r = place(addr, len, flags, &at);
		if (r < 0)
			return r;
		unmapped(at, at + len);
	} else {
		r = place(addr, len, flags, &at);
		if (r < 0)
			return r;
		r = may_map(e, at, at + len, prot);
		if (r < 0) {
			sys_munmap(at, len);
			return r;
		}
	}
	space_add(at, at + len, e, prot, may_write);
	space_sync(at, at + len);
	*ret = at;
	return 0;
}

/* What the kernel asks of any mapping of a file, before it asks the driver; page_up(len) is not 0. */
static int check_file(uint64_t addr, uint64_t len, int prot, int flags, int fd)
{
	int mode = file_mode(fd);

	if (page_up(len) > TASK_SIZE || ((flags & MAP_FIXED) && addr > TASK_SIZE - page_up(len)))
		return -ENOMEM;
	if ((flags & MAP_FIXED) && addr % SGX_PAGE_SIZE != 0)
		return -EINVAL;
	if (!(flags & MAP_SHARED))
		return -EINVAL;
	if (mode == O_WRONLY || (mode == O_RDONLY && (prot & PROT_WRITE)))
		return -EACCES;
	return 0;
}

static int map(uint64_t addr, size_t len, int prot, int flags, int fd, uint64_t offset,
               uint64_t *ret)
{
	uint64_t mask;
	int r;

	if (offset % SGX_PAGE_SIZE != 0 || len == 0)
		return -EINVAL;
	if (page_up(len) == 0)
		return -ENOMEM;
	if (flags & MAP_PRIVATE) /* MAP_SHARED_VALIDATE has this bit too, as with the driver */
		return -EINVAL;
	r = check_file(addr, len, prot, flags, fd);
	if (r < 0)
		return r;
	space_lock(&mask);
	r = map_locked(addr, page_up(len), prot, flags, fd, ret);
	enclave_sweep();
	space_unlock(&mask);
	return r;
}

int driver_mmap(uint64_t addr, size_t len, int prot, int flags, int fd, uint64_t offset,
                uint64_t *ret)
{
	struct trace_call call;
	int r;

	trace_begin(&call, NULL);
	r = map(addr, len, prot, flags, fd, offset, ret);
	trace_map(&call, "mmap", r < 0 ? addr : *ret, len, prot, fd, r);
	return r;
}

static int protect_part(struct space_range *range, uint64_t start, uint64_t end, int prot)
{
	const struct driver_abi *abi = driver_abi(range->enclave->state->abi);
	int r = 0;

	if ((prot & PROT_WRITE) && !range->may_write)
		return -EACCES;
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

static int protect(uint64_t addr, size_t len, int prot)
{
	uint64_t mask, end = addr + page_up(len);
	int r;

	if (addr % SGX_PAGE_SIZE != 0)
		return -EINVAL;
	if (len == 0)
		return 0;
	if (end <= addr)
		return -ENOMEM;
	if ((prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM)) != 0)
		return -EINVAL;
	space_lock(&mask);
	r = protect_locked(addr, end, prot);
	space_unlock(&mask);
	return r;
}

int driver_mprotect(uint64_t addr, size_t len, int prot)
{
	struct trace_call call;
	int r;

	trace_begin(&call, NULL);
	r = protect(addr, len, prot);
	trace_map(&call, "mprotect", addr, len, prot, -1, r);
	return r;
}

int driver_munmap(uint64_t addr, size_t len)
{
	struct trace_call call;
	uint64_t mask;
	int r;

	trace_begin(&call, NULL);
	space_lock(&mask);
	r = space_reserve(1);
	if (r == 0)
		r = (int)sys_munmap(addr, len);
	if (r == 0) {
		unmapped(addr, addr + page_up(len));
		enclave_sweep();
	}
	space_unlock(&mask);
	trace_map(&call, "munmap", addr, len, -1, -1, r);
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
		unmapped(addr, addr + page_up(len));
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

/* What the kernel refuses for any mapping that has VM_PFNMAP or VM_IO. */
static bool is_refused(int advice)
{
	switch (advice) {
	case MADV_DONTNEED:
	case MADV_FREE:
	case MADV_COLD:
	case MADV_PAGEOUT:
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
	case MADV_DONTNEED_LOCKED:
	case MADV_WIPEONFORK:
	case MADV_DOFORK:
	case MADV_DODUMP: return true;
	default: return false;
	}
}

int driver_madvise(uint64_t addr, size_t len, int advice)
{
	if ((advice != MADV_REMOVE && !is_refused(advice)) || !space_overlaps(addr, len))
		return 0;
	return advice == MADV_REMOVE && addr % SGX_PAGE_SIZE == 0 ? -ENODEV : -EINVAL;
}
