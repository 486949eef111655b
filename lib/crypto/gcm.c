// SPDX-License-Identifier: Apache-2.0
/*
 * AES-128-GCM as NIST SP 800-38D has it, over our AES block, for the reason that cmac.c gives:
 * software SGX loads pages where a fault is being handled, and must not allocate there.
 */
#include "lib/crypto/openssl.h"

#include <endian.h>
#include <string.h>

#include "lib/crypto/aes.h"
#include "lib/crypto/crypto.h"

#define BLOCK 16

/* An element of GF(2^128): bit 63 of high is the coefficient of x^0, as GCM orders its bits. */
struct element {
	uint64_t high, low;
};

/*
 * What is needed of a key: table[n] is the hash subkey times the polynomial whose bits are n;
 * carry[n] what the four bits n become, in high, when they are shifted out of low.
 */
struct gcm {
	struct aes128 aes;
	struct element table[16];
	uint64_t carry[16];
};

static uint64_t load64(const uint8_t *from)
{
	uint64_t value;

	memcpy(&value, from, sizeof(value));
	return be64toh(value);
}

static void store64(uint8_t *to, uint64_t value)
{
	value = htobe64(value);
	memcpy(to, &value, sizeof(value));
}

static struct element times_x(struct element e)
{
	uint64_t carry = e.low & 1;

	return (struct element){
		.high = e.high >> 1 ^ (UINT64_C(0xe1) << 56 & -carry),
		.low = e.high << 63 | e.low >> 1,
	};
}

static void start(struct gcm *g, const uint8_t key[16])
{
	uint8_t subkey[BLOCK] = { 0 };

	aes128_start(&g->aes, key);
	aes128_encrypt(&g->aes, subkey, subkey);
	memset(g->table, 0, sizeof(g->table));
	/* Of four bits the highest is the coefficient of x^0. */
	g->table[8] = (struct element){ load64(subkey), load64(subkey + 8) };
	for (unsigned int i = 4; i > 0; i /= 2)
		g->table[i] = times_x(g->table[i * 2]);
	for (unsigned int i = 0; i < 16; i++) {
		struct element e = { 0, i };

		for (unsigned int k = 0; k < 4; k++)
			e = times_x(e);
		g->carry[i] = e.high;
	}
	for (unsigned int i = 3; i < 16; i++) {
		unsigned int top = i >= 8 ? 8 : i >= 4 ? 4 : 2;

		if (i == top)
			continue;
		g->table[i].high = g->table[top].high ^ g->table[i - top].high;
		g->table[i].low = g->table[top].low ^ g->table[i - top].low;
	}
}

/* y := y times the subkey, four bits at a time from the highest power down (Horner). */
static void multiply(const struct gcm *g, struct element *y)
{
	struct element z = { 0, 0 };

	for (unsigned int i = 0; i < 32; i++) {
		uint64_t word = i < 16 ? y->low : y->high;
		const struct element *t = &g->table[word >> i % 16 * 4 & 15];
		uint64_t out = z.low & 15;

		z.low = (z.low >> 4 | z.high << 60) ^ t->low;
		z.high = (z.high >> 4 ^ g->carry[out]) ^ t->high;
	}
	*y = z;
}

/* Padded with zeros to whole blocks. */
static void hash(const struct gcm *g, struct element *y, const uint8_t *data, size_t size)
{
	while (size > 0) {
		uint8_t block[BLOCK] = { 0 };
		size_t part = size < BLOCK ? size : BLOCK;

		memcpy(block, data, part);
		y->high ^= load64(block);
		y->low ^= load64(block + 8);
		multiply(g, y);
		data += part;
		size -= part;
	}
}

static void block_of(const struct gcm *g, const uint8_t iv[12], uint32_t number, uint8_t ret[BLOCK])
{
	memcpy(ret, iv, 12);
	number = htobe32(number);
	memcpy(ret + 12, &number, sizeof(number));
	aes128_encrypt(&g->aes, ret, ret);
}

static void make_tag(const struct gcm *g, const uint8_t iv[12], const void *header,
                     size_t header_size, const void *cipher, size_t size, uint8_t tag[16])
{
	struct element y = { 0, 0 };
	uint8_t block[BLOCK];

	hash(g, &y, header, header_size);
	hash(g, &y, cipher, size);
	y.high ^= (uint64_t)header_size * 8;
	y.low ^= (uint64_t)size * 8;
	multiply(g, &y);
	block_of(g, iv, 1, block);
	store64(tag, y.high ^ load64(block));
	store64(tag + 8, y.low ^ load64(block + 8));
}

static void crypt(const struct gcm *g, const uint8_t iv[12], const uint8_t *from, uint8_t *to,
                  size_t size)
{
	uint8_t block[BLOCK];

	for (size_t at = 0; at < size; at += BLOCK) {
		size_t part = size - at < BLOCK ? size - at : BLOCK;

		block_of(g, iv, (uint32_t)(at / BLOCK) + 2, block);
		for (size_t i = 0; i < part; i++)
			to[at + i] = from[at + i] ^ block[i];
	}
}

void gcm_aes128_seal(const uint8_t key[16], const uint8_t iv[12], const void *header,
                     size_t header_size, const void *plain, void *cipher, size_t size,
                     uint8_t tag[16])
{
	struct gcm g;

	start(&g, key);
	crypt(&g, iv, plain, cipher, size);
	make_tag(&g, iv, header, header_size, cipher, size, tag);
	explicit_bzero(&g, sizeof(g));
}

bool gcm_aes128_open(const uint8_t key[16], const uint8_t iv[12], const void *header,
                     size_t header_size, const void *cipher, void *plain, size_t size,
                     const uint8_t tag[16])
{
	uint8_t right[BLOCK];
	struct gcm g;
	bool same;

	start(&g, key);
	make_tag(&g, iv, header, header_size, cipher, size, right);
	same = crypto_equal(right, tag, sizeof(right));
	if (same)
		crypt(&g, iv, cipher, plain, size);
	explicit_bzero(&g, sizeof(g));
	return same;
}
