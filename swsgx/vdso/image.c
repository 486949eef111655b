// SPDX-License-Identifier: Apache-2.0
/*
 * An ELF image that has no code, only symbols: the real vDSO's, whose values lead from here to
 * there, and our function.  Those who read vDSOs find symbols by DT_HASH and DT_SYMTAB, with tables
 * as offsets from the load address; some, such as Go's runtime, do not survive that versions are
 * missing.  Intel's PSW goes by the section headers instead, to sections that it knows by name.
 */
#include "swsgx/vdso/vdso.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "sgx/uapi/vdso.h"
#include "swsgx/trap/vdso.h"

#define SYMBOLS_MAX 64
#define STRINGS_MAX 4096
#define SONAME      "linux-vdso.so.1"
#define LOADS       1
#define DYNAMICS    10
#define VERSION     "LINUX_2.6"
#define VERSIONS    2 /* the image itself, and that of every symbol */
#define SECTIONS    3 /* none, symbols, strings */
#define STRINGS_AT  2 /* of symbols, and of sections */

void vdso_enter_enclave(void);
extern const void *const vdso_enclu_address __attribute__((visibility("hidden")));
extern const void *const vdso_exception_address __attribute__((visibility("hidden")));

struct version {
	Elf64_Verdef def;
	Elf64_Verdaux aux;
};

struct image {
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr[LOADS + 1];
	Elf64_Dyn dynamic[DYNAMICS];
	uint32_t hash_bucket_count, hash_chain_count;
	uint32_t hash_bucket[1]; /* one chain: all symbols */
	uint32_t hash_chain[SYMBOLS_MAX];
	Elf64_Sym symbol[SYMBOLS_MAX];
	Elf64_Versym versym[SYMBOLS_MAX];
	struct version version[VERSIONS];
	char string[STRINGS_MAX];
	Elf64_Shdr section[SECTIONS];
};
_Static_assert(sizeof(struct image) <= VDSO_IMAGE_SIZE, "room");

/* What of the real one is needed. */
struct source {
	const uint8_t *base;
	uint64_t bias; /* load address minus the address it was linked at */
	const Elf64_Sym *symbol;
	const char *string;
	uint32_t count;
};

static uint32_t add_string(struct image *m, size_t *end, const char *s)
{
	size_t size = strlen(s) + 1, at = *end;

	if (at + size > sizeof(m->string))
		return 0;
	memcpy(m->string + at, s, size);
	*end = at + size;
	return (uint32_t)at;
}

static bool add_symbol(struct image *m, size_t *string_end, const char *name, uint64_t address,
                       const Elf64_Sym *like)
{
	uint32_t i = m->hash_chain_count;
	Elf64_Sym *s = &m->symbol[i];

	if (i == SYMBOLS_MAX)
		return false;
	*s = *like;
	s->st_name = add_string(m, string_end, name);
	s->st_value = address - (uintptr_t)m; /* may wrap; adding the load address unwraps it */
	s->st_shndx = 1;                      /* defined, that is all anybody looks at */
	if (s->st_name == 0)
		return false;
	m->hash_chain[i] = m->hash_bucket[0];
	m->hash_bucket[0] = i;
	m->versym[i] = VERSIONS;
	m->hash_chain_count++;
	return true;
}

static void read_dynamic(struct source *s, const Elf64_Dyn *d)
{
	for (; d->d_tag != DT_NULL; d++) {
		const uint8_t *at = (const uint8_t *)(s->bias + d->d_un.d_ptr);

		if (d->d_tag == DT_SYMTAB)
			s->symbol = (const Elf64_Sym *)at;
		else if (d->d_tag == DT_STRTAB)
			s->string = (const char *)at;
		else if (d->d_tag == DT_HASH)
			s->count = ((const uint32_t *)at)[1];
	}
}

/* Without DT_HASH the symbols cannot be counted this way; section headers may still tell. */
static void count_by_sections(struct source *s, const Elf64_Ehdr *ehdr)
{
	const Elf64_Shdr *sh = (const Elf64_Shdr *)(s->base + ehdr->e_shoff);

	for (unsigned int i = 0; i < ehdr->e_shnum && s->count == 0; i++)
		if (sh[i].sh_type == SHT_DYNSYM && sh[i].sh_entsize != 0)
			s->count = (uint32_t)(sh[i].sh_size / sh[i].sh_entsize);
}

static struct source read_real(const void *real)
{
	struct source s = { .base = real };
	const Elf64_Ehdr *ehdr = real;
	const Elf64_Phdr *phdr;
	const Elf64_Dyn *dynamic = NULL;

	if (real == NULL || memcmp(ehdr->e_ident, ELFMAG, SELFMAG) != 0)
		return (struct source){ 0 };
	phdr = (const Elf64_Phdr *)(s.base + ehdr->e_phoff);
	s.bias = (uintptr_t)real;
	for (unsigned int i = 0; i < ehdr->e_phnum; i++) {
		if (phdr[i].p_type == PT_LOAD && phdr[i].p_offset == 0)
			s.bias = (uintptr_t)real - phdr[i].p_vaddr;
		else if (phdr[i].p_type == PT_DYNAMIC)
			dynamic = (const Elf64_Dyn *)(s.base + phdr[i].p_offset);
	}
	if (dynamic == NULL)
		return (struct source){ 0 };
	read_dynamic(&s, dynamic);
	if (s.symbol == NULL || s.string == NULL)
		return (struct source){ 0 };
	if (s.count == 0)
		count_by_sections(&s, ehdr);
	return s;
}

static void make_headers(struct image *m)
{
	const uint64_t size = sizeof(*m);
	Elf64_Ehdr *e = &m->ehdr;

	memcpy(e->e_ident, ELFMAG, SELFMAG);
	e->e_ident[EI_CLASS] = ELFCLASS64;
	e->e_ident[EI_DATA] = ELFDATA2LSB;
	e->e_ident[EI_VERSION] = EV_CURRENT;
	e->e_type = ET_DYN;
	e->e_machine = EM_X86_64;
	e->e_version = EV_CURRENT;
	e->e_phoff = offsetof(struct image, phdr);
	e->e_ehsize = sizeof(m->ehdr);
	e->e_phentsize = sizeof(m->phdr[0]);
	e->e_phnum = LOADS + 1;
	e->e_shoff = offsetof(struct image, section);
	e->e_shentsize = sizeof(m->section[0]);
	e->e_shnum = SECTIONS;
	e->e_shstrndx = STRINGS_AT;
	m->phdr[0] = (Elf64_Phdr){ .p_type = PT_LOAD,
		                   .p_flags = PF_R,
		                   .p_filesz = size,
		                   .p_memsz = size,
		                   .p_align = 4096 };
	m->phdr[1] = (Elf64_Phdr){ .p_type = PT_DYNAMIC,
		                   .p_flags = PF_R,
		                   .p_offset = offsetof(struct image, dynamic),
		                   .p_vaddr = offsetof(struct image, dynamic),
		                   .p_paddr = offsetof(struct image, dynamic),
		                   .p_filesz = sizeof(m->dynamic),
		                   .p_memsz = sizeof(m->dynamic),
		                   .p_align = 8 };
}

/* The hash function of ELF's symbol tables. */
static uint32_t hash_of(const char *name)
{
	uint32_t h = 0;

	for (; *name != '\0'; name++) {
		h = (h << 4) + (uint8_t)*name;
		h = (h ^ (h & 0xf0000000) >> 24) & 0x0fffffff;
	}
	return h;
}

static void make_versions(struct image *m, uint32_t soname, uint32_t version)
{
	const uint32_t names[VERSIONS] = { soname, version };

	for (unsigned int i = 0; i < VERSIONS; i++) {
		bool is_last = i + 1 == VERSIONS;

		m->version[i].def = (Elf64_Verdef){
			.vd_version = VER_DEF_CURRENT,
			.vd_flags = i == 0 ? VER_FLG_BASE : 0,
			.vd_ndx = (Elf64_Half)(i + 1),
			.vd_cnt = 1,
			.vd_hash = hash_of(m->string + names[i]),
			.vd_aux = offsetof(struct version, aux),
			.vd_next = is_last ? 0 : sizeof(struct version),
		};
		m->version[i].aux.vda_name = names[i];
	}
}

static void make_dynamic(struct image *m, uint32_t soname, size_t string_size)
{
	const Elf64_Dyn dynamic[DYNAMICS] = {
		{ DT_SONAME, { soname } },
		{ DT_HASH, { offsetof(struct image, hash_bucket_count) } },
		{ DT_SYMTAB, { offsetof(struct image, symbol) } },
		{ DT_STRTAB, { offsetof(struct image, string) } },
		{ DT_STRSZ, { string_size } },
		{ DT_SYMENT, { sizeof(Elf64_Sym) } },
		{ DT_VERSYM, { offsetof(struct image, versym) } },
		{ DT_VERDEF, { offsetof(struct image, version) } },
		{ DT_VERDEFNUM, { VERSIONS } },
		{ DT_NULL, { 0 } },
	};

	memcpy(m->dynamic, dynamic, sizeof(dynamic));
}

/* Their names come last in the table of strings, all of which is in their section. */
static int make_sections(struct image *m, size_t *string_end)
{
	const uint32_t symbols = add_string(m, string_end, ".dynsym");
	const uint32_t strings = add_string(m, string_end, ".dynstr");

	if (symbols == 0 || strings == 0)
		return -E2BIG;
	m->section[1] = (Elf64_Shdr){ .sh_name = symbols,
		                      .sh_type = SHT_DYNSYM,
		                      .sh_flags = SHF_ALLOC,
		                      .sh_addr = offsetof(struct image, symbol),
		                      .sh_offset = offsetof(struct image, symbol),
		                      .sh_size = m->hash_chain_count * sizeof(m->symbol[0]),
		                      .sh_link = STRINGS_AT,
		                      .sh_info = 1, /* the first that is global */
		                      .sh_addralign = 8,
		                      .sh_entsize = sizeof(m->symbol[0]) };
	m->section[STRINGS_AT] = (Elf64_Shdr){ .sh_name = strings,
		                               .sh_type = SHT_STRTAB,
		                               .sh_flags = SHF_ALLOC,
		                               .sh_addr = offsetof(struct image, string),
		                               .sh_offset = offsetof(struct image, string),
		                               .sh_size = *string_end,
		                               .sh_addralign = 1 };
	return 0;
}

int vdso_make(void *memory, const void *real, bool has_function)
{
	const Elf64_Sym function = { .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC) };
	struct source s = read_real(real);
	struct image *m = memory;
	size_t string_end = 1;
	uint32_t soname, version;
	int r;

	make_headers(m);
	m->hash_bucket_count = 1;
	m->hash_chain_count = 1; /* symbol 0 is none */
	soname = add_string(m, &string_end, SONAME);
	version = add_string(m, &string_end, VERSION);
	make_versions(m, soname, version);
	for (uint32_t i = 1; i < s.count; i++) {
		const Elf64_Sym *symbol = &s.symbol[i];
		const char *name = s.string + symbol->st_name;

		if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx == SHN_ABS ||
		    strcmp(name, SGX_VDSO_ENTER) == 0)
			continue;
		if (!add_symbol(m, &string_end, name, s.bias + symbol->st_value, symbol))
			return -E2BIG;
	}
	if (has_function &&
	    !add_symbol(m, &string_end, SGX_VDSO_ENTER, (uintptr_t)vdso_enter_enclave, &function))
		return -E2BIG;
	r = make_sections(m, &string_end);
	if (r == 0)
		make_dynamic(m, soname, string_end);
	return r;
}

void vdso_register(void)
{
	trap_set_vdso(vdso_enclu_address, vdso_exception_address);
}
