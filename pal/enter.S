/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way into the enclave and back.  The enclave promises to put back RSP and RBP, nothing else:
 * both entries save what the C calling convention has a function keep (RBX, R12 to R15, MXCSR, the
 * x87 control word), find it again through RBP, and clear the direction flag.  The red zone and
 * everything below RSP may be overwritten by a signal's frame.
 *
 * Frame of both:	 0(%rbp)	caller's rbp
 *			 -8 .. -40	caller's rbx, r12, r13, r14, r15
 *			-48		regs
 *			-56		run (enter_enclu)
 *			-64, -60	MXCSR, x87 control word
 */
#include "pal/enter.h"
#include "sgx/asm.h"

#define FRAME_REGS  -48
#define FRAME_RUN   -56
#define FRAME_MXCSR -64
#define FRAME_FCW   -60

	.text

	.macro	FRAME_ENTER
	.cfi_startproc
	push	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbp, 0
	mov	%rsp, %rbp
	.cfi_def_cfa_register %rbp
	push	%rbx
	.cfi_offset %rbx, -24
	push	%r12
	.cfi_offset %r12, -32
	push	%r13
	.cfi_offset %r13, -40
	push	%r14
	.cfi_offset %r14, -48
	push	%r15
	.cfi_offset %r15, -56
	push	%rdi				/* FRAME_REGS */
	push	%rdx				/* FRAME_RUN */
	sub	$8, %rsp
	stmxcsr	FRAME_MXCSR(%rbp)
	fnstcw	FRAME_FCW(%rbp)
	.endm

	/* eax: the result; goes back to the caller with nothing of the enclave's. */
	.macro	FRAME_LEAVE
	cld
	ldmxcsr	FRAME_MXCSR(%rbp)
	fldcw	FRAME_FCW(%rbp)
	lea	-40(%rbp), %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	.cfi_def_cfa %rsp, 8
	ret
	.cfi_endproc
	.endm

/*
 * int enter_vdso(struct enter_regs *regs, unsigned int leaf, struct sgx_enclave_run *run,
 *                sgx_vdso_enter_fn *enter)
 *
 * in	rdi	regs		the caller's
 *	esi	leaf		the caller's: EENTER or ERESUME
 *	rdx	run		the caller's, its user_handler 0
 *	rcx	enter		the kernel's function
 * out	eax	the kernel's result; regs: rdi, rsi, rdx as the enclave left them, which is of
 *		meaning only when run->function is EEXIT
 * stack	ours; the kernel's function has run at 8(%rsp) and keeps RBX and RBP only
 */
	.globl	enter_vdso
	.hidden	enter_vdso
	.type	enter_vdso, @function
enter_vdso:
	FRAME_ENTER
	mov	%rdi, %r10
	mov	%rcx, %rax
	mov	%esi, %ecx
	mov	%rdx, %r11
	mov	ENTER_REGS_RDI(%r10), %rdi
	mov	ENTER_REGS_RSI(%r10), %rsi
	mov	ENTER_REGS_RDX(%r10), %rdx
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	sub	$8, %rsp			/* the call is made with RSP a multiple of 16 */
	push	%r11				/* run */
	call	*%rax
	mov	FRAME_REGS(%rbp), %rcx
	mov	%rdi, ENTER_REGS_RDI(%rcx)
	mov	%rsi, ENTER_REGS_RSI(%rcx)
	mov	%rdx, ENTER_REGS_RDX(%rcx)
	FRAME_LEAVE
	.size	enter_vdso, . - enter_vdso

/*
 * int enter_enclu(struct enter_regs *regs, unsigned int leaf, struct sgx_enclave_run *run)
 *
 * in	rdi	regs		the caller's
 *	esi	leaf		the caller's: EENTER or ERESUME
 *	rdx	run		the caller's
 * out	eax	0; run->function: EEXIT, or with the exception's fields the leaf that ended in it
 * stack	ours
 *
 * One ENCLU is the entry, the address for asynchronous exits (AEP) and the ERESUME that follows
 * them: there RAX is ERESUME, RBX the TCS, RCX the AEP, RSP and RBP ours.
 */
	.globl	enter_enclu
	.hidden	enter_enclu
	.type	enter_enclu, @function
enter_enclu:
	FRAME_ENTER
	mov	%rdi, %r10
	mov	%esi, %eax			/* leaf */
	mov	ENTER_RUN_TCS(%rdx), %rbx
	lea	enter_aep(%rip), %rcx
	mov	ENTER_REGS_RDI(%r10), %rdi
	mov	ENTER_REGS_RSI(%r10), %rsi
	mov	ENTER_REGS_RDX(%r10), %rdx
	xor	%r8d, %r8d
	xor	%r9d, %r9d

	.globl	enter_aep
	.hidden	enter_aep
enter_aep:
	enclu

	mov	FRAME_REGS(%rbp), %rcx		/* EEXIT comes here: RBP is ours, RBX is not */
	mov	%rdi, ENTER_REGS_RDI(%rcx)
	mov	%rsi, ENTER_REGS_RSI(%rcx)
	mov	%rdx, ENTER_REGS_RDX(%rcx)
	mov	FRAME_RUN(%rbp), %rcx
	movl	$SGX_LEAF_EEXIT, ENTER_RUN_FUNCTION(%rcx)
.Lleave:
	xor	%eax, %eax
	FRAME_LEAVE

/*
 * enter_fault - where the signal handler sends a fault at enter_aep
 *
 * in	eax	the leaf		the CPU's: EENTER when it faulted itself, else ERESUME
 *	rdi rsi rdx	vector, error code, address	the handler's
 * stack	ours, as at enter_aep
 */
	.globl	enter_fault
	.hidden	enter_fault
enter_fault:
	.cfi_startproc
	.cfi_def_cfa %rbp, 16
	.cfi_offset %rbp, -16
	.cfi_offset %rbx, -24
	.cfi_offset %r12, -32
	.cfi_offset %r13, -40
	.cfi_offset %r14, -48
	.cfi_offset %r15, -56
	mov	FRAME_RUN(%rbp), %rcx
	mov	%eax, ENTER_RUN_FUNCTION(%rcx)
	mov	%di, ENTER_RUN_VECTOR(%rcx)
	mov	%si, ENTER_RUN_ERROR(%rcx)
	mov	%rdx, ENTER_RUN_ADDR(%rcx)
	jmp	.Lleave
	.cfi_endproc
	.size	enter_enclu, . - enter_enclu

	.section .note.GNU-stack, "", @progbits
