// SPDX-License-Identifier: Apache-2.0
/* Reading an encl.bin. */
#include "pal/image.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/base/io.h"
#include "sgx/attributes.h"
#include "sgx/secinfo.h"

static const struct image_options none;
static char dir[] = "/tmp/pal-image-XXXXXX";
static union {
	struct sgx_layout layout;
	uint8_t bytes[8192];
} content;

static int begin(void **state)
{
	(void)state;
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	content.layout = (struct sgx_layout){
		.magic = SGX_LAYOUT_MAGIC,
		.size = 1 << 16,
		.file_size = sizeof(content),
		.ssaframesize = 1,
		.attributes = SGX_ATTR_MODE64BIT,
		.xfrm = SGX_XFRM_LEGACY,
		.segment_count = 1,
		.segment = { { 0, 8192, 0, SGX_SECINFO_REG | SGX_SECINFO_R, 0, 0 } },
	};
	content.bytes[8191] = 0xa5;
	return 0;
}

static int end(void **state)
{
	(void)state;
	unlink("image");
	return chdir("/") < 0 || rmdir(dir) < 0;
}

static void put(size_t size)
{
	struct err e;

	assert_int_equal(io_write_file("image", &content, size, 0600, &e), 0);
}

static void an_image_is_in_aligned_memory_and_outlives_its_file(void **state)
{
	struct image_file file;
	struct err e;

	(void)state;
	put(sizeof(content));
	assert_int_equal(image_load("image", &none, &file, &e), 0);
	assert_int_equal(truncate("image", 0), 0);
	assert_int_equal((uint64_t)file.image.file % 4096, 0);
	assert_int_equal(file.image.file_size, 8192);
	assert_memory_equal(file.image.file, &content, 8192);
	image_release(&file);
	image_release(&file);
}

static void what_is_no_image_is_named(void **state)
{
	struct image_file file;
	struct err e;

	(void)state;
	unlink("image");
	assert_int_equal(image_load("image", &none, &file, &e), -ENOENT);
	assert_string_equal(e.text, "image: No such file or directory");
	for (size_t size = 0; size <= 8000; size += 1000) {
		put(size);
		assert_int_equal(image_load("image", &none, &file, &e), -EINVAL);
		assert_memory_equal(e.text, "image: ", 7);
	}
	assert_int_equal(image_load(".", &none, &file, &e), -EINVAL);
	assert_string_equal(e.text, ".: not a regular file");
	unlink("image");
	assert_int_equal(mkfifo("image", 0600), 0);
	assert_int_equal(image_load("image", &none, &file, &e), -EINVAL);
	assert_string_equal(e.text, "image: not a regular file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_image_is_in_aligned_memory_and_outlives_its_file),
		cmocka_unit_test(what_is_no_image_is_named),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
