/* SPDX-License-Identifier: Apache-2.0 */
/*
 * __vdso_sgx_enter_enclave.  One ENCLU is EENTER, ERESUME and, as the AEP, what an asynchronous exit
 * comes back to.  At it RSP and RBP are the same for every call from one frame: the enclave may
 * have kept them from an earlier one.
 */
#include "sgx/asm.h"

#define RUN                  16 /* on the stack, from rbp */
#define RUN_TCS              0
#define RUN_FUNCTION         8
#define RUN_EXCEPTION_VECTOR 12
#define RUN_EXCEPTION_ERROR  14
#define RUN_EXCEPTION_ADDR   16
#define RUN_USER_HANDLER     24
#define RUN_RESERVED         40
#define RUN_SIZE             256

#define MINUS_EINVAL -22

	.text

/*
 * vdso_enter_enclave - enter, and come back once
 *
 * in	rdi, rsi, rdx, r8, r9	to the enclave, as they are	the caller's
 *	ecx	SGX_LEAF_EENTER or SGX_LEAF_ERESUME		the caller's
 *	8(rsp)	struct sgx_enclave_run *			the caller's
 * out	eax	0, -EINVAL or what the user handler says; run has the rest
 *	rbx, rbp as they were; everything else is what the enclave left
 * stack	the caller's; below it the enclave's, if it likes
 */
	.globl	vdso_enter_enclave
	.hidden	vdso_enter_enclave
	.type	vdso_enter_enclave, @function
	/* By its own name for a program that has the dynamic linker look for it. */
	.globl	__vdso_sgx_enter_enclave
	.type	__vdso_sgx_enter_enclave, @function
	.set	__vdso_sgx_enter_enclave, vdso_enter_enclave
vdso_enter_enclave:
	.cfi_startproc
	push	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbp, 0
	mov	%rsp, %rbp
	.cfi_def_cfa_register %rbp
	push	%rbx
	.cfi_rel_offset %rbx, -8
	mov	%ecx, %eax

.Lleaf_chosen:				/* eax: leaf */
	cmp	$SGX_LEAF_EENTER, %eax
	jb	.Linvalid
	cmp	$SGX_LEAF_ERESUME, %eax
	ja	.Linvalid
	mov	RUN(%rbp), %rbx
	mov	$RUN_RESERVED, %ecx
.Lreserved:
	cmpq	$0, (%rbx, %rcx)
	jne	.Linvalid
	add	$8, %ecx
	cmp	$RUN_SIZE, %ecx
	jb	.Lreserved
	mov	RUN_TCS(%rbx), %rbx
	lea	vdso_enclu(%rip), %rcx
	jmp	fast_enter		/* which comes back to the next line, if it cannot */
	.globl	vdso_enclu
	.hidden	vdso_enclu
vdso_enclu:
	enclu

	/* EEXIT comes here; only rbp has to be good. */
	mov	RUN(%rbp), %rbx
	movl	$SGX_LEAF_EEXIT, RUN_FUNCTION(%rbx)

.Lback:					/* rbx: run, filled in */
	cmpq	$0, RUN_USER_HANDLER(%rbx)
	jne	.Luser_handler
	xor	%eax, %eax
.Lreturn:
	mov	-8(%rbp), %rbx
	leave
	.cfi_def_cfa %rsp, 8
	ret

	.cfi_def_cfa %rbp, 16
.Linvalid:
	mov	$MINUS_EINVAL, %eax
	jmp	.Lreturn

	/* eax: leaf; edi, esi, rdx: vector, error code, address, from the fault handler */
.Lexception:
	mov	RUN(%rbp), %rbx
	mov	%eax, RUN_FUNCTION(%rbx)
	mov	%di, RUN_EXCEPTION_VECTOR(%rbx)
	mov	%si, RUN_EXCEPTION_ERROR(%rbx)
	mov	%rdx, RUN_EXCEPTION_ADDR(%rbx)
	jmp	.Lback

	/* handler(rdi, rsi, rdx, rsp at the exit, r8, r9, run), on an aligned stack */
.Luser_handler:
	mov	%rsp, %rcx
	mov	%rbx, %rax
	mov	%rsp, %rbx		/* the handler keeps it */
	and	$-16, %rsp
	push	%rax			/* twice: for the alignment */
	push	%rax
	cld
	call	*RUN_USER_HANDLER(%rax)
	mov	%rbx, %rsp
	test	%eax, %eax
	jle	.Lreturn
	jmp	.Lleaf_chosen
	.cfi_endproc
	.size	vdso_enter_enclave, . - vdso_enter_enclave

	.section .data.rel.ro, "aw", @progbits
	.globl	vdso_enclu_address, vdso_exception_address
	.hidden	vdso_enclu_address, vdso_exception_address
	.balign 8
	.type	vdso_enclu_address, @object
	.size	vdso_enclu_address, 8
vdso_enclu_address:
	.quad	vdso_enclu
	.type	vdso_exception_address, @object
	.size	vdso_exception_address, 8
vdso_exception_address:
	.quad	.Lexception

	.section .note.GNU-stack, "", @progbits
