/* SPDX-License-Identifier: Apache-2.0 */
/* A process on a stack of its own, which no libc knows of. */

#include <sys/syscall.h>

	.text

/*
 * writer_clone - clone(2); the child calls a function and exits
 *
 * in	rdi	flags, without CLONE_SETTLS
 *	rsi	the end of the child's stack, a multiple of 16
 *	rdx	the word that the kernel clears when the child has gone
 *	rcx	the function, which may not use TLS: it is the parent's
 *	r8	its argument
 * out	rax	the child, or -errno
 * stack	not used
 */
	.globl	writer_clone
	.hidden	writer_clone
	.type	writer_clone, @function
writer_clone:
	.cfi_startproc
	mov	%rdx, %r10
	mov	%rcx, %r9			/* SYSCALL loses rcx and r11 */
	xor	%edx, %edx
	mov	$SYS_clone, %eax
	syscall
	test	%rax, %rax
	jz	.Lchild
	ret
.Lchild:
	.cfi_undefined %rip
	xor	%ebp, %ebp
	mov	%r8, %rdi
	call	*%r9
	mov	$SYS_exit, %eax
	xor	%edi, %edi
	syscall
	ud2
	.cfi_endproc
	.size	writer_clone, . - writer_clone

	.section .note.GNU-stack, "", @progbits
