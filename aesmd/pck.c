// SPDX-License-Identifier: Apache-2.0
/*
 * The SGX extension of a PCK certificate (Intel, SGX PCK certificate and CRL profile): a SEQUENCE of
 * SEQUENCE{OID, value}, the seven entries of a platform CA.  Written inside out: DER wants lengths
 * before what they count.
 */
#include <string.h>

#include "aesmd/platform.h"

#define DER_BOOLEAN    0x01
#define DER_INTEGER    0x02
#define DER_OCTETS     0x04
#define DER_OID        0x06
#define DER_ENUMERATED 0x0a
#define DER_SEQUENCE   0x30

struct der {
	uint8_t bytes[PCK_EXTENSION_MAX];
	size_t size;
};

static void put(struct der *d, uint8_t tag, const void *value, size_t size)
{
	uint8_t head[4] = { tag, (uint8_t)size };
	size_t head_size = 2;

	if (size > 0xff) {
		head[1] = 0x82;
		head[2] = (uint8_t)(size >> 8);
		head[3] = (uint8_t)size;
		head_size = 4;
	} else if (size > 0x7f) {
		head[1] = 0x81;
		head[2] = (uint8_t)size;
		head_size = 3;
	}
	memcpy(d->bytes + d->size, head, head_size);
	memcpy(d->bytes + d->size + head_size, value, size);
	d->size += head_size + size;
}

/* SEQUENCE{OID ...13.1.<a>[.<b>], value}; b 0: none. */
static void put_entry(struct der *d, uint8_t a, uint8_t b, uint8_t tag, const void *value,
                      size_t size)
{
	uint8_t oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 1, 13, 1, a, b };
	struct der inner = { .size = 0 };

	put(&inner, DER_OID, oid, sizeof(oid) - (b == 0));
	put(&inner, tag, value, size);
	put(d, DER_SEQUENCE, inner.bytes, inner.size);
}

static void put_integer(struct der *d, uint8_t a, uint8_t b, uint16_t number)
{
	const uint8_t bytes[] = { 0, (uint8_t)(number >> 8), (uint8_t)number };
	size_t skip = bytes[1] != 0 ? 1 : 2;

	if (bytes[skip] & 0x80) /* it would be negative */
		skip--;
	put_entry(d, a, b, DER_INTEGER, bytes + skip, sizeof(bytes) - skip);
}

static void put_tcb(struct der *d, const struct pck_tcb *tcb)
{
	struct der inner = { .size = 0 };

	for (uint8_t i = 0; i < 16; i++)
		put_integer(&inner, 2, (uint8_t)(i + 1), tcb->cpusvn[i]);
	put_integer(&inner, 2, 17, tcb->pcesvn);
	put_entry(&inner, 2, 18, DER_OCTETS, tcb->cpusvn, sizeof(tcb->cpusvn));
	put_entry(d, 2, 0, DER_SEQUENCE, inner.bytes, inner.size);
}

/* No package can be added; its keys are cached; hyper-threading is on. */
static void put_configuration(struct der *d)
{
	const uint8_t is_true = 0xff, is_false = 0;
	struct der inner = { .size = 0 };

	put_entry(&inner, 7, 1, DER_BOOLEAN, &is_false, 1);
	put_entry(&inner, 7, 2, DER_BOOLEAN, &is_true, 1);
	put_entry(&inner, 7, 3, DER_BOOLEAN, &is_true, 1);
	put_entry(d, 7, 0, DER_SEQUENCE, inner.bytes, inner.size);
}

size_t pck_extension(const struct pck_tcb *tcb, uint8_t *ret, size_t max)
{
	static const uint8_t fmspc[] = PLATFORM_FMSPC, pceid[] = PLATFORM_PCEID;
	const uint8_t standard = 0;
	struct der entries = { .size = 0 }, whole = { .size = 0 };

	put_entry(&entries, 1, 0, DER_OCTETS, tcb->ppid, sizeof(tcb->ppid));
	put_tcb(&entries, tcb);
	put_entry(&entries, 3, 0, DER_OCTETS, pceid, sizeof(pceid));
	put_entry(&entries, 4, 0, DER_OCTETS, fmspc, sizeof(fmspc));
	put_entry(&entries, 5, 0, DER_ENUMERATED, &standard, 1);
	put_entry(&entries, 6, 0, DER_OCTETS, tcb->instance, sizeof(tcb->instance));
	put_configuration(&entries);
	put(&whole, DER_SEQUENCE, entries.bytes, entries.size);
	if (whole.size > max)
		return 0;
	memcpy(ret, whole.bytes, whole.size);
	return whole.size;
}
