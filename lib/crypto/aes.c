// SPDX-License-Identifier: Apache-2.0
/*
 * AES-128 by the processor's instructions, since OpenSSL keeps its own use of them behind EVP, and
 * its AES_encrypt is one without tables, five times as slow.  That is what is left for a processor
 * that has no such instructions.
 */
#include "lib/crypto/aes.h"

#include <cpuid.h>
#include <wmmintrin.h>

#define BY_INSTRUCTIONS __attribute__((target("aes,sse2")))

bool aes_instructions;

bool aes_instructions_exist(void)
{
	unsigned int a, b, c, d;

	return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_AES);
}

/*
 * The round key after this one (FIPS 197, KeyExpansion): each word is the exclusive or of all words of
 * this key up to it, and of the last word's substitute, which assist holds.
 */
BY_INSTRUCTIONS static __m128i next_round(__m128i key, __m128i assist)
{
	key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
	key = _mm_xor_si128(key, _mm_slli_si128(key, 8));
	return _mm_xor_si128(key, _mm_shuffle_epi32(assist, 0xff));
}

/* A macro, since the round constant is a part of the instruction. */
#define EXPAND(round, n, constant) \
	(round)[n] = next_round((round)[(n)-1], _mm_aeskeygenassist_si128((round)[(n)-1], constant))

BY_INSTRUCTIONS static void expand(__m128i round[AES_ROUNDS + 1], const uint8_t key[16])
{
	round[0] = _mm_loadu_si128((const __m128i *)(const void *)key);
	EXPAND(round, 1, 0x01);
	EXPAND(round, 2, 0x02);
	EXPAND(round, 3, 0x04);
	EXPAND(round, 4, 0x08);
	EXPAND(round, 5, 0x10);
	EXPAND(round, 6, 0x20);
	EXPAND(round, 7, 0x40);
	EXPAND(round, 8, 0x80);
	EXPAND(round, 9, 0x1b);
	EXPAND(round, 10, 0x36);
}

BY_INSTRUCTIONS static void encrypt(const __m128i round[AES_ROUNDS + 1], const uint8_t block[16],
                                    uint8_t ret[16])
{
	__m128i state = _mm_loadu_si128((const __m128i *)(const void *)block);

	state = _mm_xor_si128(state, round[0]);
	for (unsigned int i = 1; i < AES_ROUNDS; i++)
		state = _mm_aesenc_si128(state, round[i]);
	state = _mm_aesenclast_si128(state, round[AES_ROUNDS]);
	_mm_storeu_si128((__m128i *)(void *)ret, state);
}

void aes128_start(struct aes128 *ret, const uint8_t key[16])
{
	if (aes_instructions)
		expand((void *)ret->round, key);
	else
		crypto_must(ossl.AES_set_encrypt_key(key, 128, &ret->schedule) == 0);
}

void aes128_encrypt(const struct aes128 *key, const uint8_t block[16], uint8_t ret[16])
{
	if (aes_instructions)
		encrypt((const void *)key->round, block, ret);
	else
		ossl.AES_encrypt(block, ret, &key->schedule);
}
