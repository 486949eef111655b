/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the kernel starts every signal handler of ours, and where those end.  The interrupted code
 * may be an enclave's: FS and GS base are then the enclave's and RFLAGS.AC may be set, so not one C
 * instruction runs before they are put right.  The kernel has cleared DF and TF and initialised the
 * x87 and vector state.
 */
#include "swsgx/trap/layout.h"

	.text

/*
 * trap_entry - the handler of every signal
 *
 * in	rdi	signal number		the kernel's
 *	rsi	siginfo_t *		the kernel's
 *	rdx	ucontext_t *		the kernel's; just above the return address
 *	rax, rcx, rbx, rbp, r8-r15	whatever the kernel left
 * stack	in a slot: ours, the frame is at its top; else the program's
 */
	.globl	trap_entry
	.hidden	trap_entry
	.type	trap_entry, @function
trap_entry:
	.cfi_startproc simple
	.cfi_undefined rip
	pushfq
	andl	$~RFLAGS_AC, (%rsp)
	popfq
	mov	%rsp, %rax
	sub	thread_slots_start(%rip), %rax
	cmp	thread_slots_size(%rip), %rax
	jae	.Lno_slot		/* unsigned: below the start is far above the size */

	mov	%rsp, %r12		/* the frame, for sigreturn */
	mov	%rsp, %rbx
	and	$-SLOT_SIZE, %rbx	/* struct thread */
	movb	$SELECTOR_ALLOW, THREAD_SELECTOR(%rbx)
	cmpq	$0, THREAD_INSIDE(%rbx)
	je	.Lhost_bases
	cmpl	$0, thread_has_fsgsbase(%rip)
	je	.Lhost_bases_by_kernel
	rdfsbase %rax			/* the enclave may have changed them */
	mov	%rax, THREAD_FS(%rbx)
	rdgsbase %rax
	mov	%rax, THREAD_GS(%rbx)
	mov	THREAD_HOST_FS(%rbx), %rax
	wrfsbase %rax
	mov	THREAD_HOST_GS(%rbx), %rax
	wrgsbase %rax
.Lhost_bases:
	and	$-16, %rsp
	mov	%rbx, %rcx
	call	trap_in_slot		/* (sig, info, uc, thread) */
	cmpq	$0, THREAD_INSIDE(%rbx)
	je	.Lsigreturn
	cmpl	$0, thread_has_fsgsbase(%rip)
	je	.Lenclave_bases_by_kernel
	mov	THREAD_FS(%rbx), %rax
	wrfsbase %rax
	mov	THREAD_GS(%rbx), %rax
	wrgsbase %rax
.Lblock:
	lea	8(%r12), %rsp		/* the ucontext */
	pushq	UC_RFLAGS(%rsp)
	andl	$(RFLAGS_ID | RFLAGS_NT), (%rsp)
	popfq				/* of these sigreturn leaves what there is */
	movb	$SELECTOR_BLOCK, THREAD_SELECTOR(%rbx)
.Lsigreturn:
	lea	8(%r12), %rsp		/* the ucontext */
	mov	$SYS_RT_SIGRETURN, %eax
	.globl	trap_sigreturn, trap_sigreturn_end
	.hidden	trap_sigreturn, trap_sigreturn_end
trap_sigreturn:				/* the one system call that is never blocked */
	syscall
	hlt				/* the kernel looks at the address behind the instruction */
trap_sigreturn_end:

/* No FSGSBASE: enclave code cannot have changed the bases, only the kernel can set them. */
.Lhost_bases_by_kernel:
	mov	%rdi, %r13
	mov	%rsi, %r14
	mov	%rdx, %r15
	mov	$ARCH_PRCTL_SET_FS, %edi
	mov	THREAD_HOST_FS(%rbx), %rsi
	mov	$SYS_ARCH_PRCTL, %eax
	syscall
	mov	$ARCH_PRCTL_SET_GS, %edi
	mov	THREAD_HOST_GS(%rbx), %rsi
	mov	$SYS_ARCH_PRCTL, %eax
	syscall
	mov	%r13, %rdi
	mov	%r14, %rsi
	mov	%r15, %rdx
	jmp	.Lhost_bases
.Lenclave_bases_by_kernel:
	mov	$ARCH_PRCTL_SET_FS, %edi
	mov	THREAD_FS(%rbx), %rsi
	mov	$SYS_ARCH_PRCTL, %eax
	syscall
	mov	$ARCH_PRCTL_SET_GS, %edi
	mov	THREAD_GS(%rbx), %rsi
	mov	$SYS_ARCH_PRCTL, %eax
	syscall
	jmp	.Lblock

/*
 * A thread that has never entered an enclave: its bases are its own, and the frame is just what the
 * program's handler expects, so the handler is jumped to.
 */
.Lno_slot:
	mov	%rsp, %r12
	push	%rdi			/* struct trap_arguments */
	push	%rdx
	push	%rsi
	mov	%rsp, %rdi
	call	trap_without_slot	/* rax: the program's handler or 0 */
	pop	%rsi
	pop	%rdx
	pop	%rdi
	test	%rax, %rax
	jz	.Lsigreturn
	mov	%rax, %rcx
	xor	%eax, %eax		/* no vector arguments, should the handler have no prototype */
	jmp	*%rcx
	.cfi_endproc
	.size	trap_entry, . - trap_entry

/*
 * trap_set_stack - sigaltstack while the handler may be on the stack that is to be replaced, which
 * the kernel would refuse: it looks at the stack pointer
 *
 * in	rdi	const stack_t *		ours
 * out	rax	0 or -errno
 * stack	during the system call the new one, on which nothing is written
 */
	.globl	trap_set_stack
	.hidden	trap_set_stack
	.type	trap_set_stack, @function
trap_set_stack:
	.cfi_startproc
	mov	%rsp, %rdx
	.cfi_def_cfa_register %rdx
	mov	STACK_SP(%rdi), %rsp
	xor	%esi, %esi
	mov	$SYS_SET_ALTSTACK, %eax
	syscall
	mov	%rdx, %rsp
	.cfi_def_cfa_register %rsp
	ret
	.cfi_endproc
	.size	trap_set_stack, . - trap_set_stack

/*
 * __restore_rt - where handlers return to
 *
 * Just these bytes, under the name that libc has for them: it is by the two that debuggers and unwinders
 * know a signal frame, provided no unwind information claims this address, nor the one before it.
 */
	.p2align 4
	nop
	.globl	__restore_rt
	.hidden	__restore_rt
	.type	__restore_rt, @function
__restore_rt:
	movq	$SYS_RT_SIGRETURN, %rax
	syscall
	.size	__restore_rt, . - __restore_rt

	.section .note.GNU-stack, "", @progbits
