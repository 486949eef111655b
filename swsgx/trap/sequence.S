/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EENTER and EEXIT without a trap.  Where a signal arrives says how far a sequence is: the labels are
 * what fast_settle goes by, so no step may move across one.  Whatever does not go as remembered is
 * left to the trap: by jumping to the ENCLU while nothing is done yet, and by UD2 afterwards, which
 * makes fast_settle undo it.
 */
#include "sgx/asm.h"
#include "swsgx/trap/layout.h"

	.text

.macro LABEL name
	.globl	\name
	.hidden	\name
\name:
.endm

/*
 * fast_enter - the vDSO's ENCLU
 *
 * in	eax	leaf		the program's
 *	rbx	TCS		the program's
 *	rcx	vdso_enclu
 *	flags	as after a CMP of equals
 * out	at the enclave's entry: rax CSSA, rcx behind the ENCLU, rbx and flags as they were
 *	at vdso_enclu: everything as it was
 * stack	the program's: a word below it
 */
	.p2align 6
	.globl	fast_enter
	.hidden	fast_enter
	.type	fast_enter, @function
fast_enter:
	.cfi_startproc
	.cfi_undefined rip
	cmp	$SGX_LEAF_EENTER, %eax
	jne	.Ltrap_leaf		/* ERESUME stays in eax */
LABEL fast_enter_is_eenter
	mov	thread_current@gottpoff(%rip), %rcx
	mov	%fs:(%rcx), %rcx	/* struct thread */
	test	%rcx, %rcx
	jz	.Ltrap
	cmp	%rbx, FAST_TCS_LA(%rcx)
	jne	.Ltrap
	mov	space_generation(%rip), %rax
	cmp	%rax, FAST_SPACE_GENERATION(%rcx)
	jne	.Ltrap

	/*
	 * First what kicks go by and what keeps the view; then the question again, whether it is
	 * there.  Each locked instruction is the fence, too: we are seen before we look.
	 */
	movq	$1, FAST_RUNNING(%rcx)
	mov	FAST_ENCLAVE_INSIDE(%rcx), %rax
	lock incl (%rax)
LABEL fast_enter_counted
	mov	space_generation(%rip), %rax
	cmp	%rax, FAST_SPACE_GENERATION(%rcx)
	jne	.Lundo_counted
	mov	FAST_STATE_GENERATION_AT(%rcx), %rax
	mov	(%rax), %rax
	cmp	%rax, FAST_STATE_GENERATION(%rcx)
	jne	.Lundo_counted
	/*
	 * Inside before anything is looked at: a change that is not seen from here on meets a
	 * processor in the enclave, which keeps the TCS what it is.
	 */
	mov	FAST_PROCESSOR_COUNT(%rcx), %rax
	lock incq (%rax)
LABEL fast_enter_inside
	mov	space_generation(%rip), %rax
	cmp	%rax, FAST_SPACE_GENERATION(%rcx)
	jne	.Lundo_inside
	mov	FAST_STATE_GENERATION_AT(%rcx), %rax
	mov	(%rax), %rax
	cmp	%rax, FAST_STATE_GENERATION(%rcx)
	jne	.Lundo_inside
	mov	FAST_TCS(%rcx), %rax
	lock btsq $0, (%rax)		/* TCS.STATE; the carry says whose it was */
LABEL fast_enter_tried
	jc	.Lundo_tried
LABEL fast_enter_claimed
	mov	TCS_CSSA(%rax), %eax
	cmp	%rax, FAST_CSSA(%rcx)
	jne	.Lundo_claimed

	mov	FAST_GPR(%rcx), %rax
	mov	%rsp, GPR_URSP(%rax)
	mov	%rbp, GPR_URBP(%rax)
	mov	FAST_TARGET(%rcx), %rax
	mov	%rax, -16(%rsp)
	mov	FAST_TCS(%rcx), %rax
	mov	FAST_OWNER(%rcx), %rbx
	mov	%rbx, TCS_OWNER(%rax)
	lea	vdso_enclu(%rip), %rbx
	mov	%rbx, TCS_AEP(%rax)
	rdfsbase %rax
	mov	%rax, THREAD_HOST_FS(%rcx)
	rdgsbase %rax
	mov	%rax, THREAD_HOST_GS(%rcx)
	movq	$1, THREAD_INSIDE(%rcx)	/* from here on entry.S puts the bases right */
	mov	FAST_FS(%rcx), %rax
	wrfsbase %rax
	mov	FAST_GS(%rcx), %rax
	wrgsbase %rax
	movb	$SELECTOR_BLOCK, THREAD_SELECTOR(%rcx)
	mov	FAST_TCS_LA(%rcx), %rbx
	mov	FAST_CSSA(%rcx), %rax
	lea	3+vdso_enclu(%rip), %rcx
	cmp	%eax, %eax
	jmp	*-16(%rsp)

.Lundo_claimed:
	ud2
LABEL fast_enter_claimed_end
.Lundo_tried:				/* another's */
.Lundo_inside:
	ud2
LABEL fast_enter_inside_end
.Lundo_counted:
	ud2
LABEL fast_enter_end

.Ltrap:
	mov	$SGX_LEAF_EENTER, %eax
.Ltrap_leaf:
	cmp	%eax, %eax
	lea	vdso_enclu(%rip), %rcx
	jmp	vdso_enclu
	.cfi_endproc
	.size	fast_enter, . - fast_enter

/*
 * fast_exit - what the rewritten MOV $4, %eax of an EEXIT leads to
 *
 * in	rax	address of the ENCLU << 16
 *	rbx	target		the enclave's
 *	gs, fs	bases		the enclave's
 * out	at the target: rax 4, rcx AEP, all else as it was; or at the ENCLU: rax 4, all else as it was
 *	but rcx, which no EEXIT reads
 * stack	none
 *
 * Nothing that the enclave has says which thread this is; the limit of a segment of the thread's
 * GDT does.
 */
	.p2align 6
	.globl	fast_exit
	.hidden	fast_exit
	.type	fast_exit, @function
fast_exit:
	.cfi_startproc
	.cfi_undefined rip
	lahf
	seto	%al
	mov	fast_selector(%rip), %ecx
	lsl	%ecx, %ecx
LABEL fast_exit_flags_in_rax
	jnz	.Lexit_traps
	shl	$SLOT_SHIFT, %rcx
	add	thread_slots_start(%rip), %rcx
	mov	%rax, FAST_SAVED(%rcx)
LABEL fast_exit_saved
	cmpq	$0, FAST_EXITS(%rcx)
	je	.Lexit_traps_saved
	cmpq	$0, THREAD_INSIDE(%rcx)
	je	.Lexit_traps_saved
	mov	%rbx, %rax
	shr	$47, %rax
	jnz	.Lexit_traps_saved	/* not canonical, or not a program's */
	mov	FAST_TCS(%rcx), %rax
	mov	TCS_AEP(%rax), %rax
	mov	%rax, FAST_AEP(%rcx)
	mov	FAST_TCS(%rcx), %rax
	movq	$0, TCS_OWNER(%rax)
	movq	$0, (%rax)		/* TCS.STATE, while nobody can take the page away */
LABEL fast_exit_left
	mov	FAST_PROCESSOR_COUNT(%rcx), %rax
	lock decq (%rax)
LABEL fast_exit_not_inside
	mov	FAST_ENCLAVE_INSIDE(%rcx), %rax
	lock decl (%rax)
LABEL fast_exit_uncounted
	movq	$0, FAST_RUNNING(%rcx)
	mov	THREAD_HOST_FS(%rcx), %rax
	wrfsbase %rax
	mov	THREAD_HOST_GS(%rcx), %rax
	wrgsbase %rax
	movq	$0, THREAD_INSIDE(%rcx)
	movb	$SELECTOR_ALLOW, THREAD_SELECTOR(%rcx)
	mov	FAST_SAVED(%rcx), %rax
	add	$0x7f, %al		/* OF again */
	sahf
	mov	$SGX_LEAF_EEXIT, %eax
	mov	FAST_AEP(%rcx), %rcx
	jmp	*%rbx
LABEL fast_exit_end

.Lexit_traps_saved:
	mov	FAST_SAVED(%rcx), %rax
LABEL fast_exit_traps
.Lexit_traps:
	mov	%rax, %rcx
	shr	$16, %rcx
	add	$0x7f, %al
LABEL fast_exit_overflow
	sahf
LABEL fast_exit_flags
	mov	$SGX_LEAF_EEXIT, %eax
	jmp	*%rcx
LABEL fast_exit_traps_end
	.cfi_endproc
	.size	fast_exit, . - fast_exit

/*
 * segment_set - set_thread_area, which only the 32-bit system calls have
 *
 * in	edi	struct user_desc *	ours, below 4 GiB
 * out	eax	0 or -errno; -ENOSYS where there is no such call at all, by way of segment_is_probe
 */
	.globl	segment_set
	.hidden	segment_set
	.type	segment_set, @function
segment_set:
	.cfi_startproc
	push	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbx, 0
	mov	%edi, %ebx
	mov	$243, %eax
LABEL segment_probe
	int	$0x80
LABEL segment_probe_end
	xor	%r8d, %r8d		/* what old kernels leave there */
	xor	%r9d, %r9d
	xor	%r10d, %r10d
	xor	%r11d, %r11d
	pop	%rbx
	.cfi_adjust_cfa_offset -8
	ret
	.cfi_endproc
	.size	segment_set, . - segment_set

	.section .note.GNU-stack, "", @progbits
