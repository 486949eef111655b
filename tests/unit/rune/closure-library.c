// SPDX-License-Identifier: Apache-2.0
/* A library with nothing in it but, perhaps, a dlopen note; what matters are the linker's options. */
#ifdef NOTE
__asm__(".pushsection .note.dlopen, \"a\", @note\n"
        "	.balign 4\n"
        "	.long 4, 2f - 1f, 0x407c0c0a\n"
        "	.asciz \"FDO\"\n"
        "1:	.asciz \"" NOTE "\"\n"
        "2:	.balign 4\n"
        ".popsection\n");
#endif

int closure_library(void);

int closure_library(void)
{
	return 0;
}
