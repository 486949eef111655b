/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reserved address space: the enclave's linear range, which must be aligned to its size.  Reserved
 * pages are an anonymous PROT_NONE mapping; whatever is mapped over them goes with the range.
 */
#ifndef PAL_RANGE_H
#define PAL_RANGE_H

#include <stdint.h>

struct range {
	uint64_t start;
	uint64_t size; /* 0: no range */
};

/* Reserve size bytes, a power of 2, at a multiple of size: 0 or -errno. */
int range_reserve(uint64_t size, struct range *ret);
/* Reserve just these pages; -EEXIST when some of them are taken. */
int range_reserve_at(uint64_t start, uint64_t size, struct range *ret);
/* Unmap; the range is then empty.  An empty range is fine. */
void range_release(struct range *range);

#endif
