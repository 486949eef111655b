/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An encl.bin in memory, checked: its layout page (sgx/layout.h) and the content behind it.  Signer
 * and loader both go through here, so that what is signed is what is loaded.
 */
#ifndef LIB_SGX_IMAGE_H
#define LIB_SGX_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/crypto/crypto.h"
#include "sgx/layout.h"

/* How the loader is told to deviate from the layout page; all 0: not at all. */
struct image_options {
	uint64_t size;	 /* SECS.SIZE instead of the layout's, or 0 */
	uint64_t offset; /* every page this much higher in the enclave: a multiple of 4096 */
};

struct image {
	const uint8_t *file; /* the caller's, page-aligned where it is to be added to an enclave */
	size_t file_size;
	struct sgx_layout layout; /* a copy, checked, with the options applied */
};

/*
 * Check file, whose name is for messages, and fill ret.  -EINVAL with the field that is wrong: size
 * not a multiple of 4096, magic, cut short, segments that overlap, leave the enclave or the file,
 * W without R, W with X, a page type other than REG and TCS, a TCS segment that is not in the file.
 */
int image_parse(const char *name, const void *file, size_t file_size,
		const struct image_options *options, struct image *ret, struct err *e);
/* The MRENCLAVE that the loaded image has.  Needs crypto_load. */
void image_measure(const struct image *image, uint8_t mrenclave[SHA256_SIZE]);

#endif
