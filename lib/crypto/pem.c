// SPDX-License-Identifier: Apache-2.0
/* PEM blocks: the armour is found here, the base64 is OpenSSL's. */
#include "lib/crypto/pem.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_SIZE 64 /* of an armour line */

/* Base64 is decoded in pieces of this many characters, so that none of them needs the heap. */
#define PIECE 256

struct decoder {
	uint8_t *out;
	size_t cap, size;
	unsigned char piece[PIECE];
	size_t count;
	bool ended; /* padding was seen */
};

static int flush(struct decoder *d)
{
	unsigned char plain[PIECE / 4 * 3];
	size_t padding = 0, size;

	if (d->count == 0)
		return 0;
	if (d->count % 4 != 0 || d->ended)
		return -EINVAL;
	while (padding < 2 && d->piece[d->count - 1 - padding] == '=')
		padding++;
	/* EVP_DecodeBlock would take padding anywhere. */
	if (memchr(d->piece, '=', d->count - padding))
		return -EINVAL;
	if (EVP_DecodeBlock(plain, d->piece, (int)d->count) < 0)
		return -EINVAL;
	size = d->count / 4 * 3 - padding;
	if (size > d->cap - d->size)
		return -EFBIG;
	memcpy(d->out + d->size, plain, size);
	d->size += size;
	d->count = 0;
	d->ended = padding > 0;
	return 0;
}

static long decode(const char *text, size_t size, uint8_t *out, size_t cap)
{
	struct decoder d = { .out = out, .cap = cap };
	int r;

	for (size_t i = 0; i < size; i++) {
		if (strchr(" \t\r\n", text[i]) && text[i])
			continue;
		if (d.count == PIECE && (r = flush(&d)) < 0)
			return r;
		d.piece[d.count++] = (unsigned char)text[i];
	}
	r = flush(&d);
	if (r < 0)
		return r;
	return d.size > 0 ? (long)d.size : -EINVAL;
}

long pem_next(struct pem *in, const char *label, uint8_t *out, size_t cap)
{
	char begin[LINE_MAX_SIZE], end[LINE_MAX_SIZE];
	int begin_size = snprintf(begin, sizeof(begin), "-----BEGIN %s-----", label);
	int end_size = snprintf(end, sizeof(end), "-----END %s-----", label);
	const char *from, *to;
	size_t left;

	from = memmem(in->text, in->size, begin, (size_t)begin_size);
	if (!from)
		return 0;
	from += begin_size;
	left = in->size - (size_t)(from - in->text);
	to = memmem(from, left, end, (size_t)end_size);
	if (!to)
		return -EINVAL;
	in->text = to + end_size;
	in->size = left - (size_t)(to - from) - (size_t)end_size;
	return decode(from, (size_t)(to - from), out, cap);
}
