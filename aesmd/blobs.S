/* SPDX-License-Identifier: Apache-2.0 */
/* The images of the two enclaves: page-aligned, as the driver wants what it adds. */
	.section .rodata
	.balign	4096
	.globl	arch_qe_bytes, arch_qe_end, arch_le_bytes, arch_le_end
arch_qe_bytes:
	.incbin	"aesmd/qe.bin"
arch_qe_end:
	.balign	4096
arch_le_bytes:
	.incbin	"aesmd/le.bin"
arch_le_end:

	.section .note.GNU-stack, "", @progbits
