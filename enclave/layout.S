/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The measured data that describes the enclave: most of the layout page (sgx/layout.h), the TCSs, the
 * TDs, and room for what the threads own.  The linker script writes what only it knows, the sizes of
 * the program's segments, before and between the two parts of the page that are here.  Offsets count
 * from the layout page; a difference to a label of the same section needs no relocation at load time,
 * so all of it is one section.  Holes between the parts are guard pages: nothing is there.
 */
#include "enclave/image.h"

#define SEGMENT(offset, size, file_offset, secinfo, flags) \
	.quad offset, size, file_offset, secinfo; .long flags, 0
#define OFFSET(symbol) ((symbol) - .Lparts + LAYOUT_HEADER + 4 * LAYOUT_SEGMENT)
#define TCS(i)         (tcs_first + (i) * 0x1000)
#define TD(i)          (td_first + (i) * TD_STRIDE + 0x1000)
#define THREAD(i)      (thread_first + (i) * THREAD_STRIDE)

	.section .layout.header, "aw", @progbits
	.long	1, MISC_EXINFO			/* SSAFRAMESIZE, MISCSELECT */
	.quad	ATTR_MODE64BIT, XFRM_LEGACY
	.long	LAYOUT_SEGMENTS, 0
	.quad	0, 0

	.section .layout.parts, "aw", @progbits
.Lparts:
	SEGMENT(OFFSET(tcs_first), ENCL_THREADS * 0x1000, OFFSET(tcs_first), PAGE_TCS, 0)
	.set	i, 0
	.rept	ENCL_THREADS
	SEGMENT(OFFSET(TD(i)), 0x1000, OFFSET(TD(i)), PAGE_RW, 0)
	SEGMENT(OFFSET(THREAD(i) + THREAD_SSA), ENCL_NSSA * 0x1000, 0, PAGE_RW, LAYOUT_ZERO)
	SEGMENT(OFFSET(THREAD(i) + THREAD_EXC_STACK), ENCL_EXC_STACK, 0, PAGE_RW, LAYOUT_ZERO)
	SEGMENT(OFFSET(THREAD(i) + THREAD_STACK), ENCL_STACK, 0, PAGE_RW, LAYOUT_ZERO)
	.set	i, i + 1
	.endr
	SEGMENT(OFFSET(heap_start), ENCL_HEAP, 0, PAGE_RW, LAYOUT_ZERO)
	.if	(. - .Lparts) / LAYOUT_SEGMENT + 4 - LAYOUT_SEGMENTS
	.error	"LAYOUT_SEGMENTS is not the number of segments"
	.endif
	.org	.Lparts + 0x1000 - LAYOUT_HEADER - 4 * LAYOUT_SEGMENT

	/* SDM vol. 3D, TCS.  No software reads it again, the loader included: it is measured. */
tcs_first:
	.set	i, 0
	.rept	ENCL_THREADS
	.quad	0, 0				/* STATE, FLAGS */
	.quad	OFFSET(THREAD(i) + THREAD_SSA)	/* OSSA */
	.long	0, ENCL_NSSA			/* CSSA, NSSA */
	.quad	OFFSET(encl_entry)		/* OENTRY */
	.quad	0				/* AEP */
	.quad	OFFSET(TD(i)), OFFSET(TD(i))	/* OFSBASE, the program's one day; OGSBASE */
	.long	0xfff, 0xfff			/* FSLIMIT, GSLIMIT: 32-bit enclaves only */
	.zero	0x1000 - 72
	.set	i, i + 1
	.endr

	/* enclave/thread.h, struct td: what is measured of it */
	.globl	td_first
td_first:
	.set	i, 0
	.rept	ENCL_THREADS
	.zero	0x1000				/* the hole */
	.quad	OFFSET(TD(i))
	.quad	OFFSET(THREAD(i) + THREAD_STACK_TOP)
	.quad	OFFSET(THREAD(i) + THREAD_EXC_STACK_TOP)
	.quad	OFFSET(THREAD(i) + THREAD_SSA + SSA_GPRSGX)
	.zero	0x1000 - 32
	.set	i, i + 1
	.endr

	.section .threads, "aw", @nobits
	.globl	thread_first
thread_first:
	.skip	ENCL_THREADS * THREAD_STRIDE

	.section .heap, "aw", @nobits
	.globl	heap_start
	.type	heap_start, @object
heap_start:
	.skip	ENCL_HEAP
	.size	heap_start, . - heap_start

	.section .note.GNU-stack, "", @progbits
