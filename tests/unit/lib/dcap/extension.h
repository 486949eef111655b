/* SPDX-License-Identifier: Apache-2.0 */
/* Making the SGX extension of PCK certificates, also with mistakes in it. */
#ifndef TESTS_UNIT_LIB_DCAP_EXTENSION_H
#define TESTS_UNIT_LIB_DCAP_EXTENSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that are being made. */
struct out {
	uint8_t data[4096];
	size_t size;
};

/* Append one DER element. */
void out_tlv(struct out *o, uint8_t tag, const void *content, size_t size);

/* Mistakes name an entry: 1 to 7, 0x201 to 0x212 in the TCB, 0x701 to 0x703 in the configuration. */
struct extension_spec {
	uint8_t svn[16];
	uint32_t pcesvn;
	uint8_t fmspc[6], pceid[2];
	bool is_platform;
	int omit, twice, foreign, mistyped, longer, negative, padded, trailing;
	uint32_t big_svn; /* instead of the first component; 0: that */
	bool outer_trailing;
};

/* The extension's content into o. */
void extension_make(const struct extension_spec *spec, struct out *o);

#endif
