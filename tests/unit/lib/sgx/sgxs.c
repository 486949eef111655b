// SPDX-License-Identifier: Apache-2.0
/* Which streams are measured, what is said of the others, and what an image's own stream is. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/sgx/measure.h"
#include "lib/sgx/sgxs.h"
#include "sgx/secinfo.h"
#include "tests/unit/lib/sgx/imagefile.h"

#define HEAD  64  /* a record */
#define CHUNK 320 /* one with its 256 bytes */

static struct imagefile file;
static struct image image;
static uint8_t stream[HEAD + 6 * (HEAD + 16 * CHUNK)];

static int load(void **state)
{
	static const struct image_options none;
	struct err e;

	(void)state;
	imagefile_make(&file);
	return crypto_load(&e) == 0 ? image_parse("f", &file, sizeof(file), &none, &image, &e) : -1;
}

static int make(void **state)
{
	(void)state;
	assert_int_equal(sgxs_size(&image), sizeof(stream));
	sgxs_write(&image, stream);
	return 0;
}

static void an_image_s_stream_measures_as_the_image(void **state)
{
	uint8_t of_image[SHA256_SIZE], of_stream[SHA256_SIZE], hash[SHA256_SIZE];
	struct err e;

	(void)state;
	image_measure(&image, of_image);
	assert_true(sgxs_is_stream(stream, sizeof(stream)));
	assert_int_equal(sgxs_measure("s", stream, sizeof(stream), of_stream, &e), 0);
	sha256_digest(stream, sizeof(stream), hash);
	assert_memory_equal(of_stream, of_image, SHA256_SIZE);
	assert_memory_equal(hash, of_image, SHA256_SIZE);
}

static void an_unmeasured_chunk_is_left_out(void **state)
{
	size_t last = sizeof(stream) - CHUNK;
	uint8_t with[SHA256_SIZE], without[SHA256_SIZE];
	struct err e;

	(void)state;
	memcpy(stream + last, "UNMEASRD", 8);
	assert_int_equal(sgxs_measure("s", stream, sizeof(stream), with, &e), 0);
	assert_int_equal(sgxs_measure("s", stream, last, without, &e), 0);
	assert_memory_equal(with, without, SHA256_SIZE);
}

static void the_order_of_pages_and_chunks_is_free_and_measured(void **state)
{
	uint8_t straight[SHA256_SIZE], swapped[SHA256_SIZE], chunk[CHUNK];
	uint8_t *first = stream + HEAD + HEAD;
	struct err e;

	(void)state;
	assert_int_equal(sgxs_measure("s", stream, sizeof(stream), straight, &e), 0);
	memcpy(chunk, first, CHUNK);
	memcpy(first, first + CHUNK, CHUNK);
	memcpy(first + CHUNK, chunk, CHUNK);
	assert_int_equal(sgxs_measure("s", stream, sizeof(stream), swapped, &e), 0);
	assert_memory_not_equal(straight, swapped, SHA256_SIZE);
}

/* size bytes of value at at: what is said. */
static const struct {
	size_t at;
	const char *bytes;
	size_t size;
	const char *said;
} broken[] = {
	{ 0, "ECREATF", 7, "s: at byte 0: no SGXS stream: it does not begin with ECREATE" },
	{ 0, "UNSIZED", 8, "s: at byte 0: UNSIZED: an enclave without a size has no measurement" },
	{ 8, "\0\0\0\0", 4, "s: at byte 0: SSAFRAMESIZE is 0" },
	{ 12, "\0\0\0\0\0\0\0\0", 8, "s: at byte 0: SIZE is not a power of 2 from 8192" },
	{ 12, "\0\x10\0\0\0\0\0\0", 8, "s: at byte 0: SIZE is not a power of 2 from 8192" },
	{ 12, "\0\x30\0\0\0\0\0\0", 8, "s: at byte 0: SIZE is not a power of 2 from 8192" },
	{ 63, "\1", 1, "s: at byte 0: reserved bytes of ECREATE are not 0" },
	{ 64, "EREMOVE", 8, "s: at byte 64: neither EADD, EEXTEND nor UNMEASRD" },
	{ 64, "EADD\0\0\0X", 8, "s: at byte 64: neither EADD, EEXTEND nor UNMEASRD" },
	{ 64, "EEXTEND", 8, "s: at byte 64: a chunk before the first EADD" },
	{ 72, "\1", 1, "s: at byte 64: EADD of no page of the enclave" },
	{ 74, "\1", 1, "s: at byte 64: EADD of no page of the enclave" },
	{ 127, "\1", 1, "s: at byte 64: reserved bytes of SECINFO are not 0" },
	{ 136, "\1", 1, "s: at byte 128: a chunk that is not one of the page before it" },
	{ 137, "\x10", 1, "s: at byte 128: a chunk that is not one of the page before it" },
	{ 191, "\1", 1, "s: at byte 128: reserved bytes of a chunk are not 0" },
};

static void what_would_build_no_enclave_is_refused(void **state)
{
	uint8_t mrenclave[SHA256_SIZE] = { 7 };
	struct err e;

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		make(state);
		memcpy(stream + broken[i].at, broken[i].bytes, broken[i].size);
		assert_int_equal(sgxs_measure("s", stream, sizeof(stream), mrenclave, &e), -EINVAL);
		assert_string_equal(e.text, broken[i].said);
		assert_int_equal(mrenclave[0], 7);
	}
}

static void a_stream_cut_short_is_refused_but_between_records(void **state)
{
	static const struct {
		size_t size;
		const char *said;
	} cuts[] = {
		{ 0, "s: at byte 0: no SGXS stream: it does not begin with ECREATE" },
		{ HEAD - 1, "s: at byte 0: no SGXS stream: it does not begin with ECREATE" },
		{ HEAD + 1, "s: at byte 64: a record is cut short" },
		{ 2 * HEAD + HEAD, "s: at byte 128: a chunk is cut short" },
		{ 2 * HEAD + CHUNK - 1, "s: at byte 128: a chunk is cut short" },
	};
	uint8_t mrenclave[SHA256_SIZE];
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		/* Exactly so many bytes, for the sanitizer. */
		uint8_t *copy = malloc(cuts[i].size + 1);

		assert_non_null(copy);
		memcpy(copy, stream, cuts[i].size);
		assert_int_equal(sgxs_measure("s", copy, cuts[i].size, mrenclave, &e), -EINVAL);
		assert_string_equal(e.text, cuts[i].said);
		free(copy);
	}
	assert_int_equal(sgxs_measure("s", stream, 2 * HEAD + CHUNK, mrenclave, &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_image_s_stream_measures_as_the_image, make),
		cmocka_unit_test_setup(an_unmeasured_chunk_is_left_out, make),
		cmocka_unit_test_setup(the_order_of_pages_and_chunks_is_free_and_measured, make),
		cmocka_unit_test(what_would_build_no_enclave_is_refused),
		cmocka_unit_test_setup(a_stream_cut_short_is_refused_but_between_records, make),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
