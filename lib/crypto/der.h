/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walking DER: a cursor that never leaves its buffer.  Headers are read by OpenSSL's ASN1_get_object;
 * definite lengths only.  Nothing is allocated, and nothing recurses.
 */
#ifndef LIB_CRYPTO_DER_H
#define LIB_CRYPTO_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct der {
	const uint8_t *data;
	size_t size;
};

/* Universal tags, as der_next takes them; and constructed context-specific ones. */
#define DER_BOOLEAN    1
#define DER_INTEGER    2
#define DER_BITS       3
#define DER_OCTETS     4
#define DER_OID        6
#define DER_ENUMERATED 10
#define DER_UTF8       12
#define DER_SEQUENCE   16
#define DER_SET        17
#define DER_PRINTABLE  19
#define DER_T61        20
#define DER_IA5        22
#define DER_UTC_TIME   23
#define DER_TIME       24
#define DER_CONTEXT(n) (0x100 | (n))

/* The tag of the next element, -1 when there is none that der_next could take. */
int der_peek(const struct der *in);
/*
 * Take one element with this tag off the front of in; *ret is its content.  false, and nothing
 * changes, when there is no such element, or one of another tag, class or form.
 */
bool der_next(struct der *in, int tag, struct der *ret);
static inline bool der_at_end(const struct der *in)
{
	return in->size == 0;
}
/* The content of an INTEGER or ENUMERATED: a number from 0 to max, minimally encoded. */
bool der_number(const struct der *content, uint32_t max, uint32_t *ret);
/* The content of a BOOLEAN: 00 or FF. */
bool der_bool(const struct der *content, bool *ret);

#endif
