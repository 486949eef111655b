/* SPDX-License-Identifier: Apache-2.0 */
/* Printing what a file of SGX holds, a line a field. */
#ifndef SGX_TOOLS_SHOW_H
#define SGX_TOOLS_SHOW_H

#include "lib/sgx/image.h"
#include "sgx/sigstruct.h"

void show_sigstruct(const char *path, const struct sgx_sigstruct *sig);
void show_image(const char *path, const struct image *image);

/* "0x6 DEBUG MODE64BIT": the number, the names of its bits, and the bits without a name. */
struct show_bits {
	char text[256];
};
struct show_bits show_attributes(uint64_t flags);
struct show_bits show_xfrm(uint64_t xfrm);
struct show_bits show_miscselect(uint32_t miscselect);

void show_text(const char *name, const char *text);
void show_number(const char *name, uint64_t value);
void show_bytes(const char *name, const void *bytes, size_t size);
/* The field and its mask. */
void show_masked(const char *name, struct show_bits bits, uint64_t mask);

#endif
