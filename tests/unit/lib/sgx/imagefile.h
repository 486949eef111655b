/* SPDX-License-Identifier: Apache-2.0 */
/* A small, right encl.bin, for tests to break. */
#ifndef TESTS_UNIT_LIB_SGX_IMAGEFILE_H
#define TESTS_UNIT_LIB_SGX_IMAGEFILE_H

#include "sgx/layout.h"
#include "sgx/tcs.h"

/*
 * Layout page at 0, TCS at 0x1000, text at 0x2000, data at 0x4000 (0x3000 is a hole), two pages of
 * zeros at 0x6000, in an enclave of 0x10000 bytes.
 */
enum { IMAGEFILE_LAYOUT, IMAGEFILE_TCS, IMAGEFILE_TEXT, IMAGEFILE_DATA, IMAGEFILE_ZERO };

struct imagefile {
	union {
		struct sgx_layout layout;
		uint8_t page[4096];
	};
	struct sgx_tcs tcs;
	uint8_t text[4096];
	uint8_t data[4096];
};

void imagefile_make(struct imagefile *ret);

#endif
