/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The enclave's memory, as the linker script and layout.S make it: how many threads, how large what
 * each of them owns, and the image's own symbols.  Everything that is measured is an offset from the
 * layout page, so that the image runs at any address.
 */
#ifndef ENCLAVE_IMAGE_H
#define ENCLAVE_IMAGE_H

/* The number of threads that can be in the enclave at once: the one place to change it. */
#define ENCL_THREADS 8

/* What a thread owns next to its TCS and its TD.  All multiples of a page. */
#define ENCL_NSSA      2 /* the program's frame and the exception handler's */
#define ENCL_STACK     0x10000
#define ENCL_GUARD     0x1000 /* the hole below each stack */
#define ENCL_EXC_STACK 0x2000
#define ENCL_HEAP      0x100000 /* all threads together */

/* A thread's area: hole, SSA frames, hole, exception stack, hole, stack. */
#define THREAD_SSA           0x1000
#define THREAD_EXC_STACK     (THREAD_SSA + ENCL_NSSA * 0x1000 + 0x1000)
#define THREAD_EXC_STACK_TOP (THREAD_EXC_STACK + ENCL_EXC_STACK)
#define THREAD_STACK         (THREAD_EXC_STACK_TOP + ENCL_GUARD)
#define THREAD_STACK_TOP     (THREAD_STACK + ENCL_STACK)
#define THREAD_STRIDE        THREAD_STACK_TOP
#define TD_STRIDE            0x2000 /* hole, TD page */

/* sgx/layout.h, sgx/secinfo.h, sgx/ssa.h and sgx/attributes.h for layout.S; asserted below. */
#define LAYOUT_SEGMENTS (6 + 4 * ENCL_THREADS)
#define LAYOUT_HEADER   72
#define LAYOUT_SEGMENT  40
#define LAYOUT_SIZE     8 /* offset of SECS.SIZE in the layout page */
#define LAYOUT_ZERO     1
#define PAGE_RW         0x203
#define PAGE_TCS        0x100
#define SSA_GPRSGX      (0x1000 - 184) /* in its frame of one page */
#define ATTR_MODE64BIT  0x4
#define XFRM_LEGACY     0x3
#define MISC_EXINFO     0x1

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stdint.h>

#include "sgx/attributes.h"
#include "sgx/layout.h"
#include "sgx/secinfo.h"
#include "sgx/ssa.h"

_Static_assert(LAYOUT_SEGMENTS <= SGX_LAYOUT_SEGMENTS_MAX, "too many threads for one layout page");
_Static_assert(LAYOUT_HEADER == offsetof(struct sgx_layout, segment), "header");
_Static_assert(LAYOUT_SEGMENT == sizeof(struct sgx_layout_segment), "segment");
_Static_assert(LAYOUT_SIZE == offsetof(struct sgx_layout, size), "size");
_Static_assert(LAYOUT_ZERO == SGX_LAYOUT_ZERO, "zero");
_Static_assert(PAGE_RW == (SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_W), "RW");
_Static_assert(PAGE_TCS == SGX_SECINFO_TCS, "TCS");
_Static_assert(SSA_GPRSGX == SGX_PAGE_SIZE - sizeof(struct sgx_gprsgx), "GPRSGX");
_Static_assert(ATTR_MODE64BIT == SGX_ATTR_MODE64BIT, "MODE64BIT");
_Static_assert(XFRM_LEGACY == SGX_XFRM_LEGACY, "XFRM");
_Static_assert(MISC_EXINFO == SGX_MISC_EXINFO, "EXINFO");

extern const struct sgx_layout encl_layout; /* the first page of the image */

static inline uint64_t encl_base(void)
{
	return (uint64_t)&encl_layout;
}

/*
 * ELRANGE as the layout page has it.  A loader may make SECS.SIZE larger or put the image higher:
 * what is then in ELRANGE but not in here is a hole, where every access faults.
 */
static inline uint64_t encl_size(void)
{
	return encl_layout.size;
}

#endif

#endif
