// SPDX-License-Identifier: Apache-2.0
/* Building an enclave, on the null driver: what is added, what is mapped, what each refusal is called. */
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

#include "pal/driver/null.h"
#include "pal/encl.h"
#include "tests/unit/pal/sample.h"

static struct encl_files files;
static struct encl encl;

static int begin(void **state)
{
	(void)state;
	memset(&null_script, 0, sizeof(null_script));
	encl = ENCL_NONE;
	sample_files(&files);
	return 0;
}

static int build(bool is_debug, struct err *e)
{
	return encl_build(&files, is_debug, &driver_null, open("/dev/null", O_RDWR | O_CLOEXEC),
	                  &encl, e);
}

static void what_is_added_is_what_the_signer_measures(void **state)
{
	uint8_t built[SHA256_SIZE], signer[SHA256_SIZE];
	struct err e;

	(void)state;
	for (uint64_t most = 0; most <= 5 * 4096; most += 4096) {
		null_script.add_most = most;
		assert_int_equal(build(false, &e), 0);
		sha256_final(&null_record.measure, built);
		image_measure(&files.image.image, signer);
		assert_memory_equal(built, signer, sizeof(built));
		assert_int_equal(null_record.added, SAMPLE_PAGES * 4096);
		encl_release(&encl);
	}
}

static void secs_is_the_layouts_and_debug_the_users(void **state)
{
	const struct sgx_secs *secs = &null_record.secs;
	struct err e;

	(void)state;
	assert_int_equal(build(false, &e), 0);
	assert_int_equal(secs->size, 1 << 22);
	assert_int_equal(secs->baseaddr % secs->size, 0);
	assert_int_equal(secs->ssaframesize, 2);
	assert_int_equal(secs->miscselect, SGX_MISC_EXINFO);
	assert_int_equal(secs->attributes.flags, SGX_ATTR_MODE64BIT);
	assert_int_equal(secs->attributes.xfrm, SGX_XFRM_LEGACY);
	encl_release(&encl);
	/* What the signature demands is given, but for DEBUG. */
	files.sig.attributes.flags = SGX_ATTR_KSS | SGX_ATTR_DEBUG;
	files.sig.attributemask.flags = UINT64_MAX;
	files.sig.attributes.xfrm = files.sig.attributemask.xfrm = SGX_XFRM_AVX;
	assert_int_equal(build(false, &e), 0);
	assert_int_equal(secs->attributes.flags, SGX_ATTR_MODE64BIT | SGX_ATTR_KSS);
	assert_int_equal(secs->attributes.xfrm, SGX_XFRM_LEGACY | SGX_XFRM_AVX);
	encl_release(&encl);
	assert_int_equal(build(true, &e), 0);
	assert_int_equal(secs->attributes.flags,
	                 SGX_ATTR_MODE64BIT | SGX_ATTR_KSS | SGX_ATTR_DEBUG);
	encl_release(&encl);
}

static void each_segment_is_mapped_with_its_permissions(void **state)
{
	static const int prot[] = { PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC,
		                    PROT_READ | PROT_WRITE };
	const struct sgx_layout *l = &files.image.image.layout;
	struct err e;

	(void)state;
	assert_int_equal(build(false, &e), 0);
	assert_int_equal(null_record.map_count, 4);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(null_record.map[i].addr, encl.range.start + l->segment[i].offset);
		assert_int_equal(null_record.map[i].size, l->segment[i].size);
		assert_int_equal(null_record.map[i].prot, prot[i]);
	}
	assert_int_equal(encl.thread_count, 2);
	assert_int_equal(encl.thread[0].tcs, encl.range.start + 8192);
	assert_int_equal(encl.thread[1].tcs, encl.range.start + 12288);
	encl_release(&encl);
}

static void a_moved_image_adds_tcss_that_were_moved_too(void **state)
{
	static const struct image_options moved = { .offset = 0x200000 };
	uint8_t built[SHA256_SIZE], signer[SHA256_SIZE];
	struct err e;

	(void)state;
	assert_int_equal(
		image_parse("encl.bin", sample, sizeof(sample), &moved, &files.image.image, &e), 0);
	assert_int_equal(build(false, &e), 0);
	assert_int_equal(null_record.secs.baseaddr, 0);
	assert_int_equal(encl.thread[0].tcs, 0x200000 + 8192);
	sha256_final(&null_record.measure, built);
	image_measure(&files.image.image, signer);
	assert_memory_equal(built, signer, sizeof(built));
	encl_release(&encl);
}

static int lowest_fd(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

/* One refusal a row: how the driver is scripted, and what the user reads. */
static void each_refusal_has_its_line_and_leaves_nothing(void **state)
{
	static const struct {
		struct null_script script;
		int code;
		const char *text;
	} rows[] = {
		{ { .create_error = -ENOMEM }, -ENOMEM, "out of SGX memory (EPC)" },
		{ { .add_error = -ENOMEM, .add_fail_at = 0x104000 }, -ENOMEM, "SGX memory (EPC)" },
		{ { .add_error = -EBUSY, .add_fail_at = 12288 }, -EBUSY, "pages at 0x2000" },
		{ { .add_error = -EIO, .add_fail_at = 12288 }, -EIO, "encl.ss: not a SIGSTRUCT" },
		{ { .map_error = -EPERM }, -EPERM, "/dev/null: map the enclave's pages at 0" },
		{ { .init_error = -EPERM }, -EPERM, "encl.ss: not a SIGSTRUCT" },
		{ { .create_error = -EBUSY }, -EBUSY, "create the enclave" },
	};
	int fd = lowest_fd();
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		null_script = rows[i].script;
		assert_int_equal(build(false, &e), rows[i].code);
		if (!strstr(e.text, rows[i].text))
			fail_msg("row %zu: %s", i, e.text);
		assert_int_equal(encl.fd, -1);
		assert_int_equal(lowest_fd(), fd);
	}
}

static void code_on_a_noexec_dev_is_called_that(void **state)
{
	struct err e;

	(void)state;
	/* The first segment is code here, as only that is refused. */
	files.image.image.layout.segment[0] = files.image.image.layout.segment[2];
	null_script.map_error = -EPERM;
	assert_int_equal(build(false, &e), -EPERM);
	assert_non_null(strstr(e.text, "mounted noexec"));
}

static void an_image_without_a_tcs_is_refused(void **state)
{
	struct err e;

	(void)state;
	files.image.image.layout.segment[1].secinfo_flags = SAMPLE_RW;
	assert_int_equal(build(false, &e), -EINVAL);
	assert_non_null(strstr(e.text, "no TCS"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, begin)
		T(what_is_added_is_what_the_signer_measures),
		T(secs_is_the_layouts_and_debug_the_users),
		T(each_segment_is_mapped_with_its_permissions),
		T(a_moved_image_adds_tcss_that_were_moved_too),
		T(each_refusal_has_its_line_and_leaves_nothing),
		T(code_on_a_noexec_dev_is_called_that),
		T(an_image_without_a_tcs_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
