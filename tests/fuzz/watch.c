// SPDX-License-Identifier: Apache-2.0
/* The invariants of a fuzzed driver; see watch.h. */
#include "tests/fuzz/watch.h"

#include <sys/mman.h>

#include "swsgx/cpu/epc.h"
#include "swsgx/driver/abi.h"
#include "swsgx/driver/space.h"
#include "tests/fuzz/machine.h"
#include "tests/fuzz/program.h"

#define PAGES_WATCHED 64 /* of an enclave, of a mapping: inputs make few that are larger */

struct enclave *watch_view(int fd)
{
	struct enclave *e = NULL;

	return enclave_get(fd, &e) == 0 ? e : NULL; /* one thread: the lock would cost time only */
}

static uint32_t secs_index(const struct enclave *e)
{
	return (uint32_t)(e->state->size / SGX_PAGE_SIZE);
}

struct watched watch_state(const struct enclave *e)
{
	struct watched w = { .is_created = enclave_created(e),
		             .is_initialized = enclave_initialized(e),
		             .base = e->state->base,
		             .size = e->state->size };

	if (w.is_created)
		w.children = epc_hidden(&e->epc, secs_index(e))->children;
	for (uint32_t i = 0; i < w.size / SGX_PAGE_SIZE && i < PAGES_WATCHED; i++)
		w.modified += e->state->epcm[i].valid && e->state->epcm[i].modified;
	return w;
}

static void watch_secs(const struct enclave *e)
{
	const struct enclave_state *s = e->state;
	const struct epcm_entry *entry = &s->epcm[secs_index(e)];
	const struct sgx_secs *secs = epc_secs(&e->epc, secs_index(e));

	PROMISE((s->size & (s->size - 1)) == 0 && s->size >= 2 * SGX_PAGE_SIZE);
	PROMISE(s->size <= ENCLAVE_SIZE_MAX && s->base % s->size == 0);
	PROMISE(entry->valid && entry->pt == SGX_PT_SECS);
	PROMISE(!entry->r && !entry->w && !entry->x && !entry->pending && !entry->modified);
	PROMISE(secs->size == s->size && secs->baseaddr == s->base);
	PROMISE(((secs->attributes.flags & SGX_ATTR_INIT) != 0) == enclave_initialized(e));
	PROMISE((secs->attributes.flags & ~SGX_ATTR_INIT) == s->attributes);
	PROMISE(!enclave_initialized(e) || (s->attributes & ~s->attributes_mask) == 0 ||
	        s->abi == DRIVER_LEGACY);
	PROMISE((s->attributes_mask & ~(ATTRIBUTES_FREE | SGX_ATTR_PROVISIONKEY)) == 0);
}

static void watch_page(const struct enclave *e, uint32_t i)
{
	const struct epcm_entry *entry = &e->state->epcm[i];
	bool is_known = (e->state->page[i] & ENCLAVE_PAGE_ADDED) != 0;

	/* Drivers that put EADD off take a page for added that EADD has refused. */
	PROMISE(driver_abi(e->state->abi)->by_address ? is_known >= (entry->valid != 0)
	                                              : is_known == (entry->valid != 0));
	if (!entry->valid)
		return;
	PROMISE(entry->pt == SGX_PT_REG || entry->pt == SGX_PT_TCS || entry->pt == SGX_PT_TRIM);
	PROMISE(entry->secs == secs_index(e));
	PROMISE(entry->enclaveaddress == e->state->base + i * SGX_PAGE_SIZE);
	PROMISE(!entry->w || entry->r);
	PROMISE(entry->pt == SGX_PT_REG || (!entry->r && !entry->w && !entry->x));
	PROMISE(enclave_initialized(e) || (!entry->pending && !entry->modified && !entry->pr));
	PROMISE(!entry->blocked);
}

void watch_enclave(const struct enclave *e)
{
	uint64_t pages = e->state->size / SGX_PAGE_SIZE, valid = 0;

	PROMISE(e->file != NULL && e->state->magic == ENCLAVE_MAGIC && e->pinned == 0);
	PROMISE(e->state->abi < DRIVER_ABIS);
	PROMISE(!enclave_initialized(e) || enclave_created(e));
	PROMISE(e->epc.count == (enclave_created(e) ? secs_index(e) + 1 : 0));
	if (enclave_created(e))
		watch_secs(e);
	for (uint32_t i = 0; i < pages && i < PAGES_WATCHED; i++) {
		watch_page(e, i);
		valid += e->state->epcm[i].valid;
	}
	if (enclave_created(e))
		PROMISE(pages > PAGES_WATCHED ||
		        epc_hidden(&e->epc, secs_index(e))->children == valid);
}

void watch_space(void)
{
	const struct space_range *r = space_first(0), *last = NULL;

	for (; r != NULL && r < space_end(); last = r++) {
		uint32_t mappings = 0;

		PROMISE(r->start < r->end);
		PROMISE(r->start % SGX_PAGE_SIZE == 0 && r->end % SGX_PAGE_SIZE == 0);
		PROMISE(last == NULL || last->end <= r->start);
		PROMISE((r->prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC)) == 0);
		PROMISE(!r->backed || enclave_created(r->enclave));
		for (const struct space_range *s = space_first(0); s < space_end(); s++)
			mappings += s->enclave == r->enclave;
		PROMISE(mappings == r->enclave->mappings);
		watch_enclave(r->enclave);
	}
}

/* The EPCM and the program's own wish together; code can also be read. */
static void watch_access(const struct space_range *r, uint64_t la)
{
	int epcm_prot, max_prot, prot = PROT_NONE;

	if (r->backed && enclave_page(r->enclave, la, &epcm_prot, &max_prot) &&
	    (r->prot & ~max_prot) == 0)
		prot = r->prot & epcm_prot;
	PROMISE(prot != PROT_NONE || !program_reads(la));
	PROMISE((prot & PROT_WRITE) != 0 || !program_writes(la));
}

void watch_pages(void)
{
	const struct space_range *r = space_first(0);

	for (; r != NULL && r < space_end(); r++)
		for (uint64_t la = r->start;
		     la < r->end && la - r->start < PAGES_WATCHED * SGX_PAGE_SIZE;
		     la += SGX_PAGE_SIZE)
			watch_access(r, la);
}
