// SPDX-License-Identifier: Apache-2.0
/* An enclave image: its layout page, and the MRENCLAVE it has when sgxsign gets no placing option. */
#include <inttypes.h>
#include <stdio.h>

#include "sgx-tools/show.h"
#include "sgx/secinfo.h"

static void show_segment(uint32_t number, const struct sgx_layout_segment *s)
{
	uint64_t type = s->secinfo_flags & SGX_SECINFO_PT_MASK;

	printf("  segment %-2" PRIu32 "           %#" PRIx64 "-%#" PRIx64 " %s %c%c%c ", number,
	       s->offset, s->offset + s->size, type == SGX_SECINFO_TCS ? "TCS" : "REG",
	       s->secinfo_flags & SGX_SECINFO_R ? 'r' : '-',
	       s->secinfo_flags & SGX_SECINFO_W ? 'w' : '-',
	       s->secinfo_flags & SGX_SECINFO_X ? 'x' : '-');
	if (s->flags & SGX_LAYOUT_ZERO)
		printf("zeros\n");
	else
		printf("file %#" PRIx64 "\n", s->file_offset);
}

void show_image(const char *path, const struct image *image)
{
	const struct sgx_layout *l = &image->layout;
	uint8_t mrenclave[SHA256_SIZE];

	printf("%s: enclave image\n", path);
	image_measure(image, mrenclave);
	show_bytes("MRENCLAVE", mrenclave, sizeof(mrenclave));
	show_number("SIZE", l->size);
	show_number("SSAFRAMESIZE", l->ssaframesize);
	show_text("MISCSELECT", show_miscselect(l->miscselect).text);
	show_text("ATTRIBUTES", show_attributes(l->attributes).text);
	show_text("XFRM", show_xfrm(l->xfrm).text);
	for (uint32_t i = 0; i < l->segment_count; i++)
		show_segment(i, &l->segment[i]);
}
