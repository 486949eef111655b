// SPDX-License-Identifier: Apache-2.0
/*
 * The loader's cache; see ldcache.h.  A linear search: the order of the entries is the loader's own
 * business, and a few hundred comparisons cost microseconds.
 */
#include "rune/ldcache.h"

#include <stdint.h>
#include <string.h>

#define OLD_MAGIC "ld.so-1.7.0"
#define NEW_MAGIC "glibc-ld.so.cache1.1"

#define FLAG_ELF_LIBC6  UINT32_C(0x0003)
#define FLAG_X86_64     UINT32_C(0x0300)
#define OLD_HEADER_SIZE 16 /* magic, padding, entry count */
#define OLD_ENTRY_SIZE  12

struct cache_header {
	char magic[20]; /* NEW_MAGIC, without its zero byte */
	uint32_t entry_count;
	uint32_t texts_size;
	uint32_t unused[5];
};

struct cache_entry {
	uint32_t flags;
	uint32_t name; /* offsets from the header */
	uint32_t path;
	uint32_t os_version;
	uint64_t hwcap; /* 0: for any processor */
};

_Static_assert(sizeof(struct cache_header) == 48, "cache_header");
_Static_assert(sizeof(struct cache_entry) == 24, "cache_entry");

static const char *text_at(const char *cache, size_t size, uint32_t offset)
{
	if (offset >= size || !memchr(cache + offset, '\0', size - offset))
		return NULL;
	return cache + offset;
}

/* Older files have the old format's table in front, aligned to 8. */
static size_t skip_old(const char *cache, size_t size)
{
	uint32_t count;
	uint64_t skip;

	if (size < OLD_HEADER_SIZE || memcmp(cache, OLD_MAGIC, strlen(OLD_MAGIC)) != 0)
		return 0;
	memcpy(&count, cache + 12, sizeof(count));
	skip = (OLD_HEADER_SIZE + (uint64_t)count * OLD_ENTRY_SIZE + 7) & ~(uint64_t)7;
	return skip < size ? (size_t)skip : size;
}

const char *ldcache_find(const void *cache, size_t size, const char *name, size_t index)
{
	size_t skip = skip_old(cache, size);
	const char *base = (const char *)cache + skip;
	struct cache_header header;
	struct cache_entry entry;

	size -= skip;
	if (size < sizeof(header))
		return NULL;
	memcpy(&header, base, sizeof(header));
	if (memcmp(header.magic, NEW_MAGIC, sizeof(header.magic)) != 0 ||
	    header.entry_count > (size - sizeof(header)) / sizeof(entry))
		return NULL;
	for (uint32_t i = 0; i < header.entry_count; i++) {
		const char *text;

		memcpy(&entry, base + sizeof(header) + i * sizeof(entry), sizeof(entry));
		if (entry.flags != (FLAG_ELF_LIBC6 | FLAG_X86_64) || entry.hwcap != 0)
			continue;
		text = text_at(base, size, entry.name);
		if (!text || strcmp(text, name) != 0)
			continue;
		text = text_at(base, size, entry.path);
		if (text && index-- == 0)
			return text;
	}
	return NULL;
}
