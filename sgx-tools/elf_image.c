// SPDX-License-Identifier: Apache-2.0
/* Telling an enclave image, and from an ELF file to the image in it.  Every number of the file is checked before it is a place. */
#include "sgx-tools/elf_image.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sgx-tools/tool.h"
#include "sgx/layout.h"

bool tool_is_image(const void *bytes, size_t size)
{
	const uint64_t magic = SGX_LAYOUT_MAGIC;

	return size >= sizeof(magic) && memcmp(bytes, &magic, sizeof(magic)) == 0;
}

bool elf_is_elf(const void *bytes, size_t size)
{
	return size >= SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0;
}

static int header(const char *name, const void *bytes, size_t size, Elf64_Ehdr *ret, struct err *e)
{
	if (size < sizeof(*ret))
		return err_set(e, -EINVAL, "%s: an ELF file cut short", name);
	memcpy(ret, bytes, sizeof(*ret));
	if (ret->e_ident[EI_CLASS] != ELFCLASS64 || ret->e_ident[EI_DATA] != ELFDATA2LSB ||
	    ret->e_machine != EM_X86_64 || ret->e_phentsize != sizeof(Elf64_Phdr))
		return err_set(e, -EINVAL, "%s: not an ELF file for x86-64", name);
	if (ret->e_phoff > size || ret->e_phnum > (size - ret->e_phoff) / sizeof(Elf64_Phdr))
		return err_set(e, -EINVAL, "%s: program headers outside the file", name);
	return 0;
}

static Elf64_Phdr segment(const uint8_t *bytes, const Elf64_Ehdr *h, unsigned int number)
{
	Elf64_Phdr p;

	memcpy(&p, bytes + h->e_phoff + number * sizeof(p), sizeof(p));
	return p;
}

/* Is it in the image? */
static bool is_loaded(const Elf64_Phdr *p)
{
	return p->p_type == PT_LOAD && p->p_filesz > 0;
}

static int extent(const char *name, const uint8_t *bytes, size_t size, const Elf64_Ehdr *h,
                  uint64_t *ret_low, uint64_t *ret_high, struct err *e)
{
	uint64_t low = UINT64_MAX, high = 0;

	for (unsigned int i = 0; i < h->e_phnum; i++) {
		Elf64_Phdr p = segment(bytes, h, i);

		if (!is_loaded(&p))
			continue;
		if (p.p_offset > size || p.p_filesz > size - p.p_offset ||
		    p.p_paddr > UINT64_MAX - p.p_filesz)
			return err_set(e, -EINVAL, "%s: segment %u is outside the file", name, i);
		low = p.p_paddr < low ? p.p_paddr : low;
		high = p.p_paddr + p.p_filesz > high ? p.p_paddr + p.p_filesz : high;
	}
	if (high <= low)
		return err_set(e, -EINVAL, "%s: nothing in it to load", name);
	if (high - low > TOOL_IMAGE_MAX)
		return err_set(e, -EINVAL, "%s: an image of more than %d bytes", name,
		               TOOL_IMAGE_MAX);
	*ret_low = low;
	*ret_high = high;
	return 0;
}

int elf_image(const char *name, const void *bytes, size_t size, uint8_t **ret, size_t *ret_size,
              struct err *e)
{
	uint64_t low = 0, high = 0;
	Elf64_Ehdr h;
	uint8_t *image;
	int r = header(name, bytes, size, &h, e);

	if (r == 0)
		r = extent(name, bytes, size, &h, &low, &high, e);
	if (r < 0)
		return r;
	image = calloc(1, high - low);
	if (!image)
		return err_set(e, -ENOMEM, "%s: no memory for its image", name);
	for (unsigned int i = 0; i < h.e_phnum; i++) {
		Elf64_Phdr p = segment(bytes, &h, i);

		if (is_loaded(&p))
			memcpy(image + (p.p_paddr - low), (const uint8_t *)bytes + p.p_offset,
			       p.p_filesz);
	}
	*ret = image;
	*ret_size = high - low;
	return 0;
}
