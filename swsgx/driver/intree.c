// SPDX-License-Identifier: Apache-2.0
/*
 * The kernel's SGX driver: /dev/sgx_enclave.  Every check stands where the kernel has it, since the
 * order decides which errno a wrong request gets.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/crypto/crypto.h"
#include "sgx/leaf.h"
#include "sgx/uapi/intree.h"
#include "swsgx/driver/abi.h"
#include "swsgx/driver/copy.h"
#include "swsgx/driver/encls.h"
#include "swsgx/driver/file.h"
#include "swsgx/driver/platform.h"
#include "swsgx/driver/space.h"
#include "swsgx/driver/sys.h"

#define ADD_BATCH 4                     /* pages that are copied at once, to the stack */
#define STAGE_MIN (16u * SGX_PAGE_SIZE) /* bytes from which on it pays to open the file */

void request_lock(struct enclave *e, uint64_t *ret_mask)
{
	const uint64_t all = ~UINT64_C(0);

	sys_sigprocmask(SIG_BLOCK, &all, ret_mask);
	enclave_lock(e);
}

void request_unlock(struct enclave *e, const uint64_t *mask)
{
	enclave_unlock(e);
	sys_sigprocmask(SIG_SETMASK, mask, NULL);
}

static bool is_power_of_2(uint64_t n)
{
	return n != 0 && (n & (n - 1)) == 0;
}

int request_create(struct request_context *c, void *arg)
{
	const struct sgx_enclave_create *create = arg;
	struct enclave *e = c->enclave;
	struct sgx_secs secs;
	uint64_t mask;
	struct trap t;

	if (driver_copy(&secs, (const void *)create->src, sizeof(secs)) != 0)
		return -EFAULT;
	if (!is_power_of_2(secs.size))
		return -EINVAL;
	if (secs.size > ENCLAVE_SIZE_MAX) /* ECREATE would fault */
		return -EIO;
	request_lock(e, &mask);
	t = encls_ecreate(e, &secs);
	if (retired(t)) {
		e->state->attributes = secs.attributes.flags;
		e->state->attributes_mask = ATTRIBUTES_FREE;
		e->state->base = secs.baseaddr;
		__atomic_store_n(&e->state->size, secs.size, __ATOMIC_RELEASE);
	}
	request_unlock(e, &mask);
	return retired(t) ? 0 : -EIO;
}

int request_check_secinfo(const struct sgx_secinfo *secinfo)
{
	uint64_t perm = secinfo->flags & SGX_SECINFO_RWX;
	uint64_t pt = secinfo->flags & SGX_SECINFO_PT_MASK;

	if (pt != SGX_SECINFO_REG && pt != SGX_SECINFO_TCS)
		return -EINVAL;
	if ((perm & SGX_SECINFO_W) && !(perm & SGX_SECINFO_R))
		return -EINVAL;
	if ((secinfo->flags & ~(SGX_SECINFO_RWX | SGX_SECINFO_PT_MASK)) != 0)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(secinfo->reserved); i++)
		if (secinfo->reserved[i] != 0)
			return -EINVAL;
	return 0;
}

int request_check_range(const struct enclave *e, uint64_t offset, uint64_t length)
{
	if (offset % SGX_PAGE_SIZE != 0 || length == 0 || length % SGX_PAGE_SIZE != 0)
		return -EINVAL;
	if (offset + length < offset || offset + length - SGX_PAGE_SIZE >= e->state->size)
		return -EINVAL;
	return 0;
}

/* What mmap may ask of the page: a TCS is mapped for reading and writing. */
static uint8_t max_prot(uint64_t secinfo_flags)
{
	if ((secinfo_flags & SGX_SECINFO_PT_MASK) == SGX_SECINFO_TCS)
		return PROT_READ | PROT_WRITE;
	return (uint8_t)((secinfo_flags & SGX_SECINFO_R ? PROT_READ : 0) |
	                 (secinfo_flags & SGX_SECINFO_W ? PROT_WRITE : 0) |
	                 (secinfo_flags & SGX_SECINFO_X ? PROT_EXEC : 0));
}

/* An ADD_PAGES under way. */
struct adding {
	struct enclave *e;
	struct sgx_enclave_add_pages *add; /* count: so far */
	uint64_t secinfo_flags;
	int file; /* of the enclave, to write to, or -1 */
};

/* The next page, under the lock: 0 or -errno. */
static int add_page(const struct adding *a, const void *page)
{
	uint64_t offset = a->add->offset + a->add->count;
	struct trap t = encls_eadd(a->e, offset, a->secinfo_flags, page);

	/* EADD stays in MRENCLAVE: there is no way back. */
	if (retired(t) && (a->add->flags & SGX_PAGE_MEASURE))
		t = encls_eextend(a->e, offset);
	if (!retired(t))
		return -EIO;
	enclave_page_set(a->e, offset, ENCLAVE_PAGE_ADDED | max_prot(a->secinfo_flags));
	a->add->count += SGX_PAGE_SIZE;
	return 0;
}

/* Memory for the next pages, with their content if it can be: up to the first that is taken. */
static void stage(const struct adding *a, const void *pages, size_t size)
{
	uint64_t offset = a->add->offset + a->add->count;
	const struct epcm_entry *epcm = &a->e->state->epcm[offset / SGX_PAGE_SIZE];
	size_t free = 0;

	if (a->file < 0) {
		encls_populate(a->e, offset, size);
		return;
	}
	while (free < size / SGX_PAGE_SIZE && !epcm[free].valid)
		free++;
	encls_stage(a->e, a->file, offset, pages, free * SGX_PAGE_SIZE);
}

/*
 * The next few pages: copied first, since a copy may fault, then added under one lock.  Errors come
 * in the order of pages.
 */
static int add_batch(const struct adding *a)
{
	_Alignas(SGX_PAGE_SIZE) uint8_t page[ADD_BATCH][SGX_PAGE_SIZE];
	uint64_t first = a->add->offset + a->add->count, left = a->add->length - a->add->count;
	size_t size = left < sizeof(page) ? left : sizeof(page);
	size_t copied = size - driver_copy(page, (const void *)(a->add->src + a->add->count), size);
	uint64_t mask;
	int r = 0;

	request_lock(a->e, &mask);
	stage(a, page, copied);
	for (size_t i = 0; i < size / SGX_PAGE_SIZE && r == 0; i++) {
		if (a->e->state->page[first / SGX_PAGE_SIZE + i] & ENCLAVE_PAGE_ADDED)
			r = -EBUSY;
		else if ((i + 1) * SGX_PAGE_SIZE > copied)
			r = -EFAULT;
		else
			r = add_page(a, page[i]);
	}
	encls_unstage(a->e);
	request_unlock(a->e, &mask);
	return r;
}

static int add_all(struct request_context *c, struct sgx_enclave_add_pages *add,
                   uint64_t secinfo_flags)
{
	bool is_regular = (secinfo_flags & SGX_SECINFO_PT_MASK) == SGX_SECINFO_REG;
	const struct adding a = {
		.e = c->enclave,
		.add = add,
		.secinfo_flags = secinfo_flags,
		.file = is_regular && add->length >= STAGE_MIN ? file_reopen(c->fd) : -1,
	};
	int r = 0;

	add->count = 0;
	while (add->count < add->length && r == 0)
		r = add_batch(&a);
	if (a.file >= 0)
		sys_close(a.file);
	return r;
}

int request_add_pages(struct request_context *c, void *arg)
{
	struct sgx_enclave_add_pages *add = arg;
	struct sgx_secinfo secinfo;
	int r;

	if (add->src % SGX_PAGE_SIZE != 0)
		return -EINVAL;
	r = request_check_range(c->enclave, add->offset, add->length);
	if (r < 0)
		return r;
	if (driver_copy(&secinfo, (const void *)add->secinfo, sizeof(secinfo)) != 0)
		return -EFAULT;
	r = request_check_secinfo(&secinfo);
	if (r < 0)
		return r;
	if ((secinfo.flags & SGX_SECINFO_PT_MASK) == SGX_SECINFO_TCS &&
	    (secinfo.flags & SGX_SECINFO_RWX) != 0)
		return -EINVAL;
	c->copy_back = true;
	return add_all(c, add, secinfo.flags);
}

static int check_sigstruct(const struct enclave *e, const struct sgx_sigstruct *sig)
{
	const struct platform *p = platform_get();
	const struct sgx_attributes a = sig->attributes, mask = sig->attributemask;

	if (sig->vendor != 0 && sig->vendor != SGX_SIGSTRUCT_VENDOR_INTEL)
		return -EINVAL;
	if ((e->state->attributes & ~e->state->attributes_mask) != 0)
		return -EACCES;
	if ((a.flags & mask.flags & ~p->attributes_mask) != 0 ||
	    (sig->miscselect & sig->miscmask & ~p->miscselect_mask) != 0 ||
	    (a.xfrm & mask.xfrm & ~p->xfrm_mask) != 0)
		return -EINVAL;
	return 0;
}

int request_init(struct request_context *c, void *arg)
{
	const struct sgx_enclave_init *init = arg;
	struct enclave *e = c->enclave;
	uint8_t mrsigner[SHA256_SIZE];
	struct sgx_sigstruct sig;
	uint64_t mask, code = 0;
	struct trap t;
	int r;

	if (driver_copy(&sig, (const void *)init->sigstruct, sizeof(sig)) != 0)
		return -EFAULT;
	r = check_sigstruct(e, &sig);
	if (r < 0)
		return r;
	sha256_digest(sig.modulus, sizeof(sig.modulus), mrsigner);
	request_lock(e, &mask);
	t = encls_einit(e, &sig, mrsigner, &code);
	if (retired(t) && code == SGX_SUCCESS)
		__atomic_store_n(&e->state->initialized, 1, __ATOMIC_RELEASE);
	request_unlock(e, &mask);
	if (!retired(t))
		return -c->abi->einit_fault;
	return code == SGX_SUCCESS ? 0 : -EPERM;
}

int request_provision(struct request_context *c, void *arg)
{
	const struct sgx_enclave_provision *provision = arg;

	if (!provision_is((int)provision->fd))
		return -EINVAL;
	c->enclave->state->attributes_mask |= SGX_ATTR_PROVISIONKEY;
	return 0;
}

static const struct driver_request requests[] = {
	{ SGX_IOC_ENCLAVE_CREATE, request_create, STATE_NEW },
	{ SGX_IOC_ENCLAVE_ADD_PAGES, request_add_pages, STATE_CREATED },
	{ SGX_IOC_ENCLAVE_INIT, request_init, STATE_CREATED },
	{ SGX_IOC_ENCLAVE_PROVISION, request_provision, STATE_ANY },
	{ SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS, request_restrict_permissions, STATE_INITIALIZED },
	{ SGX_IOC_ENCLAVE_MODIFY_TYPES, request_modify_types, STATE_INITIALIZED },
	{ SGX_IOC_ENCLAVE_REMOVE_PAGES, request_remove_pages, STATE_INITIALIZED },
};

const struct driver_abi driver_intree = {
	.name = "intree",
	.enclave_node = SGX_DEV_ENCLAVE,
	.provision_node = SGX_DEV_PROVISION,
	.requests = requests,
	.request_count = sizeof(requests) / sizeof(requests[0]),
	.map_only_range = true,
	.mprotect_checks = true,
	.einit_fault = EIO,
	.has_vdso = true,
	.augments = true,
};
