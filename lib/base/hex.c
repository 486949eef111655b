// SPDX-License-Identifier: Apache-2.0
/* Hexadecimal text and numbers; see hex.h. */
#include "lib/base/hex.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void hex_encode(const void *bytes, size_t size, char *text)
{
	static const char digit[] = "0123456789abcdef";
	const uint8_t *b = bytes;

	for (size_t i = 0; i < size; i++) {
		text[2 * i] = digit[b[i] >> 4];
		text[2 * i + 1] = digit[b[i] & 15];
	}
	text[2 * size] = '\0';
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int hex_decode(const char *text, void *ret, size_t size)
{
	uint8_t *b = ret;

	if (strlen(text) != 2 * size)
		return -EINVAL;
	for (size_t i = 0; i < 2 * size; i++) {
		if (hex_value(text[i]) < 0)
			return -EINVAL;
	}
	for (size_t i = 0; i < size; i++)
		b[i] = (uint8_t)(hex_value(text[2 * i]) << 4 | hex_value(text[2 * i + 1]));
	return 0;
}

int parse_u64(const char *text, uint64_t max, uint64_t *ret)
{
	int base = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10;
	const char *digits = base == 16 ? text + 2 : text;
	unsigned long long value;
	char *end;

	/* strtoull takes blanks, signs and a second 0x; users do not mean them. */
	if (hex_value(*digits) < 0 || (base == 10 && hex_value(*digits) > 9))
		return -EINVAL;
	if (base == 16 && (digits[1] == 'x' || digits[1] == 'X'))
		return -EINVAL;
	errno = 0;
	value = strtoull(digits, &end, base);
	if (*end != '\0')
		return -EINVAL;
	if (errno == ERANGE || value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}
