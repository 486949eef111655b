// SPDX-License-Identifier: Apache-2.0
/*
 * The table against the hardware's page tables, in both directions: what the model is told of an
 * address, and what protection the real pages get.
 */
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>

#include "swsgx/driver/rewrite.h"
#include "swsgx/driver/abi.h"
#include "swsgx/driver/say.h"
#include "swsgx/driver/space.h"
#include "swsgx/driver/sys.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23
#endif

static uint64_t page_of(uint64_t la)
{
	return la & ~(uint64_t)(SGX_PAGE_SIZE - 1);
}

/*
 * What the program would meet at la: the page must exist and allow all that the mapping allows, as
 * the driver's fault handler has it.
 */
static bool page_present(const struct space_range *r, uint64_t la, int *ret_epcm_prot)
{
	int max_prot;

	return enclave_page(r->enclave, la, ret_epcm_prot, &max_prot) &&
	       (r->prot & ~max_prot) == 0 && r->prot != PROT_NONE;
}

static void ordinary(uint64_t la, struct mapping *ret)
{
	uint64_t page = page_of(la);

	ret->epc_index = EPC_NONE;
	ret->host = (uint8_t *)la;
	ret->executable = false; /* nothing asks */
	ret->writable = sys_madvise(page, SGX_PAGE_SIZE, MADV_POPULATE_WRITE) == 0;
	ret->readable = ret->writable || sys_madvise(page, SGX_PAGE_SIZE, MADV_POPULATE_READ) == 0;
	ret->present = ret->readable;
}

void space_paging_user(void *context, uint64_t la, struct mapping *ret)
{
	const struct space_range *r = space_find(la);
	struct enclave *e = context;
	int epcm_prot;

	if (r == NULL) {
		ordinary(la, ret);
		return;
	}
	ret->present = page_present(r, la, &epcm_prot);
	ret->readable = (r->prot & (PROT_READ | PROT_WRITE | PROT_EXEC)) != 0;
	ret->writable = (r->prot & PROT_WRITE) != 0;
	ret->executable = (r->prot & PROT_EXEC) != 0;
	ret->epc_index = EPC_NONE;
	ret->host = r->enclave->file;
	if (ret->present && r->enclave == e) {
		ret->epc_index = (uint32_t)((la - e->state->base) / SGX_PAGE_SIZE);
		ret->host = e->file + (la - e->state->base);
	}
}

void space_paging_supervisor(void *context, uint64_t la, struct mapping *ret)
{
	struct enclave *e = context;
	uint64_t offset = la - (uintptr_t)e->file;
	bool is_epc = offset / SGX_PAGE_SIZE < e->epc.count;

	*ret = (struct mapping){
		.present = true,
		.readable = true,
		.writable = true,
		.epc_index = is_epc ? (uint32_t)(offset / SGX_PAGE_SIZE) : EPC_NONE,
		.host = (uint8_t *)la,
	};
}

/* The protections of which one is enough: on x86 what can be written or executed can be read. */
static int enough(uint32_t access)
{
	return access & PF_W   ? PROT_WRITE
	       : access & PF_I ? PROT_EXEC
	                       : PROT_READ | PROT_WRITE | PROT_EXEC;
}

/* Only if the program has asked for this access does the driver see the fault. */
static bool reaches_driver(const struct space_range *r, uint32_t access)
{
	return r != NULL && (r->prot & enough(access)) != 0;
}

static bool augment_is_bus(const struct space_range *r)
{
	return driver_abi(r->enclave->state->abi)->augment_is_bus;
}

bool space_augment(uint64_t la, uint32_t access)
{
	const struct space_range *r = space_find(la);
	int prot, max_prot;

	if (!reaches_driver(r, access) || (augment_is_bus(r) && !(r->prot & PROT_WRITE)) ||
	    enclave_page(r->enclave, la, &prot, &max_prot))
		return false;
	return enclave_augment(r->enclave, la);
}

/* A page that waits for EACCEPT, and a driver that has just brought it for a write. */
static bool was_augmented(const struct space_range *r, uint64_t la, uint32_t access)
{
	return (access & PF_W) && augment_is_bus(r) && enclave_holds(r->enclave, la) &&
	       r->enclave->state->epcm[(la - r->enclave->state->base) / SGX_PAGE_SIZE].pending;
}

bool space_fault_is_bus(uint64_t la, uint32_t access)
{
	const struct space_range *r = space_find(la);
	int epcm_prot;

	return reaches_driver(r, access) &&
	       (!page_present(r, la, &epcm_prot) || was_augmented(r, la, access));
}

/* Code can be read, or the fault handler could not look at it. */
static int effective(const struct space_range *r, uint64_t la)
{
	int epcm_prot, prot;

	if (!page_present(r, la, &epcm_prot))
		return PROT_NONE;
	prot = r->prot & epcm_prot;
	return prot & PROT_EXEC ? prot | PROT_READ : prot;
}

bool space_allows(uint64_t la, uint32_t access)
{
	const struct space_range *r = space_find(la);

	return r != NULL && (effective(r, la) & enough(access)) != 0;
}

/* The kernel counts each run of pages with a protection of its own: a sparse enclave has many. */
static void check_mapped(long r)
{
	static bool is_said;

	if (r == -ENOMEM)
		say_once(&is_said,
		         "the kernel allows this process no more mappings, of which an enclave "
		         "takes one for each run of its pages: raise sysctl vm.max_map_count");
}

/*
 * Show the file's pages in the whole range, once BASEADDR says which.  A second mapping of the same
 * pages comes from the view, so no descriptor is needed: the program may have closed its own.
 */
static void back(struct space_range *r)
{
	const struct enclave *e = r->enclave;
	uint64_t base, size = __atomic_load_n(&e->state->size, __ATOMIC_ACQUIRE);
	uint64_t start, end;
	long at;

	if (r->backed || size == 0)
		return;
	base = e->state->base;
	start = r->start > base ? r->start : base;
	end = r->end < base + size ? r->end : base + size;
	r->backed = true;
	if (start >= end)
		return;
	at = sys_mremap((uintptr_t)e->file + (start - base), 0, end - start,
	                MREMAP_MAYMOVE | MREMAP_FIXED, start);
	if (!sys_failed(at)) {
		sys_mprotect(start, end - start, PROT_NONE);
		sys_madvise(start, end - start, MADV_DONTDUMP);
	} else {
		check_mapped(at);
		r->backed = false;
	}
}

/* Holes have no protection, so they are skipped: a range costs what is in it, not what it spans. */
static void protect_range(const struct space_range *r, uint64_t start, uint64_t end)
{
	uint64_t la = start;

	rewrite_check(start, end);
	while (la < end) {
		int prot = effective(r, la);
		uint64_t first = la;

		do {
			la += SGX_PAGE_SIZE;
			if (prot == PROT_NONE)
				la = enclave_page_next(r->enclave, la, end);
		} while (la < end && effective(r, la) == prot);
		check_mapped(sys_mprotect(first, la - first, prot));
	}
}

void space_sync(uint64_t start, uint64_t end)
{
	struct space_range *r = space_first(start);

	for (; r != NULL && r < space_end() && r->start < end; r++) {
		bool was_backed = r->backed;

		back(r);
		if (!r->backed)
			continue;
		if (!was_backed) /* all of it is new */
			protect_range(r, r->start, r->end);
		else
			protect_range(r, r->start > start ? r->start : start,
			              r->end < end ? r->end : end);
	}
}

void space_changed(struct enclave *e, uint64_t start, uint64_t end)
{
	uint64_t was = __atomic_fetch_add(&e->state->changes, 1, __ATOMIC_ACQ_REL);

	__atomic_fetch_add(&e->state->generation, 1, __ATOMIC_SEQ_CST); /* entries look again */
	space_sync(start, end);
	if (e->changes == was)
		e->changes = was + 1;
}

void space_catch_up(struct enclave *e)
{
	uint64_t now = __atomic_load_n(&e->state->changes, __ATOMIC_ACQUIRE);

	if (e->changes == now)
		return;
	e->changes = now;
	for (struct space_range *r = space_first(0); r != NULL && r < space_end(); r++)
		if (r->enclave == e)
			space_sync(r->start, r->end);
}
