// SPDX-License-Identifier: Apache-2.0
/* encl.token: what is read, and what EINIT's refusal of it is called. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "pal/token.h"
#include "sgx/leaf.h"

static const uint8_t mrenclave[SHA256_SIZE] = { 1 }, mrsigner[SHA256_SIZE] = { 2 };
static const struct sgx_secs secs = { .attributes = { SGX_ATTR_MODE64BIT, SGX_XFRM_LEGACY } };

/* One that fits. */
static struct token good(void)
{
	struct token token = { .is_found = true };

	token.body.valid = 1;
	token.body.attributes = secs.attributes;
	memcpy(token.body.mrenclave, mrenclave, sizeof(mrenclave));
	memcpy(token.body.mrsigner, mrsigner, sizeof(mrsigner));
	return token;
}

static void write_file(const void *bytes, size_t size)
{
	int fd = open("encl.token", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), (ssize_t)size);
	close(fd);
}

static void what_is_read_is_the_file_and_none_is_no_error(void **state)
{
	struct token written = good(), token;
	struct err e;

	(void)state;
	memset(&token, 0xff, sizeof(token));
	assert_int_equal(token_load(&token, &e), 0);
	assert_false(token.is_found);
	assert_int_equal(token.body.valid, 0);
	write_file(&written.body, sizeof(written.body));
	assert_int_equal(token_load(&token, &e), 0);
	assert_true(token.is_found);
	assert_memory_equal(&token.body, &written.body, sizeof(token.body));
	unlink("encl.token");
}

static void what_is_no_token_is_refused_and_changes_nothing(void **state)
{
	static const uint8_t bytes[305];
	static const size_t sizes[] = { 0, 303, 305 };
	struct token token = good();
	struct err e;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		write_file(bytes, sizes[i]);
		assert_int_equal(token_load(&token, &e), -EINVAL);
		assert_string_equal(e.text, "encl.token: not a launch token of 304 bytes");
	}
	unlink("encl.token");
	assert_int_equal(mkdir("encl.token", 0700), 0);
	assert_int_equal(token_load(&token, &e), -EINVAL);
	rmdir("encl.token");
	assert_int_equal(mkfifo("encl.token", 0600), 0);
	assert_int_equal(token_load(&token, &e), -EINVAL);
	unlink("encl.token");
	assert_int_equal(symlink("encl.token", "encl.token"), 0);
	assert_int_equal(token_load(&token, &e), -ELOOP);
	assert_non_null(strstr(e.text, "encl.token: "));
	unlink("encl.token");
	assert_true(token.is_found && token.body.valid);
}

static int blame(const struct token *token, uint32_t code, struct err *e)
{
	return token_blame(token, "/dev/isgx", code, &secs, mrenclave, mrsigner, e);
}

static void each_broken_rule_is_named(void **state)
{
	static const char *const text[] = { "is not valid",
		                            "another enclave's MRENCLAVE",
		                            "another signer's MRSIGNER",
		                            "other attributes",
		                            "other attributes",
		                            "debug launch enclave" };
	struct token token[6];
	struct err e;

	(void)state;
	for (int i = 0; i < 6; i++)
		token[i] = good();
	token[0].body.valid = 2;
	token[1].body.mrenclave[31] ^= 1;
	token[2].body.mrsigner[31] ^= 1;
	token[3].body.attributes.flags |= SGX_ATTR_DEBUG;
	token[4].body.attributes.xfrm |= SGX_XFRM_AVX;
	token[5].body.maskedattributesle.flags |= SGX_ATTR_DEBUG;
	for (int i = 0; i < 6; i++) {
		assert_int_equal(blame(&token[i], SGX_INVALID_MEASUREMENT, &e), -EPERM);
		assert_non_null(strstr(e.text, text[i]));
		assert_non_null(strstr(e.text, "encl.token: "));
		assert_non_null(strstr(e.text, "sgx-tools gen-token"));
	}
}

static void a_token_that_fits_is_blamed_for_what_only_the_processor_sees(void **state)
{
	struct token token = good();
	struct err e;

	(void)state;
	assert_int_equal(blame(&token, SGX_INVALID_EINITTOKEN, &e), -EPERM);
	assert_non_null(strstr(e.text, "is not from this machine's launch enclave"));
	assert_int_equal(blame(&token, SGX_INVALID_CPUSVN, &e), -EPERM);
	assert_non_null(strstr(e.text, "newer security version"));
	assert_int_equal(blame(&token, SGX_INVALID_MEASUREMENT, &e), 0);
	assert_int_equal(blame(&token, SGX_INVALID_SIGNATURE, &e), 0);
}

static void none_is_blamed_only_when_one_was_asked_for(void **state)
{
	struct token none = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(blame(&none, SGX_INVALID_EINITTOKEN, &e), -EPERM);
	assert_string_equal(e.text, "encl.token: No such file: the /dev/isgx driver needs a launch "
	                            "token (sgx-tools gen-token)");
	assert_int_equal(blame(&none, SGX_INVALID_MEASUREMENT, &e), 0);
	assert_int_equal(blame(&none, 0, &e), 0);
}

static char folder[] = "/tmp/pal-token-XXXXXX";

static int setup(void **state)
{
	(void)state;
	return !mkdtemp(folder) || chdir(folder) < 0;
}

static int teardown(void **state)
{
	(void)state;
	return chdir("/") < 0 || rmdir(folder) < 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read_is_the_file_and_none_is_no_error),
		cmocka_unit_test(what_is_no_token_is_refused_and_changes_nothing),
		cmocka_unit_test(each_broken_rule_is_named),
		cmocka_unit_test(a_token_that_fits_is_blamed_for_what_only_the_processor_sees),
		cmocka_unit_test(none_is_blamed_only_when_one_was_asked_for),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
