/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The code of the test enclave: one page, position independent.  It trusts its host, which is the
 * test: untrusted addresses are used as they are, and it has no stack but the host's.
 */
#include "sgx/asm.h"
#include "tests/trap/enclave.h"

#define DATA   ((PAGE_DATA - PAGE_CODE) * 0x1000)
#define TARGET_SIZE 512

	.section .rodata.code, "a", @progbits
	.balign 4096
	.globl	code_start, code_end, code_pure

/*
 * The dispatcher (TCS 0 and 2)
 *
 * in	rax	CSSA; at 1 it leaves at once with rdx = 0x55
 *	rcx	where to leave to
 *	rdi	operation, rsi and rdx its arguments
 */
code_start:
	mov	%rcx, %r8
	test	%eax, %eax
	jnz	.Lnested
	cmp	$OP_EXIT, %rdi
	je	.Lexit
	cmp	$OP_REPORT, %rdi
	je	.Lreport
	cmp	$OP_UD2, %rdi
	je	.Lud2
	cmp	$OP_SPIN, %rdi
	je	.Lspin
	cmp	$OP_POKE, %rdi
	je	.Lpoke
	cmp	$OP_PEEK, %rdi
	je	.Lpeek
	cmp	$OP_JUMP, %rdi
	je	.Ljump
	cmp	$OP_DIVIDE, %rdi
	je	.Ldivide
	cmp	$OP_INT3, %rdi
	je	.Lint3
	cmp	$OP_BASES, %rdi
	je	.Lbases
	cmp	$OP_FLAGS, %rdi
	je	.Lflags
	cmp	$OP_ENCLU, %rdi
	je	.Lenclu
	cmp	$OP_PATTERN, %rdi
	je	.Lpattern
	cmp	$OP_MISALIGN, %rdi
	je	.Lmisalign
	cmp	$OP_KEY, %rdi
	je	.Lkey
	cmp	$OP_XM, %rdi
	je	.Lxm
	cmp	$OP_TF, %rdi
	je	.Ltf
	ud2

.Lnested:
	mov	$0x55, %edx
.Lexit:					/* r8: where to; rdx: result */
	mov	%r8, %rbx
	mov	$SGX_LEAF_EEXIT, %eax
	enclu
	ud2

.Lreport:				/* TARGETINFO, REPORTDATA, REPORT in the data page */
	mov	%rsi, %rdi
	lea	code_start+DATA(%rip), %rbx
	lea	TARGET_SIZE(%rbx), %rcx
	lea	2*TARGET_SIZE(%rbx), %rdx
	mov	$SGX_LEAF_EREPORT, %eax
	enclu
	mov	%rdx, %rsi
	mov	$432, %ecx
	rep movsb
	jmp	.Lexit

.Lkey:					/* KEYREQUEST at 2048: seal key (4), policy MRENCLAVE (1) */
	mov	%rsi, %rdi
	lea	code_start+DATA+2048(%rip), %rbx
	movl	$0x00010004, (%rbx)
	lea	1024(%rbx), %rcx
	mov	%rcx, %rsi
	mov	$SGX_LEAF_EGETKEY, %eax
	enclu
	mov	%rax, %rdx
	mov	$16, %ecx
	rep movsb
	jmp	.Lexit

.Lud2:
	ud2
	jmp	.Lexit

.Lspin:
	xor	%edx, %edx
.Lspin_loop:
	inc	%rdx
	mov	%rdx, (%rsi)
	cmpq	$0, 8(%rsi)
	je	.Lspin_loop
	jmp	.Lexit

.Lpoke:
	mov	%rdx, (%rsi)
	jmp	.Lexit

.Lpeek:
	mov	(%rsi), %rdx
	jmp	.Lexit

.Ljump:
	jmp	*%rsi

.Ldivide:
	xor	%ecx, %ecx
	mov	$1, %eax
	xor	%edx, %edx
	div	%ecx
	jmp	.Lexit

.Lint3:
	int3
	jmp	.Lexit

.Lbases:
	rdfsbase %rax
	mov	%rax, (%rsi)
	rdgsbase %rax
	mov	%rax, 8(%rsi)
	mov	$0x1000, %eax
	wrfsbase %rax
	wrgsbase %rax
	jmp	.Lexit

.Lflags:
	pushfq
	orl	$0x40400, (%rsp)	/* AC, DF */
	popfq
	jmp	.Lexit

.Lenclu:
	mov	%esi, %eax
	mov	%r8, %rbx
	enclu
	jmp	.Lexit

.Lmisalign:
	pushfq
	orl	$0x40000, (%rsp)
	popfq
	lea	code_start+DATA+1(%rip), %rax
	mov	(%rax), %edx
	pushfq
	andl	$~0x40000, (%rsp)
	popfq
	jmp	.Lexit

.Lxm:
	stmxcsr	code_start+DATA+3072(%rip)
	andl	$~0x200, code_start+DATA+3072(%rip)
	ldmxcsr	code_start+DATA+3072(%rip)
	mov	$1, %eax
	cvtsi2sd %eax, %xmm0
	xorpd	%xmm1, %xmm1
	divsd	%xmm1, %xmm0
	jmp	.Lexit

.Ltf:
	pushfq
	orl	$0x100, (%rsp)
	popfq
	nop
	nop
	jmp	.Lexit

/* rsi: counter and flag.  What is to survive: every register but rsi, and the vectors. */
.Lpattern:
	lea	code_start+DATA+3200(%rip), %rax
	mov	%rsp, (%rax)
	mov	%rbp, 8(%rax)
	mov	%r8, 16(%rax)
	mov	$0x1111111111111111, %rax
	movq	%rax, %xmm0
	movq	%rax, %xmm15
	vinsertf128 $1, %xmm0, %ymm15, %ymm15
	mov	$0x2222222222222222, %rbx
	mov	$0x3333333333333333, %rcx
	mov	$0x4444444444444444, %rdx
	mov	$0x5555555555555555, %rdi
	mov	$0x6666666666666666, %rbp
	mov	$0x7777777777777777, %r8
	mov	$0x7888888888888888, %r9
	mov	$0x7999999999999999, %r10
	mov	$0x7aaaaaaaaaaaaaaa, %r11
	mov	$0x7bbbbbbbbbbbbbbb, %r12
	mov	$0x7ccccccccccccccc, %r13
	mov	$0x7ddddddddddddddd, %r14
	mov	$0x7eeeeeeeeeeeeeee, %r15
	stc
.Lpattern_loop:
	incq	(%rsi)			/* leaves CF */
	testb	$0xff, 8(%rsi)		/* clears CF */
	stc
	jz	.Lpattern_loop
	jnc	.Lpattern_bad
	/* Add up what should be there, r8 to r15 after each other. */
	add	%rbx, %rax
	add	%rcx, %rax
	add	%rdx, %rax
	add	%rdi, %rax
	add	%rbp, %rax
	add	%r8, %rax
	add	%r9, %rax
	add	%r10, %rax
	add	%r11, %rax
	add	%r12, %rax
	add	%r13, %rax
	add	%r14, %rax
	add	%r15, %rax
	movq	%xmm0, %rbx
	add	%rbx, %rax
	vextractf128 $1, %ymm15, %xmm1
	movq	%xmm1, %rbx
	add	%rbx, %rax
	movq	%xmm15, %rbx
	add	%rbx, %rax
	mov	$(0x1111111111111111*4 + 0x2222222222222222 + 0x3333333333333333 + 0x4444444444444444 + 0x5555555555555555 + 0x6666666666666666 + 0x7777777777777777 + 0x7888888888888888 + 0x7999999999999999 + 0x7aaaaaaaaaaaaaaa + 0x7bbbbbbbbbbbbbbb + 0x7ccccccccccccccc + 0x7ddddddddddddddd + 0x7eeeeeeeeeeeeeee) & 0xffffffffffffffff, %rbx
	mov	%rax, %rdx
	sub	%rbx, %rdx
	jmp	.Lpattern_out
.Lpattern_bad:
	mov	$1, %edx
.Lpattern_out:
	lea	code_start+DATA+3200(%rip), %rax
	mov	(%rax), %rsp
	mov	8(%rax), %rbp
	mov	16(%rax), %r8
	jmp	.Lexit

/*
 * TCS 1: nothing but EEXIT, no flag touched.  What EENTER made of rax, rbx, rcx, rsp and rbp is in
 * the data page from 3584 on.
 */
	.balign	64
code_pure:
	mov	%rax, code_start+DATA+3584(%rip)
	mov	%rbx, code_start+DATA+3592(%rip)
	mov	%rcx, code_start+DATA+3600(%rip)
	mov	%rsp, code_start+DATA+3608(%rip)
	mov	%rbp, code_start+DATA+3616(%rip)
	mov	%rcx, %rbx
	mov	$SGX_LEAF_EEXIT, %eax
	enclu
	ud2
	.balign	4096, 0xcc
code_end:

	.section .note.GNU-stack, "", @progbits
