/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shared library or position independent program (ELF64, x86-64), read where it lies.  The file may
 * be anybody's: every offset and size in it is checked before use.  Texts point into the file's
 * mapping and live until elf_close.
 */
#ifndef RUNE_ELF_H
#define RUNE_ELF_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct elf {
	const unsigned char *bytes;
	size_t size;
	bool is_mapped;
	uint64_t program_headers; /* file offset */
	uint16_t program_header_count;
	uint64_t dynamic; /* file offset */
	uint64_t dynamic_count;
	uint64_t texts; /* file offset of DT_STRTAB; its last byte is zero */
	uint64_t texts_size;
};

/*
 * -ENOEXEC and "PATH: not a shared library (WHY)" for a file that is none; the caller's to
 * elf_close on success.
 */
int elf_open(const char *path, struct elf *ret, struct err *e);
/* The same for a file's bytes, which stay the caller's. */
int elf_read(const char *name, const void *bytes, size_t size, struct elf *ret, struct err *e);
/* For _cleanup_: initialise with { 0 }. */
void elf_close(struct elf *elf);

/* PT_INTERP, or NULL. */
const char *elf_interpreter(const struct elf *elf);
/* The index-th entry with this tag, a text (DT_NEEDED, DT_RUNPATH...), or NULL. */
const char *elf_text(const struct elf *elf, int64_t tag, size_t index);
/* A program rather than a library: dlopen refuses it. */
bool elf_is_program(const struct elf *elf);
/* Whether the library gives this symbol to dlsym. */
bool elf_defines(const struct elf *elf, const char *symbol);
/* The index-th dlopen note's JSON, not zero-terminated, or NULL. */
const char *elf_dlopen_note(const struct elf *elf, size_t index, size_t *ret_size);

#endif
