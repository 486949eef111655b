/* SPDX-License-Identifier: Apache-2.0 */
/* ENCLU with every register under the test's control; see struct raw. */
#include "tests/trap/enclave.h"

#define RAX 0
#define RBX 8
#define RCX 16
#define RDX 24
#define RSI 32
#define RDI 40
#define RBP 48
#define R8  56
#define R9  64
#define R10 72
#define R11 80
#define R12 88
#define R13 96
#define R14 104
#define R15 112
#define RFLAGS 120
#define MXCSR  128
#define FCW    132
#define RSP    136
#define FS     144
#define GS     152
#define YMM    168

	.text

/* raw_enclu - in: rdi struct raw *; it is filled in at the exit; RSP must come back as it was */
	.globl	raw_enclu
	.type	raw_enclu, @function
raw_enclu:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	sub	$16, %rsp
	stmxcsr	8(%rsp)			/* ours, for later */
	fnstcw	12(%rsp)
	mov	%rdi, (%rsp)

	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	vmovdqu	YMM+32*\n(%rdi), %ymm\n
	.endr
	ldmxcsr	MXCSR(%rdi)
	fldcw	FCW(%rdi)
	mov	RAX(%rdi), %rax
	mov	RBX(%rdi), %rbx
	mov	RCX(%rdi), %rcx
	mov	RDX(%rdi), %rdx
	mov	RSI(%rdi), %rsi
	mov	RBP(%rdi), %rbp
	mov	R8(%rdi), %r8
	mov	R9(%rdi), %r9
	mov	R10(%rdi), %r10
	mov	R11(%rdi), %r11
	mov	R12(%rdi), %r12
	mov	R13(%rdi), %r13
	mov	R14(%rdi), %r14
	mov	R15(%rdi), %r15
	pushq	RFLAGS(%rdi)
	mov	RDI(%rdi), %rdi
	popfq				/* AC and DF may be set from here on */
	.globl	raw_instruction
raw_instruction:
	enclu

	push	%rdi			/* 8-aligned: harmless with AC */
	mov	8(%rsp), %rdi
	pop	RDI(%rdi)
	mov	%rax, RAX(%rdi)
	pushfq
	pop	%rax
	mov	%rax, RFLAGS(%rdi)
	and	$~0x40400, %eax
	push	%rax
	popfq
	mov	%rbx, RBX(%rdi)
	mov	%rcx, RCX(%rdi)
	mov	%rdx, RDX(%rdi)
	mov	%rsi, RSI(%rdi)
	mov	%rbp, RBP(%rdi)
	mov	%r8, R8(%rdi)
	mov	%r9, R9(%rdi)
	mov	%r10, R10(%rdi)
	mov	%r11, R11(%rdi)
	mov	%r12, R12(%rdi)
	mov	%r13, R13(%rdi)
	mov	%r14, R14(%rdi)
	mov	%r15, R15(%rdi)
	mov	%rsp, RSP(%rdi)
	rdfsbase %rax
	mov	%rax, FS(%rdi)
	rdgsbase %rax
	mov	%rax, GS(%rdi)
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	vmovdqu	%ymm\n, YMM+32*\n(%rdi)
	.endr
	stmxcsr	MXCSR(%rdi)
	fnstcw	FCW(%rdi)
	vzeroupper
	ldmxcsr	8(%rsp)
	fldcw	12(%rsp)
	add	$16, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret
	.size	raw_enclu, . - raw_enclu

	.globl	raw_aep
raw_aep:
	enclu
	ud2

/*
 * vdso_trampoline(function, struct regs *): calls the vDSO's function as a C program does, and keeps
 * rdx and the registers that the function does not restore.
 *
 * in	rdi	function, rsi: args[7]: rdi, rsi, rdx, ecx, r8, r9, run
 * out	eax	its value; args[2]: rdx at its return
 */
	.globl	vdso_trampoline
	.type	vdso_trampoline, @function
vdso_trampoline:
	push	%rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	sub	$8, %rsp
	mov	%rdi, %rax
	mov	%rsi, %rbx
	push	%rbx
	pushq	48(%rbx)
	mov	(%rbx), %rdi
	mov	8(%rbx), %rsi
	mov	16(%rbx), %rdx
	mov	24(%rbx), %rcx
	mov	32(%rbx), %r8
	mov	40(%rbx), %r9
	call	*%rax
	pushfq				/* an asynchronous exit leaves the enclave's AC and DF */
	andl	$~0x40400, (%rsp)
	popfq
	add	$8, %rsp
	pop	%rbx
	mov	%rdx, 16(%rbx)
	add	$8, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	ret
	.size	vdso_trampoline, . - vdso_trampoline

	.section .note.GNU-stack, "", @progbits
