/* SPDX-License-Identifier: Apache-2.0 */
/* The vDSO's function with every register full that goes through it. */
	.text

/*
 * roundtrip(function, struct roundtrip *, run) - in and out: rdi, rsi, rdx, r8 to r15; then ymm0 to
 * ymm15 as one pattern in, and as they are out.  Returns what the function returns.
 */
	.globl	roundtrip
	.type	roundtrip, @function
roundtrip:
	push	%rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	sub	$8, %rsp
	push	%rsi
	push	%rdx
	mov	%rdi, %rax
	mov	%rsi, %rbx
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	vmovdqu	88+32*\n(%rbx), %ymm\n
	.endr
	mov	(%rbx), %rdi
	mov	8(%rbx), %rsi
	mov	16(%rbx), %rdx
	mov	24(%rbx), %r8
	mov	32(%rbx), %r9
	mov	40(%rbx), %r10
	mov	48(%rbx), %r11
	mov	56(%rbx), %r12
	mov	64(%rbx), %r13
	mov	72(%rbx), %r14
	mov	80(%rbx), %r15
	mov	$2, %ecx
	call	*%rax
	mov	8(%rsp), %rbx
	mov	%rdi, (%rbx)
	mov	%rsi, 8(%rbx)
	mov	%rdx, 16(%rbx)
	mov	%r8, 24(%rbx)
	mov	%r9, 32(%rbx)
	mov	%r10, 40(%rbx)
	mov	%r11, 48(%rbx)
	mov	%r12, 56(%rbx)
	mov	%r13, 64(%rbx)
	mov	%r14, 72(%rbx)
	mov	%r15, 80(%rbx)
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	vmovdqu	%ymm\n, 88+32*\n(%rbx)
	.endr
	vzeroupper
	add	$24, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	ret
	.size	roundtrip, . - roundtrip

	.section .note.GNU-stack, "", @progbits
