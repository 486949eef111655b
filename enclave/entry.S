/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way into the enclave and the way out.  Every EENTER lands at encl_entry; what it means, an
 * ecall, the return from an ocall or an exception, is decided by CSSA and by the thread's own state
 * word (thread.h), never by anything that the host says.  Every exit leaves through the one EEXIT at
 * .Leexit.
 *
 *	encl_entry   CSSA 0, TD_IDLE   -> .Lown_stack -> ecall() -> .Lreturn ---+
 *	             CSSA 0, TD_OCALL  -> .Lown_stack -> .Locall_return -> ret  |-> .Lleave -> .Leexit
 *	encl_ocall   (from C)          -> .Locall ------------------------------+      |
 *	encl_unwind  (from C, or from SSA[0] as encl_exception made it) -> .Lreturn    |
 *	             CSSA 1, TD_RUN    -> .Lexception -> encl_exception() -------------+
 *	encl_handle  (from SSA[0] as encl_exception made it) -> exception_handle() -> the program
 *	             all else          -> .Lrefuse_* --------------------------------- +
 *	encl_fatal   (from anywhere)   -> ENCL_DEAD, never returns
 *
 * Rules.  Until the trusted stack is loaded: no push, pop, call or ret, no memory but %gs: and
 * %rip-relative, and that aligned, since RFLAGS.AC is the host's.  Loads from the TD never feed a
 * branch without an LFENCE behind it.  TD_RUN is written when everything is the enclave's, and
 * TD_LEAVING before anything is the host's again: between those two, and only there, an exception
 * may be handled (SmashEx, CVE-2021-0186).
 */
#include "enclave/abi.h"
#include "enclave/errno.h"
#include "enclave/handler.h"
#include "enclave/thread.h"
#include "sgx/asm.h"

	/* Code that is reached by EENTER or with the host's registers half loaded: .text.entry. */
	.section .note.GNU-stack, "", @progbits
	.cfi_sections .debug_frame

	/*
	 * x87 and SSE as entry and exit leave them: FCW 037F, all empty, all zero, and MXCSR 1FBF, not
	 * 1F80, since some processors' timing depends on the status bits (MCDT).  XFRM is 3: FXRSTOR
	 * covers all that the enclave can touch, and works where the OS has not enabled XSAVE.
	 */
	.section .rodata
	.balign 64
xstate_init:
	.short	0x037f
	.zero	22
	.long	0x1fbf
	.zero	512 - 28

/* Keep what the host's C code wants back.  Data for the enclave; stores only. */
.macro SAVE_HOST slot
	mov	%rsp, %gs:\slot + HOST_RSP
	mov	%rbp, %gs:\slot + HOST_RBP
	mov	%rcx, %gs:\slot + HOST_RCX
	mov	%r12, %gs:\slot + HOST_R12
	mov	%r13, %gs:\slot + HOST_R13
	mov	%r14, %gs:\slot + HOST_R14
	mov	%r15, %gs:\slot + HOST_R15
	stmxcsr	%gs:\slot + HOST_MXCSR
	fnstcw	%gs:\slot + HOST_FCW		/* no-wait: an #MF may be pending */
.endm

/* Give it back, the exit target in rbx. */
.macro LOAD_HOST slot
	fldcw	%gs:\slot + HOST_FCW
	ldmxcsr	%gs:\slot + HOST_MXCSR
	mov	%gs:\slot + HOST_R15, %r15
	mov	%gs:\slot + HOST_R14, %r14
	mov	%gs:\slot + HOST_R13, %r13
	mov	%gs:\slot + HOST_R12, %r12
	mov	%gs:\slot + HOST_RCX, %rbx
	mov	%gs:\slot + HOST_RBP, %rbp
	mov	%gs:\slot + HOST_RSP, %rsp
.endm

/* rsp := the stack whose top the TD names. */
.macro OWN_STACK top
	lea	encl_layout(%rip), %rsp
	add	%gs:\top, %rsp
.endm

.macro CLEAN_FLAGS
	pushq	$0
	popfq					/* AC, NT, ID, DF, TF and all status flags */
.endm

.macro CLEAN_XSTATE
	fxrstor64 xstate_init(%rip)
	lfence
.endm

.macro ZERO regs:vararg
	.irp	r, \regs
	xor	%\r, %\r
	.endr
.endm

/*
 * encl_entry - where EENTER lands (TCS.OENTRY)
 *
 * in	rax	CSSA			the CPU's
 *	rbx	TCS			the CPU's, not used
 *	rcx	address after EENTER	the CPU's; outside, where EEXIT goes
 *	gs, fs	TD			the CPU's, from the measured TCS
 *	rdi	ecall number, or result of the ocall	the host's: hostile
 *	rsi	host address of the ecall's arguments	the host's: hostile
 *	all else, RFLAGS, x87 and SSE state		the host's: hostile, replaced below
 * out	EEXIT: rdx why (abi.h), rdi and rsi its results, rbx target, rax 4
 *	rsp, rbp, r12-r15, MXCSR, FCW as the host had them at its latest entry
 *	every other register and the x87 and SSE state cleared
 * stack	the host's until .Lown_stack
 */
	.section .text.entry, "ax", @progbits
	.globl	encl_entry
	.type	encl_entry, @function
encl_entry:
	.cfi_startproc
	.cfi_undefined rip
	cld
	cmp	$1, %rax			/* all 64 bits */
	ja	.Lrefuse_cssa
	je	.Lexception
	lfence
	cmpl	$ENCL_DEAD, encl_state(%rip)
	je	.Lrefuse_dead
	mov	%gs:TD_STATE, %eax
	cmp	$TD_IDLE, %eax
	je	.Laccept
	cmp	$TD_OCALL, %eax
	jne	.Lrefuse_busy
.Laccept:
	lfence
	SAVE_HOST TD_HOST
	xor	%r11d, %r11d
	cmp	$TD_OCALL, %eax
	je	.Locall_stack
	lfence
	OWN_STACK TD_STACK
	jmp	.Lown_stack
.Locall_stack:
	lfence
	mov	%gs:TD_OCALL_SP, %rsp
	mov	%r11, %gs:TD_OCALL_SP		/* one-shot */
	.cfi_endproc				/* on the trusted stack: hostframe.S has the rest */
	.globl	entry_own_stack
entry_own_stack:
.Lown_stack:
	CLEAN_FLAGS
	mov	%eax, %r10d
	CLEAN_XSTATE
	ZERO	eax, ebp, ebx, ecx, edx, r8d, r9d, r11d, r12d, r13d, r14d, r15d
	cmp	$TD_OCALL, %r10d
	je	.Locall_return
	lfence
	mov	%rdi, %gs:TD_ECALL		/* so that an unwinding knows what it ends */
	mov	%rsi, %gs:TD_ARG
	xor	%r10d, %r10d
	movl	$TD_RUN, %gs:TD_STATE		/* from here an exception may be handled */
	call	ecall				/* (number, argument): both hostile */

/* rax: the ecall's result; the stack is empty */
.Lreturn:
	movl	$TD_LEAVING, %gs:TD_STATE
	mov	%rax, %rdi
	xor	%esi, %esi
	movl	$0, %gs:TD_UNWINDING
	movl	$TD_HANDLING_NONE, %gs:TD_HANDLING
	mov	$TD_IDLE, %r10d
	mov	$ENCL_EXIT_RETURN, %edx
	jmp	.Lleave

/* rsp: as encl_ocall left it; rdi: the host's word */
.Locall_return:
	lfence
	mov	%rdi, %rax
	ZERO	edi, esi, r10d
	pop	%r11				/* not a frame of encl_ocall: never go on */
	cmp	%gs:TD_CANARY, %r11
	jne	encl_fatal
	lfence
	xor	%r11d, %r11d
	movl	$TD_RUN, %gs:TD_STATE
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	ret

/* rdi, rsi: ocall number and argument; rsp: frame of encl_ocall */
.Locall:
	movl	$TD_LEAVING, %gs:TD_STATE	/* before TD_OCALL_SP: no handler may see that half done */
	mov	%rsp, %gs:TD_OCALL_SP
	mov	$TD_OCALL, %r10d
	mov	$ENCL_EXIT_OCALL, %edx

/* rdi, rsi, rdx: for the host; r10d: the thread's next state */
.Lleave:
	CLEAN_XSTATE
	LOAD_HOST TD_HOST
	mov	%r10d, %gs:TD_STATE		/* last: from here on an entry would be accepted */
	ZERO	r8d, r9d, r10d, r11d

/*
 * rbx: target; rdi, rsi, rdx: for the host; all else already its own or zero.  The only EEXIT of the
 * image, so that these eight bytes, mov $4 and ENCLU, can be found and redirected.
 */
.Leexit:
	mov	%rbx, %rax
	lea	encl_layout(%rip), %rcx
	sub	%rcx, %rax
	cmp	encl_layout + LAYOUT_SIZE(%rip), %rax
	jb	encl_fatal			/* an exit to the inside is no exit */
	lfence
	xor	%ecx, %ecx			/* and the flags say nothing */
	mov	$SGX_LEAF_EEXIT, %eax
	enclu

/* Nothing was touched, all registers are still the host's. */
.Lrefuse_cssa:
	mov	$-EINVAL, %rdi
	jmp	.Lrefuse
.Lrefuse_dead:
	mov	$-EIO, %rdi
	jmp	.Lrefuse
.Lrefuse_again:
	mov	$-EAGAIN, %rdi
	jmp	.Lrefuse
.Lrefuse_busy:
	mov	$-EBUSY, %rdi
.Lrefuse:
	lfence
	mov	%rcx, %rbx
	mov	$ENCL_EXIT_REFUSED, %edx
	jmp	.Leexit

/* CSSA 1: own stack, own slots, no argument of the host's, same cleaning. */
	.globl	entry_own_stack_size
	.set	entry_own_stack_size, . - entry_own_stack
.Lexception:
	.cfi_startproc
	.cfi_undefined rip
	lfence
	cmpl	$ENCL_DEAD, encl_state(%rip)
	je	.Lrefuse_dead
	cmpl	$ENCL_READY, encl_state(%rip)
	jne	.Lrefuse_again
	cmpl	$TD_RUN, %gs:TD_STATE
	jne	.Lrefuse_again
	cmpl	$0, %gs:TD_EXC_BUSY
	jne	.Lrefuse_busy
	lfence
	SAVE_HOST TD_HOST_EXC
	OWN_STACK TD_EXC_STACK
	movl	$1, %gs:TD_EXC_BUSY
	CLEAN_FLAGS
	CLEAN_XSTATE
	ZERO	eax, ebp, ebx, ecx, edx, esi, edi, r8d, r9d, r10d, r11d, r12d, r13d, r14d, r15d
	call	encl_exception
	mov	%rax, %rdi
	mov	$ENCL_EXIT_EXCEPTION, %edx
	xor	%esi, %esi
	CLEAN_XSTATE
	LOAD_HOST TD_HOST_EXC
	movl	$0, %gs:TD_EXC_BUSY
	ZERO	r8d, r9d, r10d, r11d
	jmp	.Leexit
	.cfi_endproc
	.size	encl_entry, . - encl_entry

/*
 * encl_unwind - give up what this thread is doing and return from its ecall.  TD.end says why.
 *
 * in	nothing: jumped to by C, or resumed at with the registers that encl_exception set
 * stack	ours; emptied here
 */
	.globl	encl_unwind
	.type	encl_unwind, @function
encl_unwind:
	.cfi_startproc
	.cfi_undefined rip
	OWN_STACK TD_STACK
	CLEAN_FLAGS
	CLEAN_XSTATE
	ZERO	eax, ebp, ebx, ecx, edx, esi, edi, r8d, r9d, r10d, r11d, r12d, r13d, r14d, r15d
	call	ecall_unwound
	jmp	.Lreturn
	.cfi_endproc
	.size	encl_unwind, . - encl_unwind

/*
 * encl_handle - stage 2 of an exception: ERESUME comes here when encl_exception has kept the
 * interrupted program in the TD.  If exception_handle returns, the program goes on as the TD now has
 * it, flags and x87 and SSE state included.
 *
 * in	nothing: the registers that encl_exception set
 * stack	ours: below the program's red zone, or, if the program cannot go on, emptied.  The way back
 *	leaves RFLAGS and RIP below that red zone, and RET $128 takes them from there.
 *
 * Full restoring of registers is what an attacker who has a foot in looks for (The Guard's Dilemma):
 * it works from the TD alone, and only while a handler runs.  hostframe.S says who was interrupted.
 */
	.globl	encl_handle
	.type	encl_handle, @function
encl_handle:
	CLEAN_FLAGS
	CLEAN_XSTATE
	ZERO	eax, ebp, ebx, ecx, edx, esi, edi, r8d, r9d, r10d, r11d, r12d, r13d, r14d, r15d
	call	exception_handle
	cmpl	$TD_HANDLING_RESUME, %gs:TD_HANDLING
	jne	encl_fatal
	lfence
	movl	$TD_HANDLING_NONE, %gs:TD_HANDLING
	fxrstor64 %gs:TD_XSTATE
	mov	%gs:TD_EXCEPTION + EXCEPTION_RSP, %rsp
	lea	-ENCL_RED_ZONE - 16(%rsp), %rsp
	mov	%gs:TD_EXCEPTION + EXCEPTION_RFLAGS, %rax
	mov	%rax, (%rsp)
	mov	%gs:TD_EXCEPTION + EXCEPTION_RIP, %rax
	mov	%rax, 8(%rsp)
	mov	%gs:TD_EXCEPTION + EXCEPTION_RAX, %rax
	mov	%gs:TD_EXCEPTION + EXCEPTION_RCX, %rcx
	mov	%gs:TD_EXCEPTION + EXCEPTION_RDX, %rdx
	mov	%gs:TD_EXCEPTION + EXCEPTION_RBX, %rbx
	mov	%gs:TD_EXCEPTION + EXCEPTION_RBP, %rbp
	mov	%gs:TD_EXCEPTION + EXCEPTION_RSI, %rsi
	mov	%gs:TD_EXCEPTION + EXCEPTION_RDI, %rdi
	mov	%gs:TD_EXCEPTION + EXCEPTION_R8, %r8
	mov	%gs:TD_EXCEPTION + EXCEPTION_R9, %r9
	mov	%gs:TD_EXCEPTION + EXCEPTION_R10, %r10
	mov	%gs:TD_EXCEPTION + EXCEPTION_R11, %r11
	mov	%gs:TD_EXCEPTION + EXCEPTION_R12, %r12
	mov	%gs:TD_EXCEPTION + EXCEPTION_R13, %r13
	mov	%gs:TD_EXCEPTION + EXCEPTION_R14, %r14
	mov	%gs:TD_EXCEPTION + EXCEPTION_R15, %r15
	popfq					/* DF and AC may be set again: two aligned loads follow */
	ret	$ENCL_RED_ZONE
	.size	encl_handle, . - encl_handle
	.globl	encl_handle_size
	.set	encl_handle_size, . - encl_handle

/*
 * encl_fatal - a rule was broken: no entry is accepted any more, and nothing that may be corrupt is
 * trusted for a tidy exit.  The #UD exits asynchronously, which clears the registers.
 */
	.globl	encl_fatal
	.type	encl_fatal, @function
	.globl	__stack_chk_fail
	.type	__stack_chk_fail, @function
encl_fatal:
__stack_chk_fail:
	.cfi_startproc
	.cfi_undefined rip
	movl	$ENCL_DEAD, encl_state(%rip)
	ZERO	eax, ebp, ebx, ecx, edx, esi, edi, r8d, r9d, r10d, r11d, r12d, r13d, r14d, r15d
.Ldead:
	ud2
	jmp	.Ldead
	.cfi_endproc
	.size	__stack_chk_fail, . - __stack_chk_fail
	.size	encl_fatal, . - encl_fatal

/*
 * encl_ocall - uint64_t encl_ocall(uint64_t number, uint64_t argument)
 *
 * in	rdi	number, ours
 *	rsi	host address of the arguments, checked by the caller
 * out	rax	result: the host's, hostile
 * stack	ours.  Its pushes may run into the guard page, so they are ordinary code, where an
 *	exception is handled; the rest is entry code.
 */
	.text
	.globl	encl_ocall
	.type	encl_ocall, @function
encl_ocall:
	.cfi_startproc
	push	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbp, 0
	push	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbx, 0
	push	%r12
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r12, 0
	push	%r13
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r13, 0
	push	%r14
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r14, 0
	push	%r15
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r15, 0
	pushq	%gs:TD_CANARY
	.cfi_adjust_cfa_offset 8
	jmp	.Locall
	.cfi_endproc
	.size	encl_ocall, . - encl_ocall
