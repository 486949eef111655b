/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table behind ecall(): 32-bit offsets, which C cannot write down, in read-only memory.  Function
 * pointers would need relocations and with them writable pages.
 */
	.section .rodata
	.balign	4
	.globl	ecall_table
	.type	ecall_table, @object
ecall_table:
#define ECALL(number, function, type, before_init) .long function - ecall_table;
#include "enclave/ecalls.def"
	.size	ecall_table, . - ecall_table

	.section .note.GNU-stack, "", @progbits
