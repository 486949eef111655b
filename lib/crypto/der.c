// SPDX-License-Identifier: Apache-2.0
/* DER elements, one after the other. */
#include "lib/crypto/der.h"

#include <limits.h>
#include <openssl/asn1.h>
#include <openssl/err.h>

/* Header of the next element: its tag (-1: none), and where its content is. */
static int header(const struct der *in, struct der *content)
{
	const unsigned char *at = in->data;
	int found, class, flags;
	bool constructed;
	long size;

	if (in->size == 0 || in->size > LONG_MAX)
		return -1;
	flags = ASN1_get_object(&at, &size, &found, &class, (long)in->size);
	if (flags & 0x80) {
		ERR_clear_error();
		return -1;
	}
	/* The lowest bit is an indefinite length. */
	if (flags & 1 || size < 0 || (size_t)size > in->size - (size_t)(at - in->data))
		return -1;
	content->data = at;
	content->size = (size_t)size;
	constructed = flags == V_ASN1_CONSTRUCTED;
	if (class == V_ASN1_CONTEXT_SPECIFIC && constructed && found < 0x100)
		return DER_CONTEXT(found);
	if (class != V_ASN1_UNIVERSAL || constructed != (found == DER_SEQUENCE || found == DER_SET))
		return -1;
	return found;
}

int der_peek(const struct der *in)
{
	struct der content;

	return header(in, &content);
}

bool der_next(struct der *in, int tag, struct der *ret)
{
	struct der content;

	if (header(in, &content) != tag)
		return false;
	in->size -= (size_t)(content.data - in->data) + content.size;
	in->data = content.data + content.size;
	*ret = content;
	return true;
}

bool der_number(const struct der *content, uint32_t max, uint32_t *ret)
{
	const uint8_t *d = content->data;
	uint64_t value = 0;

	if (content->size == 0 || content->size > 5 || d[0] & 0x80)
		return false;
	if (content->size > 1 && d[0] == 0 && !(d[1] & 0x80))
		return false; /* not minimal */
	for (size_t i = 0; i < content->size; i++)
		value = value << 8 | d[i];
	if (value > max)
		return false;
	*ret = (uint32_t)value;
	return true;
}

bool der_bool(const struct der *content, bool *ret)
{
	if (content->size != 1 || (content->data[0] != 0 && content->data[0] != 0xff))
		return false;
	*ret = content->data[0] != 0;
	return true;
}
