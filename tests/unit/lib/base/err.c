// SPDX-License-Identifier: Apache-2.0
/* Error lines: made, wrapped and cut, and always with the code they were made with. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "lib/base/err.h"

static void set_returns_the_code(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(err_set(&e, -EINVAL, "%s: %d", "encl.bin", 7), -EINVAL);
	assert_string_equal(e.text, "encl.bin: 7");
}

static void errno_is_told_and_returned(void **state)
{
	struct err e;

	(void)state;
	errno = ENOENT;
	assert_int_equal(err_errno(&e, "open %s", "x"), -ENOENT);
	assert_string_equal(e.text, "open x: No such file or directory");
}

static void wrap_puts_words_in_front(void **state)
{
	struct err e;

	(void)state;
	err_set(&e, -EIO, "inner");
	assert_int_equal(err_wrap(&e, -EPERM, "outer %d", 1), -EPERM);
	assert_string_equal(e.text, "outer 1: inner");
}

static void long_text_is_cut_not_overrun(void **state)
{
	struct {
		struct err e;
		char guard[16];
	} s;
	char text[2 * sizeof(s.e.text)], guard[sizeof(s.guard)];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	memset(&s, '!', sizeof(s));
	memset(guard, '!', sizeof(guard));
	err_set(&s.e, -1, "%s", text);
	assert_int_equal(strlen(s.e.text), sizeof(s.e.text) - 1);
	errno = EIO;
	err_errno(&s.e, "%s", text);
	assert_int_equal(strlen(s.e.text), sizeof(s.e.text) - 1);
	err_wrap(&s.e, -1, "%s", text);
	assert_int_equal(strlen(s.e.text), sizeof(s.e.text) - 1);
	err_set(&s.e, -1, "%s", text);
	err_wrap(&s.e, -1, "in front");
	assert_memory_equal(s.e.text, "in front: xxx", 13);
	assert_int_equal(strlen(s.e.text), sizeof(s.e.text) - 1);
	assert_memory_equal(s.guard, guard, sizeof(guard));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_returns_the_code),
		cmocka_unit_test(errno_is_told_and_returned),
		cmocka_unit_test(wrap_puts_words_in_front),
		cmocka_unit_test(long_text_is_cut_not_overrun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
