// SPDX-License-Identifier: Apache-2.0
/* Building and entering the test enclave; see enclave.h. */
#include "tests/trap/enclave.h"

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/crypto/crypto.h"
#include "lib/sgx/measure.h"
#include "lib/sgx/sigstruct.h"
#include "sgx/secinfo.h"
#include "sgx/tcs.h"
#include "sgx/uapi/dcap.h"
#include "tests/trap/harness.h"

int vdso_trampoline(void *function, uint64_t args[7]);

__thread uint64_t vdso_result;

const char *enclave_node(void)
{
	const char *driver = getenv("SWSGX_DRIVER");

	return driver != NULL && strcmp(driver, "dcap") == 0 ? SGX_DEV_DCAP_ENCLAVE
	                                                     : SGX_DEV_ENCLAVE;
}

void enclave_reserve(struct test_enclave *e)
{
	uint8_t *at;

	memset(e, 0, sizeof(*e));
	e->fd = -1;
	e->size = PAGES * SGX_PAGE_SIZE;
	at = mmap(NULL, 2 * e->size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	NEED(at != MAP_FAILED);
	e->base = (uint8_t *)(((uintptr_t)at + e->size - 1) & ~(uintptr_t)(e->size - 1));
	if (e->base > at)
		munmap(at, (size_t)(e->base - at));
	munmap(e->base + e->size, (size_t)(at + e->size - e->base));
	e->secs.size = e->size;
	e->secs.baseaddr = (uintptr_t)e->base;
	e->secs.ssaframesize = 1;
	e->secs.miscselect = SGX_MISC_EXINFO;
	e->secs.attributes.flags = SGX_ATTR_MODE64BIT | SGX_ATTR_DEBUG;
	e->secs.attributes.xfrm = SGX_XFRM_LEGACY | SGX_XFRM_AVX;
}

void enclave_open_node(struct test_enclave *e)
{
	e->fd = open(enclave_node(), O_RDWR | O_CLOEXEC);
	CHECK(e->fd >= 0);
}

void enclave_create(struct test_enclave *e)
{
	struct sgx_enclave_create create = { .src = (uintptr_t)&e->secs };

	CHECK_EQUAL(ioctl(e->fd, SGX_IOC_ENCLAVE_CREATE, &create), 0);
}

static const void *tcs_content(unsigned int page)
{
	static _Alignas(SGX_PAGE_SIZE) struct sgx_tcs tcs[3];
	struct sgx_tcs *t = &tcs[page];

	memset(t, 0, sizeof(*t));
	t->ossa = (PAGE_SSA + 2 * page) * SGX_PAGE_SIZE;
	t->nssa = 2;
	t->oentry = PAGE_CODE * SGX_PAGE_SIZE +
	            (page == PAGE_TCS1 ? (uint64_t)(code_pure - code_start) : 0);
	t->ofsbase = PAGE_DATA * SGX_PAGE_SIZE;
	t->ogsbase = PAGE_RODATA * SGX_PAGE_SIZE;
	t->fslimit = UINT32_MAX;
	t->gslimit = UINT32_MAX;
	return t;
}

const void *enclave_page_content(const struct test_enclave *e, unsigned int page,
                                 uint64_t *ret_flags)
{
	static const _Alignas(SGX_PAGE_SIZE) uint8_t zero[SGX_PAGE_SIZE];

	(void)e;
	*ret_flags = SGX_SECINFO_REG | SGX_SECINFO_R;
	if (page <= PAGE_TCS2) {
		*ret_flags = SGX_SECINFO_TCS;
		return tcs_content(page);
	}
	if (page == PAGE_CODE) {
		*ret_flags |= SGX_SECINFO_X;
		return code_start;
	}
	if (page != PAGE_RODATA)
		*ret_flags |= SGX_SECINFO_W;
	return page < PAGE_HOLE ? zero : NULL;
}

void enclave_add(struct test_enclave *e)
{
	for (unsigned int page = 0; page < PAGES; page++) {
		struct sgx_secinfo secinfo = { .flags = 0 };
		const void *content = enclave_page_content(e, page, &secinfo.flags);
		struct sgx_enclave_add_pages add = {
			.src = (uintptr_t)content,
			.offset = page * SGX_PAGE_SIZE,
			.length = SGX_PAGE_SIZE,
			.secinfo = (uintptr_t)&secinfo,
			.flags = SGX_PAGE_MEASURE,
		};

		if (content == NULL)
			continue;
		CHECK_EQUAL(ioctl(e->fd, SGX_IOC_ENCLAVE_ADD_PAGES, &add), 0);
		CHECK_EQUAL(add.count, SGX_PAGE_SIZE);
	}
}

static void key_path(char ret[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", ret, PATH_MAX - 16);

	NEED(n > 0);
	ret[n] = '\0';
	strcpy(strrchr(ret, '/'), "/key.pem");
}

static void measure_content(const struct test_enclave *e, struct sha256 *measurement,
                            unsigned int page, const uint8_t *content)
{
	for (unsigned int i = 0; i < MEASURE_PAGE_CHUNKS; i++)
		if (!(e->unmeasured >> i & 1))
			measure_eextend(measurement, page * SGX_PAGE_SIZE + i * MEASURE_CHUNK,
			                content + i * MEASURE_CHUNK);
}

void enclave_sign(struct test_enclave *e)
{
	struct rsa3072_key *key;
	struct sha256 measurement;
	char path[PATH_MAX];
	struct err err;

	if (crypto_load(&err) < 0)
		test_error(__FILE__, __LINE__, "%s", err.text);
	key_path(path);
	if (rsa3072_key_load(path, &key, &err) < 0)
		test_error(__FILE__, __LINE__, "%s", err.text);
	sha256_init(&measurement);
	measure_ecreate(&measurement, e->secs.ssaframesize, e->secs.size, 0);
	for (unsigned int page = 0; page < PAGES; page++) {
		uint64_t flags;
		const void *content = enclave_page_content(e, page, &flags);

		if (content == NULL)
			continue;
		measure_eadd(&measurement, page * SGX_PAGE_SIZE, flags);
		measure_content(e, &measurement, page, content);
	}
	sigstruct_init(&e->sigstruct);
	sha256_final(&measurement, e->sigstruct.enclavehash);
	e->sigstruct.miscselect = e->secs.miscselect;
	e->sigstruct.attributes = e->secs.attributes;
	e->sigstruct.attributemask.flags = ~SGX_ATTR_DEBUG;
	e->sigstruct.isvprodid = 7;
	e->sigstruct.isvsvn = 3;
	if (sigstruct_sign(&e->sigstruct, key, &err) < 0)
		test_error(__FILE__, __LINE__, "%s", err.text);
	rsa3072_key_free(key);
}

void enclave_init(struct test_enclave *e)
{
	struct sgx_enclave_init init = { .sigstruct = (uintptr_t)&e->sigstruct };

	CHECK_EQUAL(ioctl(e->fd, SGX_IOC_ENCLAVE_INIT, &init), 0);
}

static int prot_of(uint64_t flags)
{
	if ((flags & SGX_SECINFO_PT_MASK) == SGX_SECINFO_TCS)
		return PROT_READ | PROT_WRITE;
	return PROT_READ | (flags & SGX_SECINFO_W ? PROT_WRITE : 0) |
	       (flags & SGX_SECINFO_X ? PROT_EXEC : 0);
}

void enclave_map(struct test_enclave *e)
{
	for (unsigned int page = 0; page < PAGES; page++) {
		uint64_t flags;
		const void *content = enclave_page_content(e, page, &flags);
		void *at = e->base + page * SGX_PAGE_SIZE;

		/* Holes are mapped too, but for the last page. */
		if (content == NULL && page == PAGES - 1)
			continue;
		CHECK(mmap(at, SGX_PAGE_SIZE, prot_of(flags), MAP_SHARED | MAP_FIXED, e->fd, 0) ==
		      at);
	}
}

void enclave_make(struct test_enclave *e)
{
	enclave_reserve(e);
	enclave_open_node(e);
	enclave_create(e);
	enclave_add(e);
	enclave_sign(e);
	enclave_init(e);
	enclave_map(e);
}

/* The file again, under a name that software SGX does not know. */
static int open_file(const struct test_enclave *e)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", e->fd);
	fd = open(path, O_RDWR | O_CLOEXEC);
	NEED(fd >= 0);
	return fd;
}

void enclave_look(const struct test_enclave *e, uint64_t offset, void *ret, size_t size)
{
	int fd = open_file(e);

	NEED(pread(fd, ret, size, (off_t)offset) == (ssize_t)size);
	close(fd);
}

void enclave_change(const struct test_enclave *e, uint64_t offset, const void *from, size_t size)
{
	int fd = open_file(e);

	NEED(pwrite(fd, from, size, (off_t)offset) == (ssize_t)size);
	close(fd);
}

const void *vdso_image(void)
{
	return (const void *)getauxval(AT_SYSINFO_EHDR);
}

/* As the kernel's selftest reads it: by DT_HASH, tables as offsets from the image. */
void *vdso_symbol(const char *name)
{
	const uint8_t *base = vdso_image();
	const Elf64_Ehdr *ehdr = (const void *)base;
	const Elf64_Dyn *dynamic = NULL;
	const Elf64_Sym *symbol = NULL;
	const uint32_t *hash = NULL;
	const char *string = NULL;

	if (base == NULL)
		return NULL;
	for (unsigned int i = 0; i < ehdr->e_phnum; i++) {
		const Elf64_Phdr *phdr = (const void *)(base + ehdr->e_phoff);

		if (phdr[i].p_type == PT_DYNAMIC)
			dynamic = (const void *)(base + phdr[i].p_offset);
	}
	for (; dynamic != NULL && dynamic->d_tag != DT_NULL; dynamic++) {
		const void *at = base + dynamic->d_un.d_ptr;

		if (dynamic->d_tag == DT_SYMTAB)
			symbol = at;
		else if (dynamic->d_tag == DT_STRTAB)
			string = at;
		else if (dynamic->d_tag == DT_HASH)
			hash = at;
	}
	for (uint32_t i = 0; hash != NULL && symbol != NULL && string != NULL && i < hash[1]; i++)
		if (strcmp(string + symbol[i].st_name, name) == 0)
			return (void *)(base + symbol[i].st_value);
	return NULL;
}

static const Elf64_Shdr *section(const uint8_t *image, const char *name)
{
	const Elf64_Ehdr *ehdr = (const void *)image;
	const Elf64_Shdr *shdr = (const void *)(image + ehdr->e_shoff);

	for (unsigned int i = 0; i < ehdr->e_shnum; i++)
		if (strcmp((const char *)image + shdr[ehdr->e_shstrndx].sh_offset + shdr[i].sh_name,
		           name) == 0)
			return &shdr[i];
	return NULL;
}

void *vdso_symbol_by_sections(const char *name)
{
	const uint8_t *image = vdso_image();
	const Elf64_Shdr *symbols = section(image, ".dynsym"), *strings = section(image, ".dynstr");
	const Elf64_Sym *symbol;

	if (symbols == NULL || strings == NULL)
		return NULL;
	symbol = (const void *)(image + symbols->sh_offset);
	for (size_t i = 0; i < symbols->sh_size / sizeof(*symbol); i++)
		if (symbol[i].st_name < strings->sh_size &&
		    strcmp((const char *)image + strings->sh_offset + symbol[i].st_name, name) == 0)
			return (void *)(image + symbol[i].st_value);
	return NULL;
}

int vdso_call(struct test_enclave *e, unsigned int tcs, unsigned long op, unsigned long rsi,
              unsigned long rdx, unsigned int leaf, struct sgx_enclave_run *run)
{
	void *enter = vdso_symbol(SGX_VDSO_ENTER);
	uint64_t args[7] = { op, rsi, rdx, leaf, 0, 0, (uintptr_t)run };
	int r;

	CHECK(enter != NULL);
	run->tcs = (uintptr_t)e->base + tcs * SGX_PAGE_SIZE;
	r = vdso_trampoline(enter, args);
	vdso_result = args[2];
	return r;
}
