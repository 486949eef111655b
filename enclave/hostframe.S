/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For debuggers alone: who called encl_entry, once it is on the trusted stack, and whom encl_handle
 * interrupted.  The answer is in the thread's TD, where the entry keeps the host's RSP, RBP and the
 * address behind its EENTER, and an exception the program's registers; no .cfi directive can say that.
 * So this is a CIE and two FDEs by hand (DWARF 5, 6.4), in .debug_frame, which is not part of the
 * image.  They are signal frames ("S"): the other stack may lie anywhere.
 */
#include "enclave/handler.h"
#include "enclave/thread.h"

#define DW_CFA_def_cfa_expression 0x0f
#define DW_CFA_expression         0x10
#define DW_OP_addr                0x03
#define DW_OP_deref               0x06
#define DW_OP_const4u             0x0c
#define DW_OP_and                 0x1a
#define DW_OP_div                 0x1b
#define DW_OP_minus               0x1c
#define DW_OP_mul                 0x1e
#define DW_OP_plus                0x22
#define DW_OP_plus_uconst         0x23
#define DW_OP_breg7               0x77	/* rsp */

	/*
	 * The address of a word in this thread's TD.  Stacks and TDs are rows of one order:
	 * (rsp - bottom of the first stack's area) / THREAD_STRIDE numbers the thread, rsp being above
	 * its area's bottom and at most at its top, which is the next one's bottom: hence the 8.
	 */
	.macro	TD_ADDRESS offset
	.byte	DW_OP_breg7, 0x78		/* rsp - 8 */
	.byte	DW_OP_addr
	.quad	thread_first
	.byte	DW_OP_minus
	.byte	DW_OP_const4u
	.long	THREAD_STRIDE
	.byte	DW_OP_div
	.byte	DW_OP_const4u
	.long	TD_STRIDE
	.byte	DW_OP_mul
	.byte	DW_OP_addr
	.quad	td_first + 0x1000
	.byte	DW_OP_plus
	.byte	DW_OP_plus_uconst
	.uleb128 \offset
	.endm

	/* DW_CFA_expression: register number, length, the address where its value is kept. */
	.macro	SAVED dwarf, offset
	.byte	DW_CFA_expression, \dwarf
	.uleb128 .Lend\@ - .Lbegin\@
.Lbegin\@:
	TD_ADDRESS \offset
.Lend\@:
	.endm

	.section .debug_frame, "", @progbits
	.balign	8
.Lcie:
	.long	.Lcie_end - .Lcie_start
.Lcie_start:
	.long	0xffffffff			/* a CIE */
	.byte	1				/* version */
	.asciz	"zS"
	.uleb128 1				/* code alignment */
	.sleb128 -8				/* data alignment */
	.byte	16				/* the return address is rip's column */
	.uleb128 0				/* no augmentation data */
	.balign	8, 0				/* DW_CFA_nop */
.Lcie_end:

	.long	.Lfde_end - .Lfde_start
.Lfde_start:
	.long	.Lcie
	.quad	entry_own_stack
	.quad	entry_own_stack_size
	.uleb128 0
	.byte	DW_CFA_def_cfa_expression	/* the CFA is the host's RSP */
	.uleb128 .Lcfa_end - .Lcfa
.Lcfa:
	TD_ADDRESS TD_HOST + HOST_RSP
	.byte	DW_OP_deref
.Lcfa_end:
	SAVED	6, TD_HOST + HOST_RBP
	SAVED	12, TD_HOST + HOST_R12
	SAVED	13, TD_HOST + HOST_R13
	SAVED	14, TD_HOST + HOST_R14
	SAVED	15, TD_HOST + HOST_R15
	SAVED	16, TD_HOST + HOST_RCX
	.balign	8, 0
.Lfde_end:

	.long	.Lhandle_end - .Lhandle_start
.Lhandle_start:
	.long	.Lcie
	.quad	encl_handle
	.quad	encl_handle_size
	.uleb128 0
	.byte	DW_CFA_def_cfa_expression	/* the CFA is the program's RSP */
	.uleb128 .Lhandle_cfa_end - .Lhandle_cfa
.Lhandle_cfa:
	TD_ADDRESS TD_EXCEPTION + EXCEPTION_RSP
	.byte	DW_OP_deref
.Lhandle_cfa_end:
	SAVED	0, TD_EXCEPTION + EXCEPTION_RAX
	SAVED	1, TD_EXCEPTION + EXCEPTION_RDX
	SAVED	2, TD_EXCEPTION + EXCEPTION_RCX
	SAVED	3, TD_EXCEPTION + EXCEPTION_RBX
	SAVED	4, TD_EXCEPTION + EXCEPTION_RSI
	SAVED	5, TD_EXCEPTION + EXCEPTION_RDI
	SAVED	6, TD_EXCEPTION + EXCEPTION_RBP
	SAVED	8, TD_EXCEPTION + EXCEPTION_R8
	SAVED	9, TD_EXCEPTION + EXCEPTION_R9
	SAVED	10, TD_EXCEPTION + EXCEPTION_R10
	SAVED	11, TD_EXCEPTION + EXCEPTION_R11
	SAVED	12, TD_EXCEPTION + EXCEPTION_R12
	SAVED	13, TD_EXCEPTION + EXCEPTION_R13
	SAVED	14, TD_EXCEPTION + EXCEPTION_R14
	SAVED	15, TD_EXCEPTION + EXCEPTION_R15
	SAVED	16, TD_EXCEPTION + EXCEPTION_RIP
	.balign	8, 0
.Lhandle_end:

	.section .note.GNU-stack, "", @progbits
