// SPDX-License-Identifier: Apache-2.0
/*
 * Enclaves before they are signed: an image's layout page with the MRENCLAVE it has when sgxsign gets
 * no placing option, and an SGXS stream.
 */
#include <string.h>

#include "lib/sgx/measure.h"
#include "lib/sgx/record.h"
#include "lib/sgx/sgxs.h"
#include "sgx-tools/show.h"
#include "sgx/secinfo.h"

static void show_segment(struct show *s, uint32_t number, const struct sgx_layout_segment *segment)
{
	uint64_t flags = segment->secinfo_flags;
	char permissions[] = { flags & SGX_SECINFO_R ? 'r' : '-', flags & SGX_SECINFO_W ? 'w' : '-',
		               flags & SGX_SECINFO_X ? 'x' : '-', '\0' };

	show_row(s, "segment", number);
	show_number(s, "offset", segment->offset);
	show_number(s, "size", segment->size);
	show_text(s, "type", (flags & SGX_SECINFO_PT_MASK) == SGX_SECINFO_TCS ? "TCS" : "REG");
	show_text(s, "permissions", permissions);
	if (segment->flags & SGX_LAYOUT_ZERO)
		show_bool(s, "zeros", true);
	else
		show_number(s, "file offset", segment->file_offset);
	show_end(s);
}

int show_image(struct show *s, const char *path, const void *bytes, size_t size, struct err *e)
{
	static const struct image_options none;
	uint8_t mrenclave[SHA256_SIZE];
	struct image image;
	int r = image_parse(path, bytes, size, &none, &image, e);

	if (r < 0)
		return r;
	image_measure(&image, mrenclave);
	show_title(s, path, "enclave image", "image");
	show_hex(s, "MRENCLAVE", mrenclave, sizeof(mrenclave));
	show_number(s, "SIZE", image.layout.size);
	show_number(s, "SSAFRAMESIZE", image.layout.ssaframesize);
	show_miscselect(s, image.layout.miscselect, NULL);
	show_attributes(s, image.layout.attributes, NULL);
	show_xfrm(s, image.layout.xfrm, NULL);
	show_list(s, "segments");
	for (uint32_t i = 0; i < image.layout.segment_count; i++)
		show_segment(s, i, &image.layout.segment[i]);
	show_list_end(s);
	return 0;
}

/* Of a stream that sgxs_measure has accepted: a record's tag says how much follows it. */
static size_t count_pages(const uint8_t *bytes, size_t size, size_t *ret_chunks)
{
	size_t pages = 0, chunks = 0;

	for (size_t at = RECORD_SIZE; at < size;) {
		bool is_page = memcmp(bytes + at, "EADD", 4) == 0;

		if (is_page)
			pages++;
		else if (memcmp(bytes + at, "EEXTEND", 7) == 0)
			chunks++;
		at += is_page ? RECORD_SIZE : RECORD_SIZE + MEASURE_CHUNK;
	}
	*ret_chunks = chunks;
	return pages;
}

int show_sgxs(struct show *s, const char *path, const void *bytes, size_t size, struct err *e)
{
	uint8_t mrenclave[SHA256_SIZE];
	struct record_ecreate ecreate;
	size_t pages, chunks;
	int r = sgxs_measure(path, bytes, size, mrenclave, e);

	if (r < 0)
		return r;
	memcpy(&ecreate, bytes, sizeof(ecreate));
	pages = count_pages(bytes, size, &chunks);
	show_title(s, path, "SGXS stream", "sgxs");
	show_hex(s, "MRENCLAVE", mrenclave, sizeof(mrenclave));
	show_number(s, "SIZE", ecreate.size);
	show_number(s, "SSAFRAMESIZE", ecreate.ssaframesize);
	show_count(s, "pages", pages);
	show_count(s, "measured chunks", chunks);
	return 0;
}
