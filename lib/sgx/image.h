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
#include "sgx/tcs.h"

/* Bytes of all pages together: a page of zeros costs its file nothing, but whoever measures it. */
#define IMAGE_PAGES_MAX (UINT64_C(1) << 36)

/* How the loader is told to deviate from the layout page; all 0: not at all. */
struct image_options {
	uint64_t size; /* SECS.SIZE instead of the layout's, or 0: the layout's, grown for offset */
	uint64_t offset; /* every page this much higher in the enclave: a multiple of 4096 */
};

/*
 * The signer tells the loader its options in SIGSTRUCT.SWDEFINED, which is signed and means nothing to
 * EINIT: bits 7:0 the power of 2 that is SECS.SIZE, bits 31:8 the offset in pages.  An offset that is
 * not 0 asks for an ELRANGE that starts at address 0.
 */
int image_options_pack(const struct image_options *options, uint32_t *ret_swdefined, struct err *e);
int image_options_unpack(uint32_t swdefined, struct image_options *ret, struct err *e);

struct image {
	const uint8_t *file; /* the caller's, page-aligned where it is to be added to an enclave */
	size_t file_size;
	struct sgx_layout layout; /* a copy, checked, with the options applied */
	uint64_t offset;          /* that of the options, already in layout */
};

/*
 * Check file, whose name is for messages, and fill ret.  -EINVAL with the field that is wrong: size
 * not a multiple of 4096, magic, cut short, segments that overlap, leave the enclave or the file,
 * W without R, W with X, a page type other than REG and TCS, a TCS segment that is not in the file or
 * has permissions, more than IMAGE_PAGES_MAX.
 */
int image_parse(const char *name, const void *file, size_t file_size,
                const struct image_options *options, struct image *ret, struct err *e);
/*
 * A TCS page of the file as the enclave holds it once added: moved by the offset, with the fields that
 * EADD clears cleared.  A loader adds this, not the file's page, when there is an offset.
 */
void image_tcs(const struct image *image, const void *page, struct sgx_tcs *ret);
/*
 * The page of a segment at bytes from its start, as the enclave holds it once added: the file's, zeros,
 * or a TCS in *ret_tcs.
 */
const void *image_page(const struct image *image, const struct sgx_layout_segment *segment,
                       uint64_t at, struct sgx_tcs *ret_tcs);
/* The MRENCLAVE that the loaded image has.  Needs crypto_load. */
void image_measure(const struct image *image, uint8_t mrenclave[SHA256_SIZE]);

#endif
