// SPDX-License-Identifier: Apache-2.0
/*
 * Looking a function up in the vDSO, whose tables the dynamic loader does not give us.  The image is
 * the kernel's and trusted.  Its symbols are counted by DT_HASH, or DT_GNU_HASH where a kernel has
 * only that.
 */
#include "pal/vdso.h"

#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>

struct tables {
	const Elf64_Sym *symbol;
	const char *string;
	const uint32_t *hash;
	const uint32_t *gnu_hash;
};

static const Elf64_Dyn *find_dynamic(uint64_t base)
{
	const Elf64_Ehdr *ehdr = (const void *)base;
	const Elf64_Phdr *phdr = (const void *)(base + ehdr->e_phoff);

	for (unsigned int i = 0; i < ehdr->e_phnum; i++) {
		if (phdr[i].p_type == PT_DYNAMIC)
			return (const void *)(base + phdr[i].p_offset);
	}
	return NULL;
}

static struct tables find_tables(uint64_t base)
{
	const Elf64_Dyn *dyn = find_dynamic(base);
	struct tables t = { 0 };

	for (; dyn && dyn->d_tag != DT_NULL; dyn++) {
		const void *at = (const void *)(base + dyn->d_un.d_ptr);

		switch (dyn->d_tag) {
		case DT_SYMTAB: t.symbol = at; break;
		case DT_STRTAB: t.string = at; break;
		case DT_HASH: t.hash = at; break;
		case DT_GNU_HASH: t.gnu_hash = at; break;
		default: break;
		}
	}
	return t;
}

/* The last chain of the last bucket in use ends the table. */
static uint32_t count_gnu(const uint32_t *hash)
{
	uint32_t buckets = hash[0], first = hash[1], bloom_words = hash[2], last = 0;
	const uint32_t *bucket = hash + 4 + 2 * (size_t)bloom_words;
	const uint32_t *chain = bucket + buckets;

	for (uint32_t i = 0; i < buckets; i++) {
		if (bucket[i] > last)
			last = bucket[i];
	}
	if (last < first)
		return first;
	while (!(chain[last - first] & 1))
		last++;
	return last + 1;
}

void *vdso_symbol(const void *image, const char *name)
{
	uint64_t base = (uint64_t)image;
	struct tables t = find_tables(base);
	uint32_t count;

	if (!t.symbol || !t.string || (!t.hash && !t.gnu_hash))
		return NULL;
	count = t.hash ? t.hash[1] : count_gnu(t.gnu_hash);
	for (uint32_t i = 0; i < count; i++) {
		if (t.symbol[i].st_shndx != SHN_UNDEF &&
		    strcmp(t.string + t.symbol[i].st_name, name) == 0)
			return (void *)(base + t.symbol[i].st_value);
	}
	return NULL;
}

void *vdso_find(const char *name)
{
	const void *image = (const void *)getauxval(AT_SYSINFO_EHDR);

	return image ? vdso_symbol(image, name) : NULL;
}
