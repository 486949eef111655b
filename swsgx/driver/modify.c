// SPDX-License-Identifier: Apache-2.0
/*
 * The three requests with which a running enclave's pages change (SGX2), and the page that a fault
 * adds.  Checks are in the kernel's order.  A change of the EPCM is followed by the page tables, by
 * ETRACK, and by making the threads leave that were inside before: only then can the enclave accept it.
 */
#include <errno.h>
#include <sys/mman.h>

#include "sgx/leaf.h"
#include "sgx/uapi/intree.h"
#include "swsgx/driver/abi.h"
#include "swsgx/driver/encls.h"
#include "swsgx/driver/space.h"
#include "swsgx/driver/sys.h"

/* What happens to one page that exists; *ret_result: the SGX error code, where a leaf gave one. */
typedef int page_fn(struct enclave *e, uint64_t offset, uint64_t argument, uint64_t *ret_result);

struct change {
	page_fn *page;
	uint64_t offset, length, argument;
	uint64_t result, count; /* out */
};

static struct epcm_entry *epcm_of(const struct enclave *e, uint64_t offset)
{
	return &e->state->epcm[offset / SGX_PAGE_SIZE];
}

static uint8_t page_of(const struct enclave *e, uint64_t offset)
{
	return e->state->page[offset / SGX_PAGE_SIZE];
}

/* One page after the other; those before an error stay changed. */
static int change_pages(struct enclave *e, struct change *c)
{
	uint64_t mask, start = e->state->base + c->offset;
	int r = 0;

	enclave_epc_update(e);
	while (c->count < c->length && r == 0) {
		uint64_t offset = c->offset + c->count;

		request_lock(e, &mask);
		if (page_of(e, offset) & ENCLAVE_PAGE_ADDED)
			r = c->page(e, offset, c->argument, &c->result);
		else
			r = -EFAULT;
		request_unlock(e, &mask);
		if (r == 0)
			c->count += SGX_PAGE_SIZE;
	}
	space_lock(&mask);
	space_changed(e, start, start + c->count);
	space_unlock(&mask);
	return r;
}

static bool etrack(struct enclave *e)
{
	uint64_t mask, code = SGX_SUCCESS;
	struct trap t;

	request_lock(e, &mask);
	t = encls_etrack(e, &code);
	request_unlock(e, &mask);
	return retired(t) && code == SGX_SUCCESS;
}

int request_track(struct enclave *e)
{
	if (!etrack(e) && (!enclave_kick(e) || !etrack(e)))
		return -EFAULT;
	return enclave_kick(e) ? 0 : -EFAULT;
}

static int change_and_track(struct enclave *e, struct change *c)
{
	int r = change_pages(e, c), r_track = c->count > 0 ? request_track(e) : 0;

	return r < 0 ? r : r_track;
}

static int leaf_result(struct trap t, uint64_t code, uint64_t *ret_result)
{
	if (!retired(t))
		return -EFAULT;
	if (code == SGX_SUCCESS)
		return 0;
	*ret_result = code;
	return -EFAULT;
}

static int restrict_page(struct enclave *e, uint64_t offset, uint64_t perm, uint64_t *ret_result)
{
	uint64_t code = SGX_SUCCESS;
	struct trap t;

	if (epcm_of(e, offset)->pt != SGX_PT_REG)
		return -EINVAL;
	t = encls_emodpr(e, offset, perm, &code);
	return leaf_result(t, code, ret_result);
}

int request_restrict_permissions(struct request_context *c, void *arg)
{
	struct sgx_enclave_restrict_permissions *p = arg;
	struct change change = { .page = restrict_page,
		                 .offset = p->offset,
		                 .length = p->length,
		                 .argument = p->permissions };
	int r = request_check_range(c->enclave, p->offset, p->length);

	if (r < 0)
		return r;
	if ((p->permissions & ~SGX_SECINFO_RWX) != 0 ||
	    (p->permissions & (SGX_SECINFO_R | SGX_SECINFO_W)) == SGX_SECINFO_W || p->result != 0 ||
	    p->count != 0)
		return -EINVAL;
	r = change_and_track(c->enclave, &change);
	c->copy_back = true;
	p->result = change.result;
	p->count = change.count;
	return r;
}

static int modify_page(struct enclave *e, uint64_t offset, uint64_t type, uint64_t *ret_result)
{
	uint8_t from = epcm_of(e, offset)->pt;
	bool becomes_tcs = type == SGX_PT_TCS;
	uint64_t code = SGX_SUCCESS;
	struct trap t;
	int r;

	if (from != SGX_PT_REG && !(from == SGX_PT_TCS && type == SGX_PT_TRIM))
		return -EINVAL;
	if (becomes_tcs && (~page_of(e, offset) & (PROT_READ | PROT_WRITE)) != 0)
		return -EPERM;
	t = encls_emodt(e, offset, type << SGX_SECINFO_PT_SHIFT, &code);
	r = leaf_result(t, code, ret_result);
	if (r == 0 && becomes_tcs)
		enclave_page_set(e, offset, ENCLAVE_PAGE_ADDED | PROT_READ | PROT_WRITE);
	return r;
}

int request_modify_types(struct request_context *c, void *arg)
{
	struct sgx_enclave_modify_types *p = arg;
	struct change change = { .page = modify_page,
		                 .offset = p->offset,
		                 .length = p->length,
		                 .argument = p->page_type };
	int r = request_check_range(c->enclave, p->offset, p->length);

	if (r < 0)
		return r;
	if ((p->page_type != SGX_PT_TCS && p->page_type != SGX_PT_TRIM) || p->result != 0 ||
	    p->count != 0)
		return -EINVAL;
	r = change_and_track(c->enclave, &change);
	c->copy_back = true;
	p->result = change.result;
	p->count = change.count;
	return r;
}

/* Only what the enclave has agreed to lose. */
static int remove_page(struct enclave *e, uint64_t offset, uint64_t argument, uint64_t *ret_result)
{
	const struct epcm_entry *epcm = epcm_of(e, offset);
	uint64_t code = SGX_SUCCESS;
	struct trap t;

	(void)argument;
	(void)ret_result;
	if (epcm->pt != SGX_PT_TRIM || epcm->modified)
		return -EPERM;
	t = encls_eremove(e, offset, &code);
	if (!retired(t) || code != SGX_SUCCESS)
		return -EBUSY;
	enclave_page_set(e, offset, 0);
	sys_madvise((uintptr_t)e->file + offset, SGX_PAGE_SIZE, MADV_REMOVE);
	return 0;
}

int request_remove_pages(struct request_context *c, void *arg)
{
	struct sgx_enclave_remove_pages *p = arg;
	struct change change = { .page = remove_page, .offset = p->offset, .length = p->length };
	int r = request_check_range(c->enclave, p->offset, p->length);

	if (r < 0)
		return r;
	if (p->count != 0)
		return -EINVAL;
	r = change_pages(c->enclave, &change);
	c->copy_back = true;
	p->count = change.count;
	return r;
}

bool enclave_augment(struct enclave *e, uint64_t la)
{
	uint64_t offset = la - e->state->base;
	struct trap t = RETIRED;

	if (!driver_abi(e->state->abi)->augments || !enclave_initialized(e) || enclave_dead(e) ||
	    !enclave_holds(e, la))
		return false;
	offset &= ~(uint64_t)(SGX_PAGE_SIZE - 1);
	enclave_epc_update(e);
	enclave_lock(e);
	if (!(page_of(e, offset) & ENCLAVE_PAGE_ADDED)) { /* else somebody was faster */
		t = encls_eaug(e, offset);
		if (retired(t))
			enclave_page_set(e, offset, ENCLAVE_PAGE_ADDED | ENCLAVE_PAGE_PROT);
	}
	enclave_unlock(e);
	return retired(t);
}
