// SPDX-License-Identifier: Apache-2.0
/* The small image; see imagefile.h. */
#include "tests/unit/lib/sgx/imagefile.h"

#include <string.h>

#include "sgx/attributes.h"
#include "sgx/secinfo.h"

void imagefile_make(struct imagefile *ret)
{
	const struct sgx_layout layout = {
		.magic = SGX_LAYOUT_MAGIC,
		.size = 0x10000,
		.file_size = sizeof(*ret),
		.ssaframesize = 1,
		.miscselect = SGX_MISC_EXINFO,
		.attributes = SGX_ATTR_MODE64BIT,
		.xfrm = SGX_XFRM_LEGACY,
		.segment_count = 5,
		.segment = {
			[IMAGEFILE_LAYOUT] = { 0, 0x1000, 0, SGX_SECINFO_REG | SGX_SECINFO_R, 0, 0 },
			[IMAGEFILE_TCS] = { 0x1000, 0x1000, 0x1000, SGX_SECINFO_TCS, 0, 0 },
			[IMAGEFILE_TEXT] = { 0x2000, 0x1000, 0x2000,
					     SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_X, 0,
					     0 },
			[IMAGEFILE_DATA] = { 0x4000, 0x1000, 0x3000,
					     SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_W, 0,
					     0 },
			[IMAGEFILE_ZERO] = { 0x6000, 0x2000, 0,
					     SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_W,
					     SGX_LAYOUT_ZERO, 0 },
		},
	};

	_Static_assert(sizeof(*ret) == 4 * 4096, "four pages");
	memset(ret, 0, sizeof(*ret));
	ret->layout = layout;
	ret->tcs.ossa = 0x6000;
	ret->tcs.nssa = 2;
	ret->tcs.oentry = 0x2000;
	ret->tcs.ogsbase = 0x4000;
	memset(ret->text, 0x90, sizeof(ret->text));
	memset(ret->data, 0x5a, sizeof(ret->data));
}
