/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way into the enclave and out again.  One thread, no exceptions handled, no ocalls.
 *
 * arch_entry - where EENTER lands (TCS.OENTRY)
 *
 * in	rax	CSSA			the CPU's: only 0 is served
 *	rcx	address after EENTER	the CPU's; outside, so never called, only EEXITed to
 *	rdi	address of struct arch_args	the host's: hostile, checked by arch_main
 *	all else, RFLAGS.DF and .AC	the host's: hostile, replaced before C runs
 * out	EEXIT; rsp, rbp, r12 to r15 as they came, every other register cleared
 * stack	the host's until %rsp is loaded
 */
#include "aesmd/enclave/enclave.h"
#include "sgx/asm.h"

	.section .note.GNU-stack, "", @progbits
	.text
	.globl	arch_entry
	.type	arch_entry, @function
arch_entry:
	.cfi_startproc
	.cfi_undefined rip
	test	%rax, %rax
	jnz	.Lrefuse
	lfence
	mov	%rsp, %r9
	lea	arch_stack_top(%rip), %rsp
	push	%r9
	push	%rcx
	pushq	$0
	popfq				/* AC, DF and the rest */
	call	arch_main
	pop	%rbx
	pop	%rsp
.Lleave:
	xor	%ecx, %ecx
	xor	%edx, %edx
	xor	%esi, %esi
	xor	%edi, %edi
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	xor	%r10d, %r10d
	xor	%r11d, %r11d
	mov	$SGX_LEAF_EEXIT, %eax
	enclu
.Lrefuse:
	mov	%rcx, %rbx
	jmp	.Lleave
	.cfi_endproc
	.size	arch_entry, . - arch_entry
