/* SPDX-License-Identifier: Apache-2.0 */
/*
 * void arch_enclu(uint64_t tcs, struct arch_args *args)
 *
 * in	rdi	tcs		the caller's
 *	rsi	args		the caller's
 * out	the enclave has answered in args; it keeps rsp, rbp and r12 to r15
 * stack	ours
 *
 * One ENCLU is the entry, the address for asynchronous exits and the ERESUME that follows them: there
 * RAX is ERESUME, RBX the TCS and RCX this address.
 */
#include "sgx/asm.h"

	.section .note.GNU-stack, "", @progbits
	.text
	.globl	arch_enclu
	.type	arch_enclu, @function
arch_enclu:
	.cfi_startproc
	push	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbx, 0
	mov	%rdi, %rbx
	mov	%rsi, %rdi
	lea	.Laep(%rip), %rcx
	mov	$SGX_LEAF_EENTER, %eax
.Laep:
	enclu
	pop	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore rbx
	ret
	.cfi_endproc
	.size	arch_enclu, . - arch_enclu
