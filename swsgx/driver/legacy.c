// SPDX-License-Identifier: Apache-2.0
/*
 * The drivers before the kernel's: linux-sgx-driver 2.x at /dev/isgx, which wants launch tokens, and
 * the DCAP driver up to 1.22 at /dev/sgx, which wants none.  An enclave is what is mapped at an
 * address; the descriptor only leads here.  Checks stand in the driver's order.  Where it hands on
 * what a copy from the program has left, so does this: those results are positive.
 */
#include <errno.h>
#include <string.h>

#include "lib/crypto/crypto.h"
#include "sgx/leaf.h"
#include "sgx/tcs.h"
#include "sgx/token.h"
#include "sgx/uapi/legacy.h"
#include "swsgx/cpu/ssa.h"
#include "swsgx/driver/abi.h"
#include "swsgx/driver/copy.h"
#include "swsgx/driver/driver.h"
#include "swsgx/driver/encls.h"
#include "swsgx/driver/legacy.h"
#include "swsgx/driver/platform.h"
#include "swsgx/driver/space.h"

/* The attributes this driver knows; the rest, those for AEX-Notify among them, are reserved. */
#define ATTRIBUTES_KNOWN                                                                        \
	(SGX_ATTR_DEBUG | SGX_ATTR_MODE64BIT | SGX_ATTR_PROVISIONKEY | SGX_ATTR_EINITTOKENKEY | \
	 SGX_ATTR_KSS)
#define TOKEN_VALID 1U

static bool launch_open = true; /* launch control is: tokens may be missing */

int driver_launch(const char *mode)
{
	bool is_any = mode == NULL || *mode == '\0' || strcmp(mode, "any") == 0;

	if (!is_any && strcmp(mode, "token") != 0)
		return -EINVAL;
	launch_open = is_any;
	return 0;
}

void legacy_unpin(struct enclave *e)
{
	uint64_t mask;

	space_lock(&mask);
	e->pinned--;
	space_unlock(&mask);
}

static bool serves(const struct request_context *c, const struct enclave *e)
{
	return driver_abi(e->state->abi) == c->abi;
}

int legacy_find(const struct request_context *c, uint64_t addr, struct enclave **ret)
{
	struct space_range *range;
	uint64_t mask;
	int r = 0;

	if (addr % SGX_PAGE_SIZE != 0)
		return -EINVAL;
	space_lock(&mask);
	range = space_find(addr);
	if (range == NULL || !serves(c, range->enclave))
		r = -EINVAL;
	else if (!enclave_created(range->enclave))
		r = -ENOENT;
	if (r == 0) {
		*ret = range->enclave;
		(*ret)->pinned++;
	}
	space_unlock(&mask);
	return r;
}

/* The enclave to be of a mapping that is just this range. */
static int find_new(const struct request_context *c, uint64_t base, uint64_t size,
                    struct enclave **ret)
{
	struct space_range *range;
	uint64_t mask;
	int r = 0;

	space_lock(&mask);
	range = space_find(base);
	if (range == NULL || !serves(c, range->enclave) || range->start != base ||
	    range->end != base + size)
		r = -EINVAL;
	if (r == 0) {
		*ret = range->enclave;
		(*ret)->pinned++;
	}
	space_unlock(&mask);
	return r;
}

static bool is_zero(const void *p, size_t size)
{
	const uint8_t *byte = p;

	for (size_t i = 0; i < size; i++)
		if (byte[i] != 0)
			return false;
	return true;
}

/* Fields that came to the SECS after this driver are reserved to it; those for KSS are not. */
static bool secs_reserved_zero(const struct sgx_secs *secs)
{
	static const struct {
		uint16_t start, end;
	} reserved[] = { { 24, 48 }, { 96, 128 }, { 160, 192 }, { 262, SGX_PAGE_SIZE } };
	const uint8_t *byte = (const void *)secs;

	for (unsigned int i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (!is_zero(byte + reserved[i].start,
		             (size_t)(reserved[i].end - reserved[i].start)))
			return false;
	return true;
}

static int check_secs(const struct sgx_secs *secs)
{
	const struct platform *p = platform_get();
	const struct sgx_attributes *a = &secs->attributes;

	if (secs->size < 2 * SGX_PAGE_SIZE || (secs->size & (secs->size - 1)) != 0 ||
	    (secs->baseaddr & (secs->size - 1)) != 0)
		return -EINVAL;
	if ((a->flags & ~ATTRIBUTES_KNOWN) != 0 ||
	    (secs->miscselect & ~(p->miscselect_mask & SGX_MISC_EXINFO)) != 0)
		return -EINVAL;
	if (!(a->flags & SGX_ATTR_MODE64BIT) || secs->size > ENCLAVE_SIZE_MAX)
		return -EINVAL;
	if (!ssa_xfrm_legal(p, a->xfrm))
		return -EINVAL;
	if ((uint64_t)secs->ssaframesize * SGX_PAGE_SIZE < ssa_size(p, a->xfrm, secs->miscselect))
		return -EINVAL;
	return secs_reserved_zero(secs) ? 0 : -EINVAL;
}

/* -EINVAL: a second CREATE was faster. */
static int create_locked(struct enclave *e, const struct sgx_secs *secs)
{
	if (enclave_created(e))
		return -EINVAL;
	if (!retired(encls_ecreate(e, secs)))
		return -EFAULT;
	e->state->attributes = secs->attributes.flags;
	e->state->attributes_mask = ATTRIBUTES_FREE;
	e->state->base = secs->baseaddr;
	__atomic_store_n(&e->state->size, secs->size, __ATOMIC_RELEASE);
	return 0;
}

static int legacy_create(struct request_context *c, void *arg)
{
	const struct isgx_create *create = arg;
	struct sgx_secs secs;
	struct enclave *e;
	uint64_t mask;
	size_t left;
	int r;

	left = driver_copy(&secs, (const void *)create->src, sizeof(secs));
	if (left != 0)
		return (int)left;
	r = check_secs(&secs);
	if (r < 0)
		return r;
	r = find_new(c, secs.baseaddr, secs.size, &e);
	if (r < 0)
		return r;
	request_lock(e, &mask);
	r = create_locked(e, &secs);
	request_unlock(e, &mask);
	legacy_unpin(e);
	return r;
}

static int check_tcs(const struct enclave *e, const struct sgx_tcs *tcs)
{
	const uint64_t offsets[] = { tcs->ossa, tcs->ofsbase, tcs->ogsbase };

	if (tcs->flags != 0)
		return -EINVAL;
	for (unsigned int i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++)
		if (offsets[i] % SGX_PAGE_SIZE != 0 || offsets[i] >= e->state->size)
			return -EINVAL;
	if ((tcs->fslimit & 0xfff) != 0xfff || (tcs->gslimit & 0xfff) != 0xfff)
		return -EINVAL;
	return is_zero(tcs->reserved, sizeof(tcs->reserved)) ? 0 : -EINVAL;
}

/*
 * The driver puts EADD off and nobody hears of its failure: the page is taken, and INIT finds that
 * the measurement is another.  Any permission may be mapped.
 */
static int add_locked(struct enclave *e, uint64_t offset, const struct sgx_secinfo *secinfo,
                      const void *page, uint16_t chunks)
{
	if (enclave_initialized(e) || enclave_dead(e))
		return -EINVAL;
	if (e->state->page[offset / SGX_PAGE_SIZE] & ENCLAVE_PAGE_ADDED)
		return -EEXIST;
	if (retired(encls_eadd(e, offset, secinfo->flags, page)))
		encls_eextend_chunks(e, offset, chunks);
	enclave_page_set(e, offset, ENCLAVE_PAGE_ADDED | ENCLAVE_PAGE_PROT);
	return 0;
}

static int add_page(struct enclave *e, const struct isgx_add_page *add)
{
	_Alignas(SGX_PAGE_SIZE) uint8_t page[SGX_PAGE_SIZE];
	struct sgx_secinfo secinfo;
	uint64_t mask;
	size_t left;
	int r;

	if (driver_copy(&secinfo, (const void *)add->secinfo, sizeof(secinfo)) != 0)
		return -EFAULT;
	left = driver_copy(page, (const void *)add->src, sizeof(page));
	if (left != 0)
		return (int)left;
	r = request_check_secinfo(&secinfo);
	if (r == 0 && (secinfo.flags & SGX_SECINFO_PT_MASK) == SGX_SECINFO_TCS)
		r = check_tcs(e, (const void *)page);
	if (r < 0)
		return r;
	request_lock(e, &mask);
	r = add_locked(e, add->addr - e->state->base, &secinfo, page, add->mrmask);
	request_unlock(e, &mask);
	return r;
}

static int legacy_add_page(struct request_context *c, void *arg)
{
	const struct isgx_add_page *add = arg;
	struct enclave *e;
	int r = legacy_find(c, add->addr, &e);

	if (r < 0)
		return r;
	r = add_page(e, add);
	legacy_unpin(e);
	return r;
}

/* EINIT's code, 0 also when it was done before, or -EFAULT. */
static int init(struct enclave *e, const struct sgx_sigstruct *sig,
                const struct sgx_einittoken *token, const uint8_t lepubkeyhash[32])
{
	struct trap t = RETIRED;
	uint64_t mask, code = SGX_SUCCESS;

	request_lock(e, &mask);
	if (!enclave_initialized(e))
		t = encls_einit_token(e, sig, token, lepubkeyhash, &code);
	if (retired(t) && code == SGX_SUCCESS)
		__atomic_store_n(&e->state->initialized, 1, __ATOMIC_RELEASE);
	request_unlock(e, &mask);
	return retired(t) ? (int)code : -EFAULT;
}

static int isgx_init(struct request_context *c, void *arg)
{
	const struct isgx_init *args = arg;
	uint8_t hash[SHA256_SIZE];
	struct sgx_einittoken token;
	struct sgx_sigstruct sig;
	struct enclave *e;
	size_t left;
	int r;

	left = driver_copy(&sig, (const void *)args->sigstruct, sizeof(sig));
	if (left == 0)
		left = driver_copy(&token, (const void *)args->einittoken, sizeof(token));
	if (left != 0)
		return (int)left;
	r = legacy_find(c, args->addr, &e);
	if (r < 0)
		return r;
	/* The driver has set the hash to Intel's, which is what the platform's is. */
	if (launch_open && !(token.valid & TOKEN_VALID))
		sha256_digest(sig.modulus, sizeof(sig.modulus), hash);
	else
		memcpy(hash, platform_get()->lepubkeyhash, sizeof(hash));
	r = init(e, &sig, &token, hash);
	legacy_unpin(e);
	return r;
}

/* The driver launches by writing the signer's hash, but not enclaves that ask for too much. */
static int dcap_old_init(struct request_context *c, void *arg)
{
	const struct sgx_einittoken no_token = { .valid = 0 };
	const struct dcap_old_init *args = arg;
	uint8_t mrsigner[SHA256_SIZE];
	struct sgx_sigstruct sig;
	struct enclave *e;
	size_t left = driver_copy(&sig, (const void *)args->sigstruct, sizeof(sig));
	int r;

	if (left != 0)
		return (int)left;
	r = legacy_find(c, args->addr, &e);
	if (r < 0)
		return r;
	sha256_digest(sig.modulus, sizeof(sig.modulus), mrsigner);
	r = (e->state->attributes & ~e->state->attributes_mask) != 0
	            ? -EACCES
	            : init(e, &sig, &no_token, mrsigner);
	legacy_unpin(e);
	return r;
}

static int dcap_old_set_attribute(struct request_context *c, void *arg)
{
	const struct dcap_old_set_attribute *args = arg;
	struct enclave *e;
	uint64_t mask;
	int r;

	if (!provision_is((int)args->attribute_fd))
		return -EINVAL;
	r = legacy_find(c, args->addr, &e);
	if (r < 0)
		return r;
	request_lock(e, &mask);
	e->state->attributes_mask |= SGX_ATTR_PROVISIONKEY;
	request_unlock(e, &mask);
	legacy_unpin(e);
	return 0;
}

static const struct driver_request isgx_requests[] = {
	{ ISGX_IOC_CREATE, legacy_create, STATE_ANY },
	{ ISGX_IOC_ADD_PAGE, legacy_add_page, STATE_ANY },
	{ ISGX_IOC_INIT, isgx_init, STATE_ANY },
	{ ISGX_IOC_EMODPR, isgx_emodpr, STATE_ANY },
	{ ISGX_IOC_MKTCS, isgx_mktcs, STATE_ANY },
	{ ISGX_IOC_TRIM, isgx_trim, STATE_ANY },
	{ ISGX_IOC_NOTIFY_ACCEPT, isgx_notify_accept, STATE_ANY },
	{ ISGX_IOC_PAGE_REMOVE, isgx_page_remove, STATE_ANY },
};

const struct driver_abi driver_legacy = {
	.name = "legacy",
	.enclave_node = SGX_DEV_ISGX,
	.requests = isgx_requests,
	.request_count = sizeof(isgx_requests) / sizeof(isgx_requests[0]),
	.einit_fault = EFAULT,
	.by_address = true,
	.augments = true,
	.augment_is_bus = true,
};

static const struct driver_request dcap_old_requests[] = {
	{ ISGX_IOC_CREATE, legacy_create, STATE_ANY },
	{ ISGX_IOC_ADD_PAGE, legacy_add_page, STATE_ANY },
	{ DCAP_OLD_IOC_INIT, dcap_old_init, STATE_ANY },
	{ DCAP_OLD_IOC_SET_ATTRIBUTE, dcap_old_set_attribute, STATE_ANY },
};

const struct driver_abi driver_dcap_old = {
	.name = "dcap-old",
	.enclave_node = SGX_DEV_DCAP_OLD_ENCLAVE,
	.provision_node = SGX_DEV_DCAP_OLD_PROVISION,
	.requests = dcap_old_requests,
	.request_count = sizeof(dcap_old_requests) / sizeof(dcap_old_requests[0]),
	.einit_fault = EFAULT,
	.by_address = true,
};
