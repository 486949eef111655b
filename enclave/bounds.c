// SPDX-License-Identifier: Apache-2.0
/*
 * Range checks of host addresses, and the two copies.  Reject, never clamp.  Loads are whole aligned
 * words; stores are too, but for the odd bytes at both ends (insn.h says why).
 */
#include "enclave/bounds.h"

#include "enclave/errno.h"
#include "enclave/image.h"
#include "enclave/insn.h"

#define USER_TOP (UINT64_C(1) << 47) /* addresses of user space with 4-level paging are below */

bool range_outside(uint64_t base, uint64_t limit, uint64_t address, uint64_t size)
{
	uint64_t last;

	if (address == 0 || __builtin_add_overflow(address, (size ? size : 1) - 1, &last))
		return false;
	if (last >= USER_TOP)
		return false;
	return last < base || address >= base + limit;
}

bool host_range_ok(hptr address, uint64_t size)
{
	return range_outside(encl_base(), encl_size(), address.v, size);
}

int copy_in(void *to, hptr from, size_t size)
{
	uint8_t *d = to;
	uint64_t address = from.v;

	if (!host_range_ok(from, size))
		return -EFAULT;
	lfence();
	while (size > 0) {
		size_t skip = address & 7;
		size_t count = 8 - skip < size ? 8 - skip : size;
		uint64_t word = host_load8(address - skip) >> (8 * skip);

		for (size_t i = 0; i < count; i++, word >>= 8)
			*d++ = (uint8_t)word;
		address += count;
		size -= count;
	}
	return 0;
}

int copy_out(hptr to, const void *from, size_t size)
{
	const uint8_t *s = from;
	uint64_t address = to.v;

	if (!host_range_ok(to, size))
		return -EFAULT;
	lfence();
	for (; size > 0 && (address & 7); size--)
		host_store1(address++, *s++);
	for (; size >= 8; size -= 8, address += 8) {
		uint64_t word = 0;

		for (unsigned int i = 0; i < 8; i++)
			word |= (uint64_t)*s++ << (8 * i);
		host_store8(address, word);
	}
	for (; size > 0; size--)
		host_store1(address++, *s++);
	return 0;
}
