// SPDX-License-Identifier: Apache-2.0
/* SHA-256: the published vectors, and a state that is plain bytes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "lib/base/hex.h"
#include "lib/crypto/crypto.h"

static int load(void **state)
{
	struct err e;

	(void)state;
	return crypto_load(&e);
}

static void expect(const void *data, size_t size, const char *expected)
{
	uint8_t digest[SHA256_SIZE];
	char text[2 * SHA256_SIZE + 1];

	sha256_digest(data, size, digest);
	hex_encode(digest, sizeof(digest), text);
	assert_string_equal(text, expected);
}

static void published_vectors(void **state)
{
	static char million[1000000];

	(void)state;
	expect("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	expect("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	expect("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
	       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	memset(million, 'a', sizeof(million));
	expect(million, sizeof(million),
	       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void any_split_gives_the_same_digest(void **state)
{
	uint8_t data[300], whole[SHA256_SIZE], split[SHA256_SIZE];
	struct sha256 s;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	sha256_digest(data, sizeof(data), whole);
	for (size_t at = 0; at <= sizeof(data); at++) {
		sha256_init(&s);
		sha256_update(&s, data, at);
		sha256_update(&s, data + at, sizeof(data) - at);
		sha256_final(&s, split);
		assert_memory_equal(split, whole, sizeof(whole));
	}
}

static void a_copied_state_goes_on_by_itself(void **state)
{
	uint8_t abc[SHA256_SIZE], copied[SHA256_SIZE], moved[SHA256_SIZE];
	struct sha256 s, copy;

	(void)state;
	sha256_digest("abc", 3, abc);
	sha256_init(&s);
	sha256_update(&s, "ab", 2);
	memcpy(&copy, &s, sizeof(s));
	sha256_update(&s, "x", 1);
	sha256_final(&s, moved);
	sha256_update(&copy, "c", 1);
	sha256_final(&copy, copied);
	assert_memory_equal(copied, abc, sizeof(abc));
	assert_memory_not_equal(moved, abc, sizeof(abc));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors),
		cmocka_unit_test(any_split_gives_the_same_digest),
		cmocka_unit_test(a_copied_state_goes_on_by_itself),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
