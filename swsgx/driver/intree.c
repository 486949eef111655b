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
