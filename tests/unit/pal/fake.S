/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_enter - stands for __vdso_sgx_enter_enclave: fake_enclave (C) decides, and what it decided is in
 * the registers afterwards, together with poison in everything that the real one does not keep.
 *
 * in	as sgx_vdso_enter_fn; run at 8(%rsp)
 * out	eax, rdi, rsi, rdx from fake_exit; rbx and rbp kept
 */
	.text
	.globl	fake_enter
	.type	fake_enter, @function
fake_enter:
	push	%rbp
	mov	%rsp, %rbp
	push	%rbx
	sub	$8, %rsp
	mov	16(%rbp), %r8			/* run: the fifth argument of fake_enclave */
	call	fake_enclave
	mov	fake_exit(%rip), %rdi
	mov	fake_exit+8(%rip), %rsi
	mov	fake_exit+16(%rip), %rdx
	mov	fake_exit+24(%rip), %rax
	ldmxcsr	fake_mxcsr(%rip)
	fldcw	fake_fcw(%rip)
	mov	$0x5a5a5a5a5a5a5a5a, %rcx
	mov	%rcx, %r8
	mov	%rcx, %r9
	mov	%rcx, %r10
	mov	%rcx, %r11
	mov	%rcx, %r12
	mov	%rcx, %r13
	mov	%rcx, %r14
	mov	%rcx, %r15
	std
	add	$8, %rsp
	pop	%rbx
	pop	%rbp
	ret
	.size	fake_enter, . - fake_enter

/*
 * kept_call - call a function with known values in the registers that it must keep
 *
 * in	rdi	function; rsi rdx rcx r8	its first four arguments
 * out	eax	a bit for each thing that has changed: rbx 1, rbp 2, r12 4, r13 8, r14 16, r15 32,
 *		MXCSR 64, control word 128, DF 256, rsp 512
 */
	.globl	kept_call
	.type	kept_call, @function
kept_call:
	push	%rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	sub	$24, %rsp
	mov	%rsp, kept_rsp(%rip)
	stmxcsr	(%rsp)
	fnstcw	4(%rsp)
	mov	%rdi, %rax
	mov	%rsi, %rdi
	mov	%rdx, %rsi
	mov	%rcx, %rdx
	mov	%r8, %rcx
	mov	$0x1001, %ebx
	mov	$0x1002, %ebp
	mov	$0x1003, %r12d
	mov	$0x1004, %r13d
	mov	$0x1005, %r14d
	mov	$0x1006, %r15d
	call	*%rax
	pushf
	pop	%rcx
	xor	%eax, %eax
	bt	$10, %ecx
	jnc	1f
	or	$256, %eax
1:	cld
	.macro	KEPT reg, value, bit
	cmp	$\value, %\reg
	je	2f
	or	$\bit, %eax
2:
	.endm
	KEPT	rbx, 0x1001, 1
	KEPT	rbp, 0x1002, 2
	KEPT	r12, 0x1003, 4
	KEPT	r13, 0x1004, 8
	KEPT	r14, 0x1005, 16
	KEPT	r15, 0x1006, 32
	cmp	%rsp, kept_rsp(%rip)
	je	3f
	or	$512, %eax
	mov	kept_rsp(%rip), %rsp
3:	stmxcsr	8(%rsp)
	fnstcw	12(%rsp)
	mov	(%rsp), %ecx
	cmp	%ecx, 8(%rsp)
	je	4f
	or	$64, %eax
4:	mov	4(%rsp), %cx
	cmp	%cx, 12(%rsp)
	je	5f
	or	$128, %eax
5:	ldmxcsr	(%rsp)
	fldcw	4(%rsp)
	add	$24, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	ret
	.size	kept_call, . - kept_call

	.section .rodata
	.balign	4
fake_mxcsr:
	.long	0x7f80				/* rounds to zero */
fake_fcw:
	.word	0x0c7f

	.bss
	.balign	8
kept_rsp:
	.quad	0

	.section .note.GNU-stack, "", @progbits
