// SPDX-License-Identifier: Apache-2.0
/* The AES block by the processor's instructions and without: the standard's, and each other's. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "lib/crypto/aes.h"
#include "lib/crypto/crypto.h"

static int load(void **state)
{
	struct err e;

	(void)state;
	return crypto_load(&e);
}

/* Each test starts with what the processor has. */
static int reset(void **state)
{
	(void)state;
	aes_instructions = aes_instructions_exist();
	return 0;
}

static void encrypt(const uint8_t key[16], const uint8_t block[16], uint8_t ret[16])
{
	struct aes128 aes;

	aes128_start(&aes, key);
	aes128_encrypt(&aes, block, ret);
}

static void assert_fips_197(void)
{
	/* FIPS 197, appendix B. */
	static const uint8_t key[16] = { 0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6,
		                         0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c };
	static const uint8_t plain[16] = { 0x32, 0x43, 0xf6, 0xa8, 0x88, 0x5a, 0x30, 0x8d,
		                           0x31, 0x31, 0x98, 0xa2, 0xe0, 0x37, 0x07, 0x34 };
	static const uint8_t cipher[16] = { 0x39, 0x25, 0x84, 0x1d, 0x02, 0xdc, 0x09, 0xfb,
		                            0xdc, 0x11, 0x85, 0x97, 0x19, 0x6a, 0x0b, 0x32 };
	uint8_t ret[16];

	encrypt(key, plain, ret);
	assert_memory_equal(ret, cipher, sizeof(cipher));
}

static void with_the_processors_instructions_the_standards_block(void **state)
{
	(void)state;
	assert_fips_197();
}

static void without_instructions_the_standards_block(void **state)
{
	(void)state;
	aes_instructions = false;
	assert_fips_197();
}

/* All round constants and all words of a key: each key is the last one's result. */
static void both_ways_agree_on_a_thousand_keys(void **state)
{
	uint8_t key[16] = { 1 }, block[16] = { 2 }, fast[16], slow[16];

	(void)state;
	for (unsigned int i = 0; i < 1000; i++) {
		reset(NULL);
		encrypt(key, block, fast);
		aes_instructions = false;
		encrypt(key, block, slow);
		assert_memory_equal(fast, slow, sizeof(slow));
		memcpy(block, key, sizeof(block));
		memcpy(key, slow, sizeof(key));
	}
}

static void a_block_is_encrypted_in_place(void **state)
{
	const uint8_t key[16] = { 7 };
	uint8_t block[16] = { 9 }, apart[16];

	(void)state;
	encrypt(key, block, apart);
	encrypt(key, block, block);
	assert_memory_equal(block, apart, sizeof(apart));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(with_the_processors_instructions_the_standards_block, reset),
		cmocka_unit_test_setup(without_instructions_the_standards_block, reset),
		cmocka_unit_test_setup(both_ways_agree_on_a_thousand_keys, reset),
		cmocka_unit_test_setup(a_block_is_encrypted_in_place, reset),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
