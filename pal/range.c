// SPDX-License-Identifier: Apache-2.0
/* Reserved address space; see range.h. */
#include "pal/range.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

#define RESERVE_FLAGS (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

static void unmap(uint64_t start, uint64_t size)
{
	if (size > 0)
		munmap((void *)start, size);
}

int range_reserve(uint64_t size, struct range *ret)
{
	uint64_t got, start;
	void *map;

	if (size == 0 || (size & (size - 1)) != 0 || size > UINT64_MAX / 4)
		return -EINVAL;
	/* Twice the size holds an aligned range wherever it begins; the rest is given back. */
	map = mmap(NULL, 2 * size, PROT_NONE, RESERVE_FLAGS, -1, 0);
	if (map == MAP_FAILED)
		return -errno;
	got = (uint64_t)map;
	start = (got + size - 1) & -size;
	unmap(got, start - got);
	unmap(start + size, got + size - start);
	*ret = (struct range){ .start = start, .size = size };
	return 0;
}

int range_reserve_at(uint64_t start, uint64_t size, struct range *ret)
{
	void *map =
		mmap((void *)start, size, PROT_NONE, RESERVE_FLAGS | MAP_FIXED_NOREPLACE, -1, 0);

	if (map == MAP_FAILED)
		return -errno;
	if ((uint64_t)map != start) { /* a kernel before 4.17 takes the address for a hint */
		munmap(map, size);
		return -EEXIST;
	}
	*ret = (struct range){ .start = start, .size = size };
	return 0;
}

void range_release(struct range *range)
{
	unmap(range->start, range->size);
	*range = (struct range){ 0 };
}
