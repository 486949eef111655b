// SPDX-License-Identifier: Apache-2.0
/*
 * ELF files of unknown origin; see elf.h.  Nothing is read but through bytes_at, which checks it against
 * the file's size; the loader's addresses become file offsets through PT_LOAD, file part only.
 */
#include "rune/elf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"

#define NT_FDO_DLOPEN_METADATA 0x407c0c0a

static const void *bytes_at(const struct elf *elf, uint64_t offset, uint64_t size)
{
	if (offset > elf->size || size > elf->size - offset)
		return NULL;
	return elf->bytes + offset;
}

/* The file need not be aligned for its tables: copy. */
static bool copy_at(const struct elf *elf, uint64_t offset, void *ret, size_t size)
{
	const void *from = bytes_at(elf, offset, size);

	if (from)
		memcpy(ret, from, size);
	return from;
}

static bool program_header(const struct elf *elf, uint16_t index, Elf64_Phdr *ret)
{
	return copy_at(elf, elf->program_headers + (uint64_t)index * sizeof(*ret), ret,
	               sizeof(*ret));
}

static bool find_segment(const struct elf *elf, uint32_t type, Elf64_Phdr *ret)
{
	for (uint16_t i = 0; i < elf->program_header_count; i++) {
		if (program_header(elf, i, ret) && ret->p_type == type)
			return true;
	}
	return false;
}

/* Where in the file the loader's address is: an offset with *ret_room bytes in its segment. */
static bool offset_of(const struct elf *elf, uint64_t vaddr, uint64_t *ret, uint64_t *ret_room)
{
	Elf64_Phdr p;

	for (uint16_t i = 0; i < elf->program_header_count; i++) {
		if (!program_header(elf, i, &p) || p.p_type != PT_LOAD || vaddr < p.p_vaddr ||
		    vaddr - p.p_vaddr >= p.p_filesz || !bytes_at(elf, p.p_offset, p.p_filesz))
			continue;
		*ret = p.p_offset + (vaddr - p.p_vaddr);
		*ret_room = p.p_filesz - (vaddr - p.p_vaddr);
		return true;
	}
	return false;
}

static bool dynamic_entry(const struct elf *elf, uint64_t index, Elf64_Dyn *ret)
{
	return index < elf->dynamic_count &&
	       copy_at(elf, elf->dynamic + index * sizeof(*ret), ret, sizeof(*ret)) &&
	       ret->d_tag != DT_NULL;
}

static bool dynamic_value(const struct elf *elf, int64_t tag, size_t index, uint64_t *ret)
{
	Elf64_Dyn d;

	for (uint64_t i = 0; dynamic_entry(elf, i, &d); i++) {
		if (d.d_tag == tag && index-- == 0) {
			*ret = d.d_un.d_val;
			return true;
		}
	}
	return false;
}

static const char *check_header(struct elf *elf)
{
	Elf64_Ehdr h;

	if (!copy_at(elf, 0, &h, sizeof(h)) || memcmp(h.e_ident, ELFMAG, SELFMAG) != 0)
		return "not an ELF file";
	if (h.e_ident[EI_CLASS] != ELFCLASS64 || h.e_ident[EI_DATA] != ELFDATA2LSB ||
	    h.e_machine != EM_X86_64)
		return "not for x86-64";
	if (h.e_type != ET_DYN)
		return h.e_type == ET_EXEC  ? "a program at a fixed address"
		       : h.e_type == ET_REL ? "an object file, not linked"
		                            : "of another ELF type";
	if (h.e_phentsize != sizeof(Elf64_Phdr) ||
	    !bytes_at(elf, h.e_phoff, (uint64_t)h.e_phnum * sizeof(Elf64_Phdr)))
		return "cut off, or its program headers are broken";
	elf->program_headers = h.e_phoff;
	elf->program_header_count = h.e_phnum;
	return NULL;
}

static const char *check_dynamic(struct elf *elf)
{
	uint64_t address, room;
	Elf64_Phdr p;
	const char *texts;

	for (uint16_t i = 0; i < elf->program_header_count; i++) {
		if (program_header(elf, i, &p) && p.p_type == PT_LOAD &&
		    !bytes_at(elf, p.p_offset, p.p_filesz))
			return "cut off";
	}
	if (!find_segment(elf, PT_DYNAMIC, &p))
		return "no dynamic section";
	if (!bytes_at(elf, p.p_offset, p.p_filesz))
		return "cut off";
	elf->dynamic = p.p_offset;
	elf->dynamic_count = p.p_filesz / sizeof(Elf64_Dyn);
	if (!dynamic_value(elf, DT_STRTAB, 0, &address) ||
	    !dynamic_value(elf, DT_STRSZ, 0, &elf->texts_size) ||
	    !offset_of(elf, address, &elf->texts, &room) || elf->texts_size > room ||
	    elf->texts_size == 0)
		return "its dynamic section is broken";
	texts = bytes_at(elf, elf->texts, elf->texts_size);
	if (!texts || texts[elf->texts_size - 1] != '\0')
		return "its dynamic section is broken";
	return NULL;
}

static const char *map_file(int fd, const struct stat *st, struct elf *ret)
{
	void *bytes;

	if (!S_ISREG(st->st_mode))
		return "not a regular file";
	if (st->st_size == 0)
		return "an empty file";
	bytes = mmap(NULL, (size_t)st->st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return "cannot be mapped";
	ret->bytes = bytes;
	ret->size = (size_t)st->st_size;
	ret->is_mapped = true;
	return NULL;
}

static int check(const char *name, const char *why, struct elf *elf, struct err *e)
{
	if (!why)
		why = check_header(elf);
	if (!why)
		why = check_dynamic(elf);
	return why ? err_set(e, -ENOEXEC, "%s: not a shared library (%s)", name, why) : 0;
}

int elf_read(const char *name, const void *bytes, size_t size, struct elf *ret, struct err *e)
{
	struct elf elf = { .bytes = bytes, .size = size };
	int r = check(name, NULL, &elf, e);

	if (r == 0)
		*ret = elf;
	return r;
}

int elf_open(const char *path, struct elf *ret, struct err *e)
{
	/* O_NONBLOCK: a pipe without a writer must not hold us up. */
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	_cleanup_(elf_close) struct elf elf = { 0 };
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, "%s", path);
	r = check(path, map_file(fd, &st, &elf), &elf, e);
	if (r < 0)
		return r;
	*ret = elf;
	elf.is_mapped = false;
	return 0;
}

void elf_close(struct elf *elf)
{
	if (elf->is_mapped)
		munmap((void *)(uintptr_t)elf->bytes, elf->size);
	*elf = (struct elf){ 0 };
}

const char *elf_interpreter(const struct elf *elf)
{
	Elf64_Phdr p;
	const char *text;

	if (!find_segment(elf, PT_INTERP, &p) || p.p_filesz == 0)
		return NULL;
	text = bytes_at(elf, p.p_offset, p.p_filesz);
	return text && text[p.p_filesz - 1] == '\0' ? text : NULL;
}

static const char *text_at(const struct elf *elf, uint64_t offset)
{
	return offset < elf->texts_size ? (const char *)elf->bytes + elf->texts + offset : NULL;
}

const char *elf_text(const struct elf *elf, int64_t tag, size_t index)
{
	uint64_t offset;

	return dynamic_value(elf, tag, index, &offset) ? text_at(elf, offset) : NULL;
}

bool elf_is_program(const struct elf *elf)
{
	uint64_t flags;

	return dynamic_value(elf, DT_FLAGS_1, 0, &flags) && (flags & DF_1_PIE);
}

/* The offset of one entry of a table that the dynamic section gives the address of. */
static bool table_offset(const struct elf *elf, int64_t tag, uint64_t entry, uint64_t skip,
                         uint64_t size, uint64_t *ret)
{
	uint64_t address, offset, room;

	if (!dynamic_value(elf, tag, 0, &address) || !offset_of(elf, address, &offset, &room) ||
	    skip > room || entry >= (room - skip) / size)
		return false;
	*ret = offset + skip + entry * size;
	return true;
}

static bool word(const struct elf *elf, int64_t tag, uint64_t index, uint32_t *ret)
{
	uint64_t offset;

	return table_offset(elf, tag, index, 0, sizeof(*ret), &offset) &&
	       copy_at(elf, offset, ret, sizeof(*ret));
}

static bool is_defined_as(const struct elf *elf, uint32_t index, const char *name)
{
	const char *text;
	uint64_t offset;
	Elf64_Sym s;

	if (!table_offset(elf, DT_SYMTAB, index, 0, sizeof(s), &offset) ||
	    !copy_at(elf, offset, &s, sizeof(s)))
		return false;
	text = text_at(elf, s.st_name);
	return text && s.st_shndx != SHN_UNDEF && ELF64_ST_BIND(s.st_info) != STB_LOCAL &&
	       strcmp(text, name) == 0;
}

static uint32_t gnu_hash(const char *name)
{
	uint32_t h = 5381;

	for (; *name; name++)
		h = h * 33 + (unsigned char)*name;
	return h;
}

/* DT_GNU_HASH: nbuckets, symoffset, bloom_size, bloom_shift, bloom[] of 8 bytes, buckets[], chain[]. */
static bool gnu_defines(const struct elf *elf, const char *name)
{
	uint32_t count, first, bloom, index, link, hash = gnu_hash(name);
	uint64_t buckets;

	if (!word(elf, DT_GNU_HASH, 0, &count) || !word(elf, DT_GNU_HASH, 1, &first) ||
	    !word(elf, DT_GNU_HASH, 2, &bloom) || count == 0)
		return false;
	buckets = 4 + 2 * (uint64_t)bloom;
	if (!word(elf, DT_GNU_HASH, buckets + hash % count, &index) || index < first)
		return false;
	/* Ends: index grows, and word fails past the segment's end. */
	for (; word(elf, DT_GNU_HASH, buckets + count + (index - first), &link); index++) {
		if ((link | 1) == (hash | 1) && is_defined_as(elf, index, name))
			return true;
		if ((link & 1) || index == UINT32_MAX)
			return false;
	}
	return false;
}

bool elf_defines(const struct elf *elf, const char *symbol)
{
	uint32_t count;
	uint64_t unused;

	if (dynamic_value(elf, DT_GNU_HASH, 0, &unused))
		return gnu_defines(elf, symbol);
	/* DT_HASH: nbucket, nchain; nchain is the number of symbols. */
	if (!word(elf, DT_HASH, 1, &count))
		return false;
	for (uint32_t i = 1; i < count && table_offset(elf, DT_SYMTAB, i, 0, 1, &unused); i++) {
		if (is_defined_as(elf, i, symbol))
			return true;
	}
	return false;
}

/* One note at *offset, which moves behind it; false at the end, or where the notes are broken. */
static bool next_note(const struct elf *elf, uint64_t *offset, uint64_t end, Elf64_Nhdr *ret,
                      uint64_t *ret_name, uint64_t *ret_content)
{
	uint64_t at = *offset;

	if (at >= end || !copy_at(elf, at, ret, sizeof(*ret)))
		return false;
	*ret_name = at + sizeof(*ret);
	*ret_content = *ret_name + (((uint64_t)ret->n_namesz + 3) & ~(uint64_t)3);
	at = *ret_content + (((uint64_t)ret->n_descsz + 3) & ~(uint64_t)3);
	if (*ret_content + ret->n_descsz > end)
		return false;
	*offset = at;
	return true;
}

static const char *dlopen_note_in(const struct elf *elf, const Elf64_Phdr *p, size_t *index,
                                  size_t *ret_size)
{
	uint64_t offset = p->p_offset, end = p->p_offset + p->p_filesz, name, content;
	Elf64_Nhdr note;

	while (next_note(elf, &offset, end, &note, &name, &content)) {
		const char *text = bytes_at(elf, content, note.n_descsz);

		if (note.n_type != NT_FDO_DLOPEN_METADATA || note.n_namesz != sizeof("FDO") ||
		    memcmp(elf->bytes + name, "FDO", sizeof("FDO")) != 0 || !text)
			continue;
		if ((*index)-- == 0) {
			*ret_size = strnlen(text, note.n_descsz);
			return text;
		}
	}
	return NULL;
}

const char *elf_dlopen_note(const struct elf *elf, size_t index, size_t *ret_size)
{
	Elf64_Phdr p;

	for (uint16_t i = 0; i < elf->program_header_count; i++) {
		const char *text;

		/* Aligned to 8 are GNU properties, which nothing shares a segment with. */
		if (!program_header(elf, i, &p) || p.p_type != PT_NOTE || p.p_align > 4 ||
		    !bytes_at(elf, p.p_offset, p.p_filesz))
			continue;
		text = dlopen_note_in(elf, &p, &index, ret_size);
		if (text)
			return text;
	}
	return NULL;
}
