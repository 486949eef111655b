/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SGX enclave control structure (SDM vol. 3D, SECS).
 */
#ifndef SGX_SECS_H
#define SGX_SECS_H

#include <stddef.h>
#include <stdint.h>

#include "sgx/attributes.h"

/* One page; the reserved tail holds what the processor does not publish. */
struct sgx_secs {
	uint64_t size;         /* bytes, a power of 2, at least 8192 */
	uint64_t baseaddr;     /* a multiple of size */
	uint32_t ssaframesize; /* pages */
	uint32_t miscselect;   /* SGX_MISC_* */
	uint64_t cet_leg_bitmap_offset;
	uint8_t cet_attributes;
	uint8_t reserved1[15]; /* 0 */
	struct sgx_attributes attributes;
	uint8_t mrenclave[32];
	uint8_t reserved2[32]; /* 0 */
	uint8_t mrsigner[32];
	uint8_t reserved3[32]; /* 0 */
	uint8_t configid[64];
	uint16_t isvprodid;
	uint16_t isvsvn;
	uint16_t configsvn;
	uint8_t reserved4[3834]; /* 0 */
};
_Static_assert(sizeof(struct sgx_secs) == 4096, "sgx_secs");
_Static_assert(offsetof(struct sgx_secs, size) == 0, "sgx_secs.size");
_Static_assert(offsetof(struct sgx_secs, baseaddr) == 8, "sgx_secs.baseaddr");
_Static_assert(offsetof(struct sgx_secs, ssaframesize) == 16, "sgx_secs.ssaframesize");
_Static_assert(offsetof(struct sgx_secs, miscselect) == 20, "sgx_secs.miscselect");
_Static_assert(offsetof(struct sgx_secs, cet_leg_bitmap_offset) == 24,
               "sgx_secs.cet_leg_bitmap_offset");
_Static_assert(offsetof(struct sgx_secs, cet_attributes) == 32, "sgx_secs.cet_attributes");
_Static_assert(offsetof(struct sgx_secs, reserved1) == 33, "sgx_secs.reserved1");
_Static_assert(offsetof(struct sgx_secs, attributes) == 48, "sgx_secs.attributes");
_Static_assert(offsetof(struct sgx_secs, mrenclave) == 64, "sgx_secs.mrenclave");
_Static_assert(offsetof(struct sgx_secs, reserved2) == 96, "sgx_secs.reserved2");
_Static_assert(offsetof(struct sgx_secs, mrsigner) == 128, "sgx_secs.mrsigner");
_Static_assert(offsetof(struct sgx_secs, reserved3) == 160, "sgx_secs.reserved3");
_Static_assert(offsetof(struct sgx_secs, configid) == 192, "sgx_secs.configid");
_Static_assert(offsetof(struct sgx_secs, isvprodid) == 256, "sgx_secs.isvprodid");
_Static_assert(offsetof(struct sgx_secs, isvsvn) == 258, "sgx_secs.isvsvn");
_Static_assert(offsetof(struct sgx_secs, configsvn) == 260, "sgx_secs.configsvn");
_Static_assert(offsetof(struct sgx_secs, reserved4) == 262, "sgx_secs.reserved4");

#endif
