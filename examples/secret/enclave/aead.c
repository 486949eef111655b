// SPDX-License-Identifier: Apache-2.0
/*
 * RFC 8439.  Poly1305 is in five limbs of 26 bits; no branch and no address of either depends on a
 * secret.
 */
#include "enclave/aead.h"

#include "enclave/bytes.h"
#include "enclave/errno.h"

#define BLOCK 64
#define LIMBS 5
#define LIMB  UINT32_C(0x3ffffff)

static uint32_t rotate(uint32_t x, int by)
{
	return x << by | x >> (32 - by);
}

static void quarter(uint32_t s[16], int a, int b, int c, int d)
{
	s[a] += s[b];
	s[d] = rotate(s[d] ^ s[a], 16);
	s[c] += s[d];
	s[b] = rotate(s[b] ^ s[c], 12);
	s[a] += s[b];
	s[d] = rotate(s[d] ^ s[a], 8);
	s[c] += s[d];
	s[b] = rotate(s[b] ^ s[c], 7);
}

static void chacha20_block(uint8_t ret[BLOCK], const uint8_t *key, const uint8_t *nonce,
                           uint32_t count)
{
	uint32_t start[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 }, s[16];

	for (int i = 0; i < 8; i++)
		start[4 + i] = load_le32(key + 4 * i);
	start[12] = count;
	for (int i = 0; i < 3; i++)
		start[13 + i] = load_le32(nonce + 4 * i);
	memcpy(s, start, sizeof(s));
	for (int i = 0; i < 10; i++) {
		for (int k = 0; k < 4; k++)
			quarter(s, k, 4 + k, 8 + k, 12 + k);
		for (int k = 0; k < 4; k++)
			quarter(s, k, 4 + (k + 1) % 4, 8 + (k + 2) % 4, 12 + (k + 3) % 4);
	}
	for (int i = 0; i < 16; i++)
		store_le32(ret + 4 * i, s[i] + start[i]);
	wipe(start, sizeof(start));
	wipe(s, sizeof(s));
}

/* From block 1 on: block 0 is Poly1305's key. */
static void chacha20(const uint8_t *key, const uint8_t *nonce, uint8_t *text, size_t size)
{
	uint8_t stream[BLOCK];

	for (size_t i = 0; i < size; i++) {
		if (i % BLOCK == 0)
			chacha20_block(stream, key, nonce, (uint32_t)(i / BLOCK) + 1);
		text[i] ^= stream[i % BLOCK];
	}
	wipe(stream, sizeof(stream));
}

struct poly1305 {
	uint32_t r[LIMBS], sum[LIMBS];
};

static void split(uint32_t limb[LIMBS], const uint8_t bytes[16])
{
	limb[0] = load_le32(bytes) & LIMB;
	limb[1] = load_le32(bytes + 3) >> 2 & LIMB;
	limb[2] = load_le32(bytes + 6) >> 4 & LIMB;
	limb[3] = load_le32(bytes + 9) >> 6 & LIMB;
	limb[4] = load_le32(bytes + 12) >> 8;
}

/* (sum + block + 2^128) r, modulo 2^130 - 5. */
static void poly1305_block(struct poly1305 *p, const uint8_t block[16])
{
	uint32_t limb[LIMBS];
	uint64_t product[LIMBS] = { 0 }, carry = 0;

	split(limb, block);
	limb[4] |= UINT32_C(1) << 24;
	for (int i = 0; i < LIMBS; i++)
		p->sum[i] += limb[i];
	for (int i = 0; i < LIMBS; i++) {
		for (int j = 0; j < LIMBS; j++)
			product[(i + j) % LIMBS] +=
				(uint64_t)p->sum[i] * (i + j < LIMBS ? p->r[j] : 5 * p->r[j]);
	}
	for (int i = 0; i < LIMBS; i++) {
		product[i] += carry;
		carry = product[i] >> 26;
		p->sum[i] = (uint32_t)product[i] & LIMB;
	}
	carry = p->sum[0] + 5 * carry;
	p->sum[0] = (uint32_t)carry & LIMB;
	p->sum[1] += (uint32_t)(carry >> 26);
}

static void poly1305_add(struct poly1305 *p, const uint8_t *bytes, size_t size)
{
	uint8_t last[16] = { 0 };
	size_t whole = size & ~(size_t)15;

	for (size_t i = 0; i < whole; i += 16)
		poly1305_block(p, bytes + i);
	if (size == whole)
		return;
	memcpy(last, bytes + whole, size - whole);
	poly1305_block(p, last);
	wipe(last, sizeof(last));
}

static void carry_through(uint32_t limb[LIMBS])
{
	uint32_t carry = 0;

	for (int i = 0; i < LIMBS; i++) {
		limb[i] += carry;
		carry = limb[i] >> 26;
		limb[i] &= LIMB;
	}
	limb[0] += 5 * carry;
}

/* The sum below 2^130 - 5, and then the key's second half. */
static void poly1305_end(struct poly1305 *p, const uint8_t second[16], uint8_t ret[16])
{
	uint32_t less[LIMBS], carry = 5, keep;
	uint64_t word = 0;

	carry_through(p->sum);
	carry_through(p->sum);
	for (int i = 0; i < LIMBS; i++) {
		less[i] = p->sum[i] + carry;
		carry = less[i] >> 26;
		less[i] &= LIMB;
	}
	keep = carry - 1; /* all ones if the sum is below already */
	for (int i = 0; i < LIMBS; i++)
		p->sum[i] = (p->sum[i] & keep) | (less[i] & ~keep);
	for (int i = 0; i < 4; i++) {
		uint32_t bits =
			(uint32_t)(p->sum[i] >> 6 * i | (uint64_t)p->sum[i + 1] << (26 - 6 * i));

		word = (word >> 32) + bits + load_le32(second + 4 * i);
		store_le32(ret + 4 * i, (uint32_t)word);
	}
}

/* Only whole blocks go in: what is beside and the text are both filled up with zeros. */
static void make_tag(const uint8_t *key, const uint8_t *nonce, const void *beside,
                     size_t beside_size, const uint8_t *text, size_t size,
                     uint8_t ret[AEAD_TAG_SIZE])
{
	static const uint32_t clamp[4] = { 0x0fffffff, 0x0ffffffc, 0x0ffffffc, 0x0ffffffc };
	struct poly1305 p = { 0 };
	uint8_t once[BLOCK], sizes[16];

	chacha20_block(once, key, nonce, 0);
	for (int i = 0; i < 4; i++)
		store_le32(once + 4 * i, load_le32(once + 4 * i) & clamp[i]);
	split(p.r, once);
	poly1305_add(&p, beside, beside_size);
	poly1305_add(&p, text, size);
	store_le64(sizes, beside_size);
	store_le64(sizes + 8, size);
	poly1305_add(&p, sizes, sizeof(sizes));
	poly1305_end(&p, once + 16, ret);
	wipe(once, sizeof(once));
	wipe(&p, sizeof(p));
}

void aead_seal(const uint8_t key[AEAD_KEY_SIZE], const uint8_t nonce[AEAD_NONCE_SIZE],
               const void *beside, size_t beside_size, uint8_t *text, size_t size,
               uint8_t ret_tag[AEAD_TAG_SIZE])
{
	chacha20(key, nonce, text, size);
	make_tag(key, nonce, beside, beside_size, text, size, ret_tag);
}

int aead_open(const uint8_t key[AEAD_KEY_SIZE], const uint8_t nonce[AEAD_NONCE_SIZE],
              const void *beside, size_t beside_size, uint8_t *text, size_t size,
              const uint8_t tag[AEAD_TAG_SIZE])
{
	uint8_t expected[AEAD_TAG_SIZE];

	make_tag(key, nonce, beside, beside_size, text, size, expected);
	if (!same_bytes(expected, tag, sizeof(expected)))
		return -EINVAL;
	chacha20(key, nonce, text, size);
	return 0;
}
