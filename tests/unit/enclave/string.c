// SPDX-License-Identifier: Apache-2.0
/*
 * enclave/string.c, under the names that module.mk gives it, against libc's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

void *encl_memcpy(void *restrict to, const void *restrict from, size_t size);
void *encl_memmove(void *to, const void *from, size_t size);
void *encl_memset(void *to, int byte, size_t size);
int encl_memcmp(const void *a, const void *b, size_t size);
size_t encl_strlen(const char *s);
int encl_strcmp(const char *a, const char *b);
char *encl_strrchr(const char *s, int c);

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

static void fill(uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(i * 31 + 5);
}

static void memmove_copies_over_itself_in_either_direction(void **state)
{
	uint8_t a[64], b[64];

	(void)state;
	for (size_t from = 0; from < 24; from++) {
		for (size_t to = 0; to < 24; to++) {
			for (size_t n = 0; n < 40; n += 3) {
				fill(a, sizeof(a));
				fill(b, sizeof(b));
				assert_ptr_equal(encl_memmove(a + to, a + from, n), a + to);
				memmove(b + to, b + from, n);
				assert_memory_equal(a, b, sizeof(a));
			}
		}
	}
}

static void memcpy_and_memset_write_what_they_are_told_to(void **state)
{
	uint8_t a[64], b[64], source[64];

	(void)state;
	fill(source, sizeof(source));
	for (size_t n = 0; n <= 48; n++) {
		memset(a, 1, sizeof(a));
		memset(b, 1, sizeof(b));
		assert_ptr_equal(encl_memcpy(a + 3, source, n), a + 3);
		memcpy(b + 3, source, n);
		assert_memory_equal(a, b, sizeof(a));
		assert_ptr_equal(encl_memset(a + 5, 0x1ff, n), a + 5);
		memset(b + 5, 0xff, n);
		assert_memory_equal(a, b, sizeof(a));
	}
}

static void comparisons_have_libc_s_signs(void **state)
{
	static const char *const words[] = { "", "a", "b", "ab", "abc", "\xff", "a\xff", "abd" };

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(encl_strlen(words[i]), strlen(words[i]));
		for (size_t k = 0; k < 8; k++) {
			size_t n = strlen(words[i]) < strlen(words[k]) ? strlen(words[i]) + 1
			                                               : strlen(words[k]) + 1;

			assert_int_equal(sign(encl_strcmp(words[i], words[k])),
			                 sign(strcmp(words[i], words[k])));
			assert_int_equal(sign(encl_memcmp(words[i], words[k], n)),
			                 sign(memcmp(words[i], words[k], n)));
		}
	}
}

static void strrchr_finds_the_last_one(void **state)
{
	static const char path[] = "/a/b";

	(void)state;
	assert_ptr_equal(encl_strrchr(path, '/'), path + 2);
	assert_ptr_equal(encl_strrchr(path, '\0'), path + 4);
	assert_null(encl_strrchr(path, 'x'));
	assert_null(encl_strrchr("", '/'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memmove_copies_over_itself_in_either_direction),
		cmocka_unit_test(memcpy_and_memset_write_what_they_are_told_to),
		cmocka_unit_test(comparisons_have_libc_s_signs),
		cmocka_unit_test(strrchr_finds_the_last_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
