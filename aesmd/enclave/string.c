// SPDX-License-Identifier: Apache-2.0
/* Copies and comparisons; compiled so that the compiler does not make calls of them to themselves. */
#include "aesmd/enclave/trusted.h"

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	while (size-- > 0)
		*t++ = *f++;
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	uint8_t *t = to;

	while (size-- > 0)
		*t++ = (uint8_t)byte;
	return to;
}

bool trusted_equal(const void *a, const void *b, size_t size)
{
	const uint8_t *x = a, *y = b;
	uint8_t difference = 0;

	while (size-- > 0)
		difference |= (uint8_t)(*x++ ^ *y++);
	return difference == 0;
}
