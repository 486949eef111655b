/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MRENCLAVE, the SHA-256 of how an enclave was built (SDM vol. 3D, ECREATE, EADD, EEXTEND).  The
 * software processor, the signer and the loader's diagnosis all take it from here.  Needs
 * crypto_load.
 */
#ifndef LIB_SGX_MEASURE_H
#define LIB_SGX_MEASURE_H

#include <stdint.h>

#include "lib/crypto/crypto.h"

#define MEASURE_CHUNK       256 /* bytes that one EEXTEND measures */
#define MEASURE_PAGE_CHUNKS 16

void measure_ecreate(struct sha256 *s, uint32_t ssaframesize, uint64_t size,
                     uint64_t cet_leg_bitmap_offset);
/* offset: of the page from SECS.BASEADDR; secinfo_flags: a TCS's permissions are cleared here. */
void measure_eadd(struct sha256 *s, uint64_t offset, uint64_t secinfo_flags);
/* offset: of the chunk from SECS.BASEADDR. */
void measure_eextend(struct sha256 *s, uint64_t offset, const void *chunk);
/* measure_eextend of count chunks in a row, at most those of a page. */
void measure_chunks(struct sha256 *s, uint64_t offset, const void *chunks, unsigned int count);
/* measure_eextend of the 16 chunks of a page. */
void measure_page(struct sha256 *s, uint64_t offset, const void *page);

#endif
