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
	btr	$8, %rdi		/* OP_NESTED */
	jc	.Ldispatch
	test	%eax, %eax
	jnz	.Lnested
.Ldispatch:
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
	cmp	$OP_LOAD, %rdi
	je	.Lload
	cmp	$OP_SUM, %rdi
	je	.Lsum
	cmp	$OP_SGX2, %rdi
	je	.Lsgx2
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

/* SECINFO at 2560; rcx the page, rdx the data page, for EACCEPTCOPY */
.Lsgx2:
	mov	%esi, %eax
	and	$0xfff, %eax
	mov	%rsi, %rcx
	and	$-0x1000, %rcx
	lea	code_start+DATA+2560(%rip), %rbx
	mov	%rdx, (%rbx)
	lea	code_start+DATA(%rip), %rdx
	enclu
	mov	%rax, %rdx
	jmp	.Lexit

/* A number that has seen rsi steps, and as many additions in an XMM register. */
.Lsum:
	mov	$1, %edx
	mov	$6364136223846793005, %rax
	pxor	%xmm3, %xmm3
.Lsum_loop:
	imul	%rax, %rdx
	add	$12345, %rdx
	movq	%rdx, %xmm2
	paddq	%xmm2, %xmm3
	dec	%rsi
	jnz	.Lsum_loop
	movq	%xmm3, %rax
	add	%rax, %rdx
	jmp	.Lexit

/* rsi: struct sgx_gprsgx; rdx: XSAVE area, or 0.  Flags before the rest: MOV leaves them alone. */
.Lload:
	mov	136(%rsi), %rax
	mov	%rax, code_start+DATA+3328(%rip)
	test	%rdx, %rdx
	jz	.Lload_registers
	mov	%rdx, %rcx
	mov	$-1, %eax
	mov	$-1, %edx
	xrstor64 (%rcx)
.Lload_registers:
	pushq	128(%rsi)
	popfq
	mov	(%rsi), %rax
	mov	8(%rsi), %rcx
	mov	16(%rsi), %rdx
	mov	24(%rsi), %rbx
	mov	32(%rsi), %rsp
	mov	40(%rsi), %rbp
	mov	56(%rsi), %rdi
	mov	64(%rsi), %r8
	mov	72(%rsi), %r9
	mov	80(%rsi), %r10
	mov	88(%rsi), %r11
	mov	96(%rsi), %r12
	mov	104(%rsi), %r13
	mov	112(%rsi), %r14
	mov	120(%rsi), %r15
	mov	48(%rsi), %rsi
	jmp	*code_start+DATA+3328(%rip)

/* One instruction that faults, by its bytes; behind it the way out by r8. */
	.macro	fault name, bytes:vararg
	.globl	code_\name
code_\name:
	.byte	\bytes
	jmp	.Lexit
	.endm

	fault	ud2, 0x0f, 0x0b
	fault	bp, 0xcc
	fault	db, 0xf1
	fault	gp, 0x48, 0x8b, 0x12	/* mov (%rdx), %rdx */
	fault	peek, 0x48, 0x8b, 0x12
	fault	poke, 0x48, 0x89, 0x12	/* mov %rdx, (%rdx) */
	fault	ss, 0x48, 0x8b, 0x55, 0	/* mov (%rbp), %rdx */
	fault	xm, 0xf2, 0x0f, 0x5e, 0xc1 /* divsd %xmm1, %xmm0 */
	fault	mf, 0x9b		/* fwait */
	fault	de, 0xf6, 0xf4		/* div %ah */
	fault	ac, 0x8b, 0x12		/* mov (%rdx), %edx */

	/* Illegal in an enclave. */
	fault	syscall, 0x0f, 0x05
	fault	sysenter, 0x0f, 0x34
	fault	int80, 0xcd, 0x80
	fault	int20, 0xcd, 0x20
	fault	int3, 0xcd, 3
	fault	int4, 0xcd, 4
	fault	int_rex, 0x66, 0x48, 0xcd, 0x21
	fault	in_imm, 0xe4, 0x80
	fault	in_dx, 0xec
	fault	out_imm, 0xe7, 0x80
	fault	out_dx, 0xee
	fault	ins, 0x6c
	fault	outs, 0xf3, 0x6e
	fault	rdpmc, 0x0f, 0x33
	fault	cpuid, 0x0f, 0xa2
	fault	getsec, 0x0f, 0x37
	fault	encls, 0x0f, 0x01, 0xcf
	fault	enclv, 0x0f, 0x01, 0xc0
	fault	vmfunc, 0x0f, 0x01, 0xd4
	fault	retf, 0xcb
	fault	iret, 0x48, 0xcf
	fault	far_call, 0xff, 0x1e	/* lcall *(%rsi) */
	fault	far_jmp, 0xff, 0x2e
	fault	mov_ds, 0x8e, 0xd8	/* mov %eax, %ds */
	fault	lss, 0x0f, 0xb2, 0x16	/* lss (%rsi), %edx */
	fault	lfs, 0x48, 0x0f, 0xb4, 0x16
	fault	lgs, 0x0f, 0xb5, 0x16
	fault	pop_fs, 0x0f, 0xa1
	fault	pop_gs, 0x0f, 0xa9
	/* Faults as they are. */
	fault	hlt, 0xf4
	fault	cli, 0xfa
	fault	mov_cr, 0x0f, 0x20, 0xc0
	fault	lgdt, 0x0f, 0x01, 0x16
	fault	xsetbv, 0x0f, 0x01, 0xd1

	.globl	code_not_ud2
code_not_ud2:				/* every register changed, no flag */
	.irp	r, rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
	not	%\r
	.endr
	ud2

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
