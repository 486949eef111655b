// SPDX-License-Identifier: Apache-2.0
/*
 * memcpy and its kin: a compiler emits calls to them even for code without a libc.  They rely on
 * RFLAGS.DF being clear, which entry.S makes sure of before any C runs.
 */
#include "enclave/string.h"

#include <stdint.h>

#include "enclave/insn.h"

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	rep_movsb(to, from, size);
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	uint8_t *d = to;
	const uint8_t *s = from;

	if ((uintptr_t)d - (uintptr_t)s >= size) {
		rep_movsb(d, s, size);
	} else {
		while (size > 0) {
			size--;
			d[size] = s[size];
		}
	}
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	rep_stosb(to, (uint8_t)byte, size);
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const uint8_t *p = a, *q = b;

	for (size_t i = 0; i < size; i++)
		if (p[i] != q[i])
			return p[i] < q[i] ? -1 : 1;
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0')
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	size_t i = 0;

	while (a[i] != '\0' && a[i] == b[i])
		i++;
	return (unsigned char)a[i] - (unsigned char)b[i];
}

char *strrchr(const char *s, int c)
{
	const char *found = NULL;

	do {
		if (*s == (char)c)
			found = s;
	} while (*s++ != '\0');
	return (char *)(uintptr_t)found;
}
