// SPDX-License-Identifier: Apache-2.0
/* The SGX extension, entry by entry. */
#include "tests/unit/lib/dcap/extension.h"

#include <assert.h>
#include <string.h>

#include "lib/crypto/der.h"
#include "lib/dcap/pck.h"

#define SEQUENCE 0x30

void out_tlv(struct out *o, uint8_t tag, const void *content, size_t size)
{
	assert(size < 0x10000 && o->size + size + 4 <= sizeof(o->data));
	o->data[o->size++] = tag;
	if (size >= 0x100) {
		o->data[o->size++] = 0x82;
		o->data[o->size++] = (uint8_t)(size >> 8);
	} else if (size >= 0x80) {
		o->data[o->size++] = 0x81;
	}
	o->data[o->size++] = (uint8_t)size;
	memcpy(o->data + o->size, content, size);
	o->size += size;
}

/* One SEQUENCE { OID, value }, with the mistakes that are for it. */
static void entry(const struct extension_spec *s, struct out *list, int name, uint8_t tag,
                  const void *content, size_t size)
{
	uint8_t oid[16] = DCAP_PCK_OID, value[4096] = { 0 };
	size_t oid_size = 9;
	struct out inner = { .size = 0 };

	if (s->omit == name)
		return;
	if (name > 0xff)
		oid[oid_size++] = (uint8_t)(name >> 8);
	oid[oid_size++] = (uint8_t)(s->foreign == name ? 0x55 : name & 0xff);
	memcpy(value, content, size);
	out_tlv(&inner, DER_OID, oid, oid_size);
	out_tlv(&inner, s->mistyped == name ? 0x0c : tag, value, size + (s->longer == name));
	if (s->trailing == name)
		out_tlv(&inner, 0x05, "", 0);
	out_tlv(list, SEQUENCE, inner.data, inner.size);
	if (s->twice == name)
		out_tlv(list, SEQUENCE, inner.data, inner.size);
}

static void number(const struct extension_spec *s, struct out *list, int name, uint32_t value)
{
	uint8_t bytes[6] = { 0 };
	size_t size = 0;

	if (s->negative == name) {
		bytes[size++] = 0xff;
	} else {
		if (s->padded == name)
			bytes[size++] = 0;
		for (int shift = 24; shift >= 0; shift -= 8) {
			uint8_t byte = (uint8_t)(value >> shift);

			if (size == (s->padded == name) && byte & 0x80)
				bytes[size++] = 0;
			if (byte || size > (s->padded == name) || shift == 0)
				bytes[size++] = byte;
		}
	}
	entry(s, list, name, DER_INTEGER, bytes, size);
}

static void tcb(const struct extension_spec *s, struct out *list)
{
	struct out inner = { .size = 0 };

	for (int i = 1; i <= 16; i++)
		number(s, &inner, 0x200 + i, i == 1 && s->big_svn ? s->big_svn : s->svn[i - 1]);
	number(s, &inner, 0x211, s->pcesvn);
	entry(s, &inner, 0x212, DER_OCTETS, s->svn, 16);
	entry(s, list, 2, SEQUENCE, inner.data, inner.size);
}

static void configuration(const struct extension_spec *s, struct out *list)
{
	static const uint8_t yes = 0xff, no = 0;
	struct out inner = { .size = 0 };

	entry(s, &inner, 0x701, DER_BOOLEAN, &yes, 1);
	entry(s, &inner, 0x702, DER_BOOLEAN, &no, 1);
	entry(s, &inner, 0x703, DER_BOOLEAN, &yes, 1);
	entry(s, list, 7, SEQUENCE, inner.data, inner.size);
}

void extension_make(const struct extension_spec *s, struct out *o)
{
	static const uint8_t ppid[17] = "ppid ppid ppid p", instance[17] = "this is platform";
	static const uint8_t scalable = 1;
	struct out list = { .size = 0 };

	entry(s, &list, 1, DER_OCTETS, ppid, 16);
	tcb(s, &list);
	entry(s, &list, 3, DER_OCTETS, s->pceid, sizeof(s->pceid));
	entry(s, &list, 4, DER_OCTETS, s->fmspc, sizeof(s->fmspc));
	entry(s, &list, 5, DER_ENUMERATED, &scalable, 1);
	if (s->is_platform) {
		entry(s, &list, 6, DER_OCTETS, instance, 16);
		configuration(s, &list);
	}
	o->size = 0;
	out_tlv(o, SEQUENCE, list.data, list.size);
	if (s->outer_trailing)
		out_tlv(o, 0x05, "", 0);
}
