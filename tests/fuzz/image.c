// SPDX-License-Identifier: Apache-2.0
/*
 * image_parse over any file: the input is options, the number of pages and what the file begins with;
 * the rest of it is zeros, so that inputs stay small.  What is accepted can be measured and loaded.
 */
#include "lib/sgx/image.h"

#include <string.h>

#include "sgx/secinfo.h"
#include "tests/fuzz/machine.h"

#define FILE_PAGES   4
#define MEASURED_MAX (UINT64_C(1) << 18) /* bytes; more takes too long */

static _Alignas(4096) uint8_t file[FILE_PAGES * SGX_PAGE_SIZE];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	machine_load();
	return 0;
}

/* What image_parse promises of a layout. */
static uint64_t check(const struct image *image, size_t file_size)
{
	const struct sgx_layout *l = &image->layout;
	uint64_t total = 0;

	PROMISE(l->segment_count >= 1 && l->segment_count <= SGX_LAYOUT_SEGMENTS_MAX);
	PROMISE(l->size >= 2 * SGX_PAGE_SIZE && (l->size & (l->size - 1)) == 0);
	for (uint32_t i = 0; i < l->segment_count; i++) {
		const struct sgx_layout_segment *s = &l->segment[i];
		uint64_t perm = s->secinfo_flags & SGX_SECINFO_RWX;

		PROMISE(s->size > 0 && s->size % SGX_PAGE_SIZE == 0 &&
		        s->offset % SGX_PAGE_SIZE == 0);
		PROMISE(s->offset < l->size && s->size <= l->size - s->offset);
		PROMISE((s->flags & SGX_LAYOUT_ZERO) ||
		        (s->file_offset < file_size && s->size <= file_size - s->file_offset));
		PROMISE((perm & (SGX_SECINFO_W | SGX_SECINFO_X)) !=
		        (SGX_SECINFO_W | SGX_SECINFO_X));
		PROMISE(!(perm & SGX_SECINFO_W) || (perm & SGX_SECINFO_R));
		PROMISE(s->size <= IMAGE_PAGES_MAX - total);
		total += s->size;
	}
	return total;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct image_options options = { 0, 0 };
	struct err e = { .text = "" };
	uint8_t mrenclave[SHA256_SIZE], flags = input_u8(&in);
	struct sgx_tcs tcs;
	struct image image;
	size_t file_size = (size_t)(flags % (FILE_PAGES + 1)) * SGX_PAGE_SIZE;

	if (flags & 0x80 && image_options_unpack((uint32_t)input_u64(&in), &options, &e) < 0)
		return 0;
	if (flags & 0x40)
		file_size -= file_size > 0;
	input_bytes(&in, file, sizeof(file));
	if (image_parse("fuzz", file, file_size, &options, &image, &e) < 0) {
		PROMISE(e.text[0] != 0);
		return 0;
	}
	if (check(&image, file_size) <= MEASURED_MAX)
		image_measure(&image, mrenclave);
	for (uint32_t i = 0; i < image.layout.segment_count; i++)
		if (image.layout.segment[i].secinfo_flags == SGX_SECINFO_TCS)
			image_tcs(&image, file + image.layout.segment[i].file_offset, &tcs);
	return 0;
}
