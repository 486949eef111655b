// SPDX-License-Identifier: Apache-2.0
#include "enclave/text.h"

#include <stdint.h>

#include "enclave/heap.h"
#include "enclave/string.h"

char *encl_hex(const void *bytes, size_t count, char *ret)
{
	static const char digit[] = "0123456789abcdef";
	const uint8_t *p = bytes;

	for (size_t i = 0; i < count; i++) {
		ret[2 * i] = digit[p[i] >> 4];
		ret[2 * i + 1] = digit[p[i] & 15];
	}
	ret[2 * count] = '\0';
	return ret;
}

char *encl_join(int count, char *const *words)
{
	size_t size = 1;
	char *ret, *end;

	for (int i = 0; i < count; i++)
		size += strlen(words[i]) + 1;
	ret = end = encl_alloc(size);
	for (int i = 0; ret && i < count; i++) {
		size_t length = strlen(words[i]);

		if (i > 0)
			*end++ = ' ';
		memcpy(end, words[i], length);
		end += length;
	}
	return ret;
}
