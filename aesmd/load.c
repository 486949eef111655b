// SPDX-License-Identifier: Apache-2.0
/*
 * Signing, building and entering an architectural enclave.  Two drivers: the in-tree one, which lets
 * nobody have the EINITTOKEN key, and the old one at /dev/isgx, which does.
 */
#include "aesmd/load.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "lib/base/cleanup.h"
#include "lib/sgx/image.h"
#include "lib/sgx/sigstruct.h"
#include "sgx/secinfo.h"
#include "sgx/token.h"
#include "sgx/uapi/intree.h"
#include "sgx/uapi/legacy.h"

#define SIGNED_ON 0x20260101 /* SIGSTRUCT.DATE: the same image is the same signature */

void arch_enclu(uint64_t tcs, struct arch_args *args);

/* An enclave that is being built. */
struct build {
	const struct arch_image *image;
	struct image parsed;
	struct sgx_sigstruct sig;
	struct sgx_secs secs;
	uint64_t base;
	int fd;
};

static int sign(struct build *b, const struct rsa3072_key *key, struct err *e)
{
	static const struct image_options none;
	int r = image_parse(b->image->name, b->image->bytes, b->image->size, &none, &b->parsed, e);

	if (r < 0)
		return r;
	sigstruct_init(&b->sig);
	b->sig.date = SIGNED_ON;
	b->sig.miscmask = UINT32_MAX;
	b->sig.attributes.flags = b->parsed.layout.attributes | b->image->attributes;
	b->sig.attributes.xfrm = b->parsed.layout.xfrm;
	b->sig.attributemask.flags = ~SGX_ATTR_INIT;
	b->sig.attributemask.xfrm = UINT64_MAX;
	b->sig.isvprodid = b->image->isvprodid;
	b->sig.isvsvn = b->image->isvsvn;
	image_measure(&b->parsed, b->sig.enclavehash);
	r = sigstruct_sign(&b->sig, key, e);
	if (r < 0)
		return err_wrap(e, r, "%s", b->image->name);
	b->secs = (struct sgx_secs){
		.size = b->parsed.layout.size,
		.baseaddr = b->base,
		.ssaframesize = b->parsed.layout.ssaframesize,
		.attributes = b->sig.attributes,
	};
	return 0;
}

static int refused(const struct build *b, const char *node, const char *what, struct err *e)
{
	return err_errno(e, "%s: %s: %s", b->image->name, node, what);
}

/* A range that is a multiple of its size, twice as large reserved and cut. */
static int reserve(uint64_t *ret, struct err *e)
{
	uint8_t *at = mmap(NULL, 2 * ARCH_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t start = (uint64_t)at;
	uint64_t base = (start + ARCH_SIZE - 1) & ~(uint64_t)(ARCH_SIZE - 1);

	if (at == MAP_FAILED)
		return err_errno(e, "no address space for an enclave");
	if (base > start)
		munmap(at, base - start);
	if (start + ARCH_SIZE > base)
		munmap((void *)(base + ARCH_SIZE), start + ARCH_SIZE - base);
	*ret = base;
	return 0;
}

/* The pages in the order of the layout; pages of zeros from one. */
typedef int add_page(const struct build *b, uint64_t offset, const struct sgx_secinfo *secinfo,
                     const void *page);

static int add_all(const struct build *b, add_page *add)
{
	static const _Alignas(SGX_PAGE_SIZE) uint8_t zeros[SGX_PAGE_SIZE];

	for (uint32_t i = 0; i < b->parsed.layout.segment_count; i++) {
		const struct sgx_layout_segment *s = &b->parsed.layout.segment[i];
		struct sgx_secinfo secinfo = { .flags = s->secinfo_flags };

		for (uint64_t at = 0; at < s->size; at += SGX_PAGE_SIZE) {
			const uint8_t *page = s->flags & SGX_LAYOUT_ZERO
			                              ? zeros
			                              : b->parsed.file + s->file_offset + at;

			if (add(b, s->offset + at, &secinfo, page) != 0)
				return -1;
		}
	}
	return 0;
}

static int prot_of(const struct sgx_layout_segment *s)
{
	if (s->secinfo_flags == SGX_SECINFO_TCS)
		return PROT_READ | PROT_WRITE;
	return (s->secinfo_flags & SGX_SECINFO_R ? PROT_READ : 0) |
	       (s->secinfo_flags & SGX_SECINFO_W ? PROT_WRITE : 0) |
	       (s->secinfo_flags & SGX_SECINFO_X ? PROT_EXEC : 0);
}

static int finish(const struct build *b, bool is_mapped, const char *node, struct arch_enclave *ret,
                  struct err *e)
{
	uint64_t tcs = 0;

	for (uint32_t i = 0; i < b->parsed.layout.segment_count; i++) {
		const struct sgx_layout_segment *s = &b->parsed.layout.segment[i];
		void *at = (void *)(b->base + s->offset);
		int prot = prot_of(s);

		if (is_mapped ? mprotect(at, s->size, prot) < 0
		              : mmap(at, s->size, prot, MAP_SHARED | MAP_FIXED, b->fd, 0) ==
		                        MAP_FAILED)
			return refused(b, node, "mmap", e);
		if (s->secinfo_flags == SGX_SECINFO_TCS)
			tcs = b->base + s->offset;
	}
	*ret = (struct arch_enclave){ .name = b->image->name, .tcs = tcs };
	return 0;
}

static int intree_add(const struct build *b, uint64_t offset, const struct sgx_secinfo *secinfo,
                      const void *page)
{
	struct sgx_enclave_add_pages add = {
		.src = (uint64_t)page,
		.offset = offset,
		.length = SGX_PAGE_SIZE,
		.secinfo = (uint64_t)secinfo,
		.flags = SGX_PAGE_MEASURE,
	};

	return ioctl(b->fd, SGX_IOC_ENCLAVE_ADD_PAGES, &add);
}

/* The provisioning key is for those who may open its node. */
static int intree_provision(const struct build *b, struct err *e)
{
	_cleanup_(closep) int fd = open(SGX_DEV_PROVISION, O_RDONLY | O_CLOEXEC);
	struct sgx_enclave_provision provision = { .fd = (uint64_t)fd };

	if (fd < 0)
		return err_errno(e, SGX_DEV_PROVISION);
	if (ioctl(b->fd, SGX_IOC_ENCLAVE_PROVISION, &provision) < 0)
		return refused(b, SGX_DEV_PROVISION, "provision", e);
	return 0;
}

int arch_load_intree(const struct arch_image *image, const struct rsa3072_key *key,
                     struct arch_enclave *ret, struct err *e)
{
	_cleanup_(closep) int fd = open(SGX_DEV_ENCLAVE, O_RDWR | O_CLOEXEC);
	struct build b = { .image = image, .fd = fd };
	struct sgx_enclave_create create = { .src = (uint64_t)&b.secs };
	struct sgx_enclave_init init = { .sigstruct = (uint64_t)&b.sig };
	int r;

	if (fd < 0)
		return err_errno(e, SGX_DEV_ENCLAVE);
	r = reserve(&b.base, e);
	if (r == 0)
		r = sign(&b, key, e);
	if (r < 0)
		return r;
	if (ioctl(fd, SGX_IOC_ENCLAVE_CREATE, &create) != 0)
		return refused(&b, SGX_DEV_ENCLAVE, "create", e);
	if (add_all(&b, intree_add) != 0)
		return refused(&b, SGX_DEV_ENCLAVE, "add pages", e);
	r = image->attributes & SGX_ATTR_PROVISIONKEY ? intree_provision(&b, e) : 0;
	if (r < 0)
		return r;
	if (ioctl(fd, SGX_IOC_ENCLAVE_INIT, &init) != 0)
		return refused(&b, SGX_DEV_ENCLAVE, "initialise", e);
	return finish(&b, false, SGX_DEV_ENCLAVE, ret, e);
}

static int isgx_add(const struct build *b, uint64_t offset, const struct sgx_secinfo *secinfo,
                    const void *page)
{
	struct isgx_add_page add = {
		.addr = b->base + offset,
		.src = (uint64_t)page,
		.secinfo = (uint64_t)secinfo,
		.mrmask = ISGX_MRMASK_PAGE,
	};

	return ioctl(b->fd, ISGX_IOC_ADD_PAGE, &add);
}

int arch_load_isgx(const struct arch_image *image, const struct rsa3072_key *key,
                   struct arch_enclave *ret, struct err *e)
{
	static const struct sgx_einittoken none;
	_cleanup_(closep) int fd = open(SGX_DEV_ISGX, O_RDWR | O_CLOEXEC);
	struct build b = { .image = image, .fd = fd };
	struct isgx_create create = { .src = (uint64_t)&b.secs };
	struct isgx_init init = { .sigstruct = (uint64_t)&b.sig, .einittoken = (uint64_t)&none };
	void *at;
	int r;

	if (fd < 0)
		return err_errno(e, SGX_DEV_ISGX);
	at = mmap(NULL, ARCH_SIZE, PROT_NONE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return refused(&b, SGX_DEV_ISGX, "mmap", e);
	b.base = (uint64_t)at;
	init.addr = b.base;
	r = sign(&b, key, e);
	if (r < 0)
		return r;
	if (ioctl(fd, ISGX_IOC_CREATE, &create) != 0)
		return refused(&b, SGX_DEV_ISGX, "create", e);
	if (add_all(&b, isgx_add) != 0)
		return refused(&b, SGX_DEV_ISGX, "add pages", e);
	r = ioctl(fd, ISGX_IOC_INIT, &init);
	if (r > 0)
		return err_set(e, -EPERM,
		               "%s: %s: EINIT says %d: is this machine's launch key "
		               "another?",
		               image->name, SGX_DEV_ISGX, r);
	if (r < 0)
		return refused(&b, SGX_DEV_ISGX, "initialise", e);
	return finish(&b, true, SGX_DEV_ISGX, ret, e);
}

enum arch_result arch_enter(const struct arch_enclave *enclave, struct arch_args *args)
{
	args->result = ARCH_FAILED;
	arch_enclu(enclave->tcs, args);
	return (enum arch_result)args->result;
}
