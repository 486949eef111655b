// SPDX-License-Identifier: Apache-2.0
/*
 * SGX2 of linux-sgx-driver 2.x: permissions, types and removal of a running enclave's pages, by their
 * addresses.  Checks stand in the driver's order.  It hands on what ENCLS gave: an SGX error code
 * is a positive result, a fault is -1, which programs see as EPERM.
 */
#include <errno.h>
#include <sys/mman.h>

#include "sgx/leaf.h"
#include "sgx/uapi/legacy.h"
#include "swsgx/driver/encls.h"
#include "swsgx/driver/legacy.h"
#include "swsgx/driver/space.h"
#include "swsgx/driver/sys.h"

#define CHUNK       16 /* pages that change at once: all of them are there, or none changes */
#define ENCLS_FAULT (-1)

typedef struct trap leaf_fn(struct enclave *e, uint64_t offset, uint64_t secinfo_flags,
                            uint64_t *ret_code);

/* Is the page there, and the enclave in a state to use it?  -EINVAL: not even mapped. */
static int check_page(struct enclave *e, uint64_t offset)
{
	const struct space_range *range;
	bool is_mapped;
	uint64_t mask;

	space_lock(&mask);
	range = space_find(e->state->base + offset);
	is_mapped = range != NULL && range->enclave == e;
	space_unlock(&mask);
	if (!is_mapped)
		return -EINVAL;
	if (enclave_dead(e) || !enclave_initialized(e))
		return -EFAULT;
	return e->state->page[offset / SGX_PAGE_SIZE] & ENCLAVE_PAGE_ADDED ? 0 : -EFAULT;
}

static uint8_t type_of(const struct enclave *e, uint64_t offset)
{
	return e->state->epcm[offset / SGX_PAGE_SIZE].pt;
}

/* To the driver a page that was trimmed is as little a regular one as a TCS. */
static int change_page(struct enclave *e, uint64_t offset, leaf_fn *leaf, uint64_t flags)
{
	uint64_t code = SGX_SUCCESS, mask;
	struct trap t = RETIRED;
	int r = 0;

	request_lock(e, &mask);
	if (leaf == encls_emodpr && type_of(e, offset) != SGX_PT_REG)
		r = -EINVAL;
	else
		t = leaf(e, offset, flags, &code);
	request_unlock(e, &mask);
	if (r < 0)
		return r;
	return retired(t) ? (int)code : ENCLS_FAULT;
}

/* The rest of a chunk changes even when one page of it refuses. */
static int change_chunk(struct enclave *e, uint64_t offset, uint64_t end, leaf_fn *leaf,
                        uint64_t flags)
{
	uint64_t base = e->state->base, mask;
	int r = 0, r_track;

	for (uint64_t at = offset; at < end && r == 0; at += SGX_PAGE_SIZE)
		r = check_page(e, at);
	if (r < 0)
		return r;
	enclave_epc_update(e);
	for (uint64_t at = offset; at < end; at += SGX_PAGE_SIZE) {
		int r_page = change_page(e, at, leaf, flags);

		if (r == 0 || r_page == -EINVAL)
			r = r_page;
	}
	space_lock(&mask);
	space_changed(e, base + offset, base + end);
	space_unlock(&mask);
	r_track = request_track(e);
	return r != 0 ? r : r_track;
}

static int change_range(struct request_context *c, const struct isgx_range *range, leaf_fn *leaf,
                        uint64_t flags)
{
	uint64_t size = (uint64_t)range->nr_pages * SGX_PAGE_SIZE, at, end;
	struct enclave *e;
	int r;

	if (range->start % SGX_PAGE_SIZE != 0 || size == 0)
		return -EINVAL;
	r = legacy_find(c, range->start, &e);
	if (r < 0)
		return r;
	at = range->start - e->state->base;
	end = at + size;
	if (end > e->state->size)
		r = -EINVAL;
	for (; at < end && r == 0; at += CHUNK * SGX_PAGE_SIZE)
		r = change_chunk(
			e, at, end - at < CHUNK * SGX_PAGE_SIZE ? end : at + CHUNK * SGX_PAGE_SIZE,
			leaf, flags);
	legacy_unpin(e);
	return r;
}

int isgx_emodpr(struct request_context *c, void *arg)
{
	const struct isgx_modify *p = arg;

	if ((p->flags & ~SGX_SECINFO_RWX) != 0 ||
	    (p->flags & (SGX_SECINFO_R | SGX_SECINFO_W)) == SGX_SECINFO_W)
		return -EINVAL;
	return change_range(c, &p->range, encls_emodpr, p->flags);
}

int isgx_mktcs(struct request_context *c, void *arg)
{
	return change_range(c, arg, encls_emodt, SGX_SECINFO_TCS);
}

int isgx_trim(struct request_context *c, void *arg)
{
	return change_range(c, arg, encls_emodt, (uint64_t)SGX_PT_TRIM << SGX_SECINFO_PT_SHIFT);
}

/*
 * The driver does not ask whether the enclave has accepted the loss.  EREMOVE of such a page waits
 * until nobody is inside; where the driver would lose the EPC page for good, ours is -EBUSY and stays.
 */
static int remove_page(struct enclave *e, uint64_t offset, bool must_be_trimmed)
{
	uint64_t code = SGX_SUCCESS, mask, la = e->state->base + offset;
	struct trap t;

	if (check_page(e, offset) < 0 || (must_be_trimmed && type_of(e, offset) != SGX_PT_TRIM))
		return -EINVAL;
	enclave_epc_update(e);
	request_lock(e, &mask);
	t = encls_eremove(e, offset, &code);
	if (retired(t) && code == SGX_SUCCESS) {
		enclave_page_set(e, offset, 0);
		sys_madvise((uintptr_t)e->file + offset, SGX_PAGE_SIZE, MADV_REMOVE);
	}
	request_unlock(e, &mask);
	if (!retired(t) || code != SGX_SUCCESS)
		return -EBUSY;
	space_lock(&mask);
	space_changed(e, la, la + SGX_PAGE_SIZE);
	space_unlock(&mask);
	return 0;
}

/* The last error counts; the pages behind it are removed all the same. */
int isgx_notify_accept(struct request_context *c, void *arg)
{
	const struct isgx_range *range = arg;
	uint64_t at = range->start & ~(uint64_t)(SGX_PAGE_SIZE - 1);
	uint64_t size = (uint64_t)range->nr_pages * SGX_PAGE_SIZE;
	struct enclave *e;
	int r = legacy_find(c, at, &e);

	if (r < 0)
		return r;
	at -= e->state->base;
	for (uint64_t end = at + size; at < end; at += SGX_PAGE_SIZE) {
		int r_page = at < e->state->size ? remove_page(e, at, true) : -EINVAL;

		if (r_page < 0)
			r = r_page;
	}
	legacy_unpin(e);
	return r;
}

int isgx_page_remove(struct request_context *c, void *arg)
{
	const uint64_t *addr = arg;
	struct enclave *e;
	int r;

	if (legacy_find(c, *addr, &e) < 0)
		return -EINVAL;
	r = remove_page(e, *addr - e->state->base, false);
	legacy_unpin(e);
	return r;
}
