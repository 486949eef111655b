/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's memory.  A host address is an hptr, which C cannot dereference; copy_in and copy_out
 * are the only way to what it names, and they check before they touch.  A caller copies once and
 * then uses the copy: the host may change its memory at every instant.
 */
#ifndef ENCLAVE_BOUNDS_H
#define ENCLAVE_BOUNDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	uint64_t v;
} hptr;

/*
 * The size bytes at address are not null, canonical, do not wrap, and no byte of them is in
 * base..base+limit.  Size 0 counts as 1: the pointer is checked even if nothing will be touched.
 */
bool range_outside(uint64_t base, uint64_t limit, uint64_t address, uint64_t size);

/* range_outside of this enclave. */
bool host_range_ok(hptr address, uint64_t size);

/* 0, or -EFAULT and nothing was touched. */
int copy_in(void *to, hptr from, size_t size);
int copy_out(hptr to, const void *from, size_t size);

#endif
