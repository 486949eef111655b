// SPDX-License-Identifier: Apache-2.0
/* The drivers before the kernel's, on a device of the test's own (device.h). */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/sgx/sigstruct.h"
#include "pal/encl.h"
#include "sgx/leaf.h"
#include "sgx/uapi/legacy.h"
#include "tests/unit/pal/device.h"
#include "tests/unit/pal/sample.h"

static struct encl_files files;
static struct encl encl;

static void plug(void)
{
	device_plug(ISGX_IOC_INIT);
	encl = ENCL_NONE;
}

static int build(const struct driver *driver, struct err *e)
{
	return encl_build(&files, true, driver, dev.fd, &encl, e);
}

static void with_token(const void *token, size_t size)
{
	int fd = open("encl.token", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, token, size), (ssize_t)size);
	close(fd);
}

static char folder[] = "/tmp/pal-legacy-XXXXXX";

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(folder) || chdir(folder) < 0)
		return -1;
	sample_files(&files);
	sample_sign(&files);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return chdir("/") < 0 || rmdir(folder) < 0;
}

static int begin(void **state)
{
	(void)state;
	plug();
	return 0;
}

static int end(void **state)
{
	(void)state;
	encl_release(&encl);
	unlink("encl.token");
	return 0;
}

static void the_range_is_mapped_whole_before_create_and_measured_as_signed(void **state)
{
	uint8_t built[SHA256_SIZE];
	struct err e;

	(void)state;
	assert_int_equal(build(&driver_isgx, &e), 0);
	sha256_final(&dev.measure, built);
	assert_memory_equal(built, files.sig.enclavehash, sizeof(built));
	assert_int_equal(dev.added, SAMPLE_PAGES * 4096);
	assert_int_equal(dev.range.size, SAMPLE_SIZE);
	assert_int_equal(encl.base, dev.range.start);
	assert_int_equal(encl.thread[1].tcs, dev.range.start + 12288);
}

static void each_segment_gets_its_permissions_and_nothing_else_any(void **state)
{
	static const int prot[] = { PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC,
		                    PROT_READ | PROT_WRITE };
	const struct sgx_layout *l = &files.image.image.layout;
	struct err e;

	(void)state;
	assert_int_equal(build(&driver_isgx, &e), 0);
	assert_int_equal(dev.map_count, 4);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(dev.map[i].addr, encl.base + l->segment[i].offset);
		assert_int_equal(dev.map[i].size, l->segment[i].size);
		assert_int_equal(dev.map[i].prot, prot[i]);
	}
}

static void the_token_is_encl_token_or_zeros(void **state)
{
	static const struct sgx_einittoken none;
	struct sgx_einittoken token;
	struct err e;

	(void)state;
	assert_int_equal(build(&driver_isgx, &e), 0);
	assert_true(dev.has_token);
	assert_memory_equal(&dev.token, &none, sizeof(none));
	encl_release(&encl);
	plug();
	memset(&token, 0x5a, sizeof(token));
	with_token(&token, sizeof(token));
	assert_int_equal(build(&driver_isgx, &e), 0);
	assert_memory_equal(&dev.token, &token, sizeof(token));
}

static void the_old_dcap_driver_has_no_token(void **state)
{
	struct err e;

	(void)state;
	dev.init_request = DCAP_OLD_IOC_INIT;
	with_token("garbage", 7);
	assert_int_equal(build(&driver_dcap_old, &e), 0);
	assert_true(dev.is_initialised);
	assert_false(dev.has_token);
}

static int lowest_fd(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

/* One refusal a row: what the driver does, and what the user reads. */
static void each_refusal_has_its_line_and_leaves_nothing(void **state)
{
	static const struct {
		struct device script;
		int error;
		const char *text;
	} rows[] = {
		{ { .create_result = -EFAULT }, -EIO, "/dev/isgx: this processor refuses" },
		{ { .create_result = 4096 }, -EIO, "/dev/isgx: this processor refuses" },
		{ { .create_result = -ENOMEM }, -ENOMEM, "/dev/isgx: out of SGX memory" },
		{ { .add_result = -ENOMEM }, -ENOMEM, "SGX memory (EPC)" },
		{ { .add_result = -EEXIST },
		  -EEXIST,
		  "encl.bin: pages at 0x10000: the driver says" },
		{ { .init_result = -EFAULT }, -EIO, "give no reason: Input/output error" },
		{ { .init_result = ISGX_POWER_LOST }, -EIO, "Input/output error" },
		{ { .init_result = SGX_INVALID_SIG_STRUCT }, -EPERM, "EINIT's error 1" },
		{ { .init_result = SGX_INVALID_ATTRIBUTE },
		  -EPERM,
		  "encl.ss: asks for attributes 0x6, which are not for everyone" },
		{ { .init_result = SGX_INVALID_MEASUREMENT },
		  -EPERM,
		  "/dev/isgx: the driver has added other pages than those of encl.bin" },
		{ { .init_result = SGX_INVALID_SIGNATURE }, -EPERM, "EINIT's error 8" },
		{ { .init_result = SGX_INVALID_EINITTOKEN },
		  -EPERM,
		  "encl.token: No such file: the /dev/isgx driver needs a launch token "
		  "(sgx-tools gen-token)" },
		{ { .mprotect_error = EACCES }, -EPERM, "/dev/isgx: map the enclave's pages" },
	};
	static unsigned char resident[SAMPLE_SIZE / 4096];
	int fd = lowest_fd();
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		close(dev.fd);
		plug();
		dev.create_result = rows[i].script.create_result;
		dev.add_result = rows[i].script.add_result;
		dev.init_result = rows[i].script.init_result;
		dev.init_times = dev.init_result != 0;
		dev.mprotect_error = rows[i].script.mprotect_error;
		assert_int_equal(build(&driver_isgx, &e), rows[i].error);
		if (!strstr(e.text, rows[i].text))
			fail_msg("row %zu: %s", i, e.text);
		assert_int_equal(encl.fd, -1);
		assert_int_equal(lowest_fd(), fd - 1);
		assert_int_equal(mincore((void *)dev.range.start, SAMPLE_SIZE, resident), -1);
	}
}

static void code_on_a_noexec_dev_is_called_that(void **state)
{
	struct sgx_layout_segment *first = &files.image.image.layout.segment[0], saved = *first;
	struct err e;

	(void)state;
	dev.mprotect_error = EACCES;
	first->secinfo_flags = SAMPLE_RX;
	assert_int_equal(build(&driver_isgx, &e), -EPERM);
	*first = saved;
	assert_non_null(strstr(e.text, "/dev/isgx: code cannot be mapped"));
	assert_non_null(strstr(e.text, "mounted noexec"));
}

static void an_interrupted_einit_is_tried_again(void **state)
{
	struct err e;

	(void)state;
	dev.init_result = SGX_UNMASKED_EVENT;
	dev.init_times = 3;
	assert_int_equal(build(&driver_isgx, &e), 0);
	assert_int_equal(dev.inits, 4);
}

static void a_token_of_another_size_is_refused_before_the_device_is_asked(void **state)
{
	struct err e;

	(void)state;
	with_token("short", 5);
	assert_int_equal(build(&driver_isgx, &e), -EINVAL);
	assert_string_equal(e.text, "encl.token: not a launch token of 304 bytes");
	assert_int_equal(dev.range.size, 0);
}

static void a_range_from_0_is_mapped_from_0(void **state)
{
	static const struct image_options moved = { .offset = 0x200000 };
	struct encl_files at = files;
	struct err e;
	int r;

	(void)state;
	assert_int_equal(
		image_parse("encl.bin", sample, sizeof(sample), &moved, &at.image.image, &e), 0);
	r = encl_build(&at, true, &driver_isgx, dev.fd, &encl, &e);
	if (r == 0) {
		assert_int_equal(dev.range.start, 0);
		assert_int_equal(dev.secs.baseaddr, 0);
		assert_int_equal(encl.thread[0].tcs, 0x200000 + 8192);
	} else { /* without CAP_SYS_RAWIO nobody may map address 0 */
		assert_int_equal(r, -EPERM);
		assert_non_null(strstr(e.text, "/dev/isgx: Operation not permitted"));
	}
}

static void the_stage_of_an_enclave_is_told_by_its_address(void **state)
{
	uint64_t base;
	struct err e;

	(void)state;
	assert_int_equal(driver_isgx.stage(dev.fd, 0x1000), 0);
	assert_null(driver_of(dev.fd, 0x1000));
	assert_int_equal(build(&driver_isgx, &e), 0);
	base = encl.base;
	assert_int_equal(driver_isgx.stage(dev.fd, base), 2);
	assert_ptr_equal(driver_of(dev.fd, base), &driver_isgx);
	assert_null(driver_of(dev.fd, base - 4096));
	assert_true(driver_isgx.owns(dev.fd, base, SAMPLE_SIZE));
	assert_false(driver_isgx.owns(dev.fd, base, 2 * SAMPLE_SIZE));
	assert_false(driver_isgx.owns(dev.fd, base - SAMPLE_SIZE, SAMPLE_SIZE));
	/* Asked while it is not initialised, it stays that. */
	dev.is_initialised = false;
	assert_int_equal(driver_isgx.stage(dev.fd, base), 1);
	assert_false(dev.is_initialised);
	/* Another driver's descriptor. */
	dev.init_request = DCAP_OLD_IOC_INIT;
	assert_int_equal(driver_isgx.stage(dev.fd, base), 0);
	dev.is_initialised = true;
	assert_ptr_equal(driver_of(dev.fd, base), &driver_dcap_old);
}

static void a_folder_is_no_device(void **state)
{
	(void)state;
	assert_int_equal(driver_dcap_old.probe("/"), -ENOENT);
	assert_int_equal(driver_dcap_old.probe("/no/such"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
		T(the_range_is_mapped_whole_before_create_and_measured_as_signed),
		T(each_segment_gets_its_permissions_and_nothing_else_any),
		T(the_token_is_encl_token_or_zeros),
		T(the_old_dcap_driver_has_no_token),
		T(each_refusal_has_its_line_and_leaves_nothing),
		T(code_on_a_noexec_dev_is_called_that),
		T(an_interrupted_einit_is_tried_again),
		T(a_token_of_another_size_is_refused_before_the_device_is_asked),
		T(a_range_from_0_is_mapped_from_0),
		T(the_stage_of_an_enclave_is_told_by_its_address),
		T(a_folder_is_no_device),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
