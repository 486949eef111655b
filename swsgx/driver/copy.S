/* SPDX-License-Identifier: Apache-2.0 */
/* The one instruction with which the driver reads and writes the program's memory. */

	.text

/*
 * driver_copy - copy until done or until a fault
 *
 * in	rdi	to	ours or the program's
 *	rsi	from	ours or the program's: may fault
 *	rdx	bytes
 * out	rax	bytes that were not copied
 * stack	not used
 */
	.globl	driver_copy
	.hidden	driver_copy
	.type	driver_copy, @function
driver_copy:
	.cfi_startproc
	mov	%rdx, %rcx
	.globl	driver_copy_access
	.hidden	driver_copy_access
driver_copy_access:
	rep movsb			/* a fault leaves in rcx what is left to do */
	.globl	driver_copy_end
	.hidden	driver_copy_end
driver_copy_end:
	mov	%rcx, %rax
	ret
	.cfi_endproc
	.size	driver_copy, . - driver_copy

	.section .note.GNU-stack, "", @progbits
