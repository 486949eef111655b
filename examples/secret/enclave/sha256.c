// SPDX-License-Identifier: Apache-2.0
/* See sha256.h.  The constants are the standard's. */
#include "enclave/sha256.h"

#include "enclave/bytes.h"

static const uint32_t round_constant[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static uint32_t rotate(uint32_t x, int by)
{
	return x >> by | x << (32 - by);
}

static void store_be32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void schedule(uint32_t w[64], const uint8_t block[SHA256_BLOCK])
{
	for (int i = 0; i < 16; i++)
		w[i] = __builtin_bswap32(load_le32(block + 4 * i));
	for (int i = 16; i < 64; i++) {
		uint32_t a = w[i - 15], b = w[i - 2];

		w[i] = w[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[i - 7] +
		       (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
}

/* v is the standard's a to h. */
static void compress(uint32_t state[8], const uint8_t block[SHA256_BLOCK])
{
	uint32_t w[64], v[8];

	schedule(w, block);
	memcpy(v, state, sizeof(v));
	for (int i = 0; i < 64; i++) {
		uint32_t s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
		uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
		uint32_t t1 = v[7] + s1 + choice + round_constant[i] + w[i];
		uint32_t s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
		uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);

		for (int k = 7; k > 0; k--)
			v[k] = v[k - 1];
		v[4] += t1;
		v[0] = t1 + s0 + majority;
	}
	for (int i = 0; i < 8; i++)
		state[i] += v[i];
	wipe(w, sizeof(w));
	wipe(v, sizeof(v));
}

void sha256_start(struct sha256 *s)
{
	*s = (struct sha256){ .state = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
		                         0x9b05688c, 0x1f83d9ab, 0x5be0cd19 } };
}

void sha256_add(struct sha256 *s, const void *bytes, size_t size)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < size; i++) {
		s->block[s->size++ % SHA256_BLOCK] = p[i];
		if (s->size % SHA256_BLOCK == 0)
			compress(s->state, s->block);
	}
}

void sha256_end(struct sha256 *s, uint8_t ret[SHA256_SIZE])
{
	static const uint8_t zero = 0, one = 0x80;
	uint64_t bits = s->size * 8;
	uint8_t length[8];

	sha256_add(s, &one, 1);
	while (s->size % SHA256_BLOCK != SHA256_BLOCK - sizeof(length))
		sha256_add(s, &zero, 1);
	store_be32(length, (uint32_t)(bits >> 32));
	store_be32(length + 4, (uint32_t)bits);
	sha256_add(s, length, sizeof(length));
	for (int i = 0; i < 8; i++)
		store_be32(ret + 4 * i, s->state[i]);
	wipe(s, sizeof(*s));
}

void hmac_start(struct hmac *h, const void *key, size_t size)
{
	uint8_t pad[SHA256_BLOCK] = { 0 };

	sha256_start(&h->inner);
	sha256_start(&h->outer);
	if (size > sizeof(pad)) {
		sha256_add(&h->inner, key, size);
		sha256_end(&h->inner, pad);
		sha256_start(&h->inner);
	} else {
		memcpy(pad, key, size);
	}
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36;
	sha256_add(&h->inner, pad, sizeof(pad));
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	sha256_add(&h->outer, pad, sizeof(pad));
	wipe(pad, sizeof(pad));
}

void hmac_add(struct hmac *h, const void *bytes, size_t size)
{
	sha256_add(&h->inner, bytes, size);
}

void hmac_end(struct hmac *h, uint8_t ret[SHA256_SIZE])
{
	uint8_t inner[SHA256_SIZE];

	sha256_end(&h->inner, inner);
	sha256_add(&h->outer, inner, sizeof(inner));
	sha256_end(&h->outer, ret);
	wipe(inner, sizeof(inner));
}

void hkdf(uint8_t ret[SHA256_SIZE], const void *salt, size_t salt_size, const void *key,
          size_t key_size, const void *info, size_t info_size)
{
	static const uint8_t first = 1;
	uint8_t extracted[SHA256_SIZE];
	struct hmac h;

	hmac_start(&h, salt, salt_size);
	hmac_add(&h, key, key_size);
	hmac_end(&h, extracted);
	hmac_start(&h, extracted, sizeof(extracted));
	hmac_add(&h, info, info_size);
	hmac_add(&h, &first, 1);
	hmac_end(&h, ret);
	wipe(extracted, sizeof(extracted));
}
