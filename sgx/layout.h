/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layout page: the first page of an encl.bin, which says how the file becomes an enclave.
 * The linker script makes it, the page itself is part of the enclave (read-only, measured), and
 * signer and loader read it the same way, so that both see one list of pages.  It says nothing
 * that MRENCLAVE does not: a changed layout is a changed measurement.
 *
 * Pages are added in the order of the segments, and within a segment in ascending order.  Ranges of
 * the enclave that no segment covers are holes: guard pages.
 */
#ifndef SGX_LAYOUT_H
#define SGX_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#define SGX_LAYOUT_MAGIC        UINT64_C(0x314c434e454c4b53) /* the bytes "SKLENCL1" */
#define SGX_LAYOUT_SEGMENTS_MAX 64

#define SGX_LAYOUT_ZERO UINT32_C(0x1) /* pages of zeros: they take no room in the file */

struct sgx_layout_segment {
	uint64_t offset;        /* from SECS.BASEADDR, a multiple of 4096 */
	uint64_t size;          /* bytes, a multiple of 4096, not 0 */
	uint64_t file_offset;   /* a multiple of 4096; 0 with SGX_LAYOUT_ZERO */
	uint64_t secinfo_flags; /* SGX_SECINFO_REG | permissions, or SGX_SECINFO_TCS */
	uint32_t flags;         /* SGX_LAYOUT_* */
	uint32_t reserved;      /* 0 */
};

struct sgx_layout {
	uint64_t magic;        /* SGX_LAYOUT_MAGIC */
	uint64_t size;         /* SECS.SIZE: a power of 2 that holds every segment */
	uint64_t file_size;    /* of the whole encl.bin, to notice a cut file */
	uint32_t ssaframesize; /* pages */
	uint32_t miscselect;
	uint64_t attributes; /* SECS.ATTRIBUTES flags that the code needs; DEBUG is the user's */
	uint64_t xfrm;
	uint32_t segment_count; /* 1 to SGX_LAYOUT_SEGMENTS_MAX */
	uint32_t reserved;      /* 0 */
	uint64_t reserved2[2];  /* 0 */
	struct sgx_layout_segment segment[SGX_LAYOUT_SEGMENTS_MAX];
};

_Static_assert(sizeof(struct sgx_layout_segment) == 40, "sgx_layout_segment");
_Static_assert(offsetof(struct sgx_layout_segment, secinfo_flags) == 24, "secinfo_flags");
_Static_assert(offsetof(struct sgx_layout, ssaframesize) == 24, "ssaframesize");
_Static_assert(offsetof(struct sgx_layout, attributes) == 32, "attributes");
_Static_assert(offsetof(struct sgx_layout, segment_count) == 48, "segment_count");
_Static_assert(offsetof(struct sgx_layout, segment) == 72, "segment");
_Static_assert(sizeof(struct sgx_layout) <= 4096, "the layout is one page");

#endif
