/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ELF dlopen note (UAPI group, "ELF dlopen metadata"): tells whoever collects the libraries of a
 * program that load.c will ask for this one, which no DT_NEEDED does.
 */
#define NT_FDO_DLOPEN_METADATA 0x407c0c0a

	.section .note.dlopen, "a", @note
	.balign	4
	.long	.Lowner_end - .Lowner
	.long	.Ljson_end - .Ljson
	.long	NT_FDO_DLOPEN_METADATA
.Lowner:
	.asciz	"FDO"
.Lowner_end:
	.balign	4
.Ljson:
	.ascii	"[{\"soname\":[\"libcrypto.so.3\"],\"feature\":\"crypto\","
	.asciz	"\"description\":\"SHA-256, AES-CMAC and RSA\",\"priority\":\"required\"}]"
.Ljson_end:
	.balign	4

	.section .note.GNU-stack, "", @progbits
