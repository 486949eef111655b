// SPDX-License-Identifier: Apache-2.0
/*
 * ADD_PAGES of the kernel's driver.  Every page's content is in the enclave's file before its EADD, so
 * that whoever else has the file never finds a page measured that is not there.  Errors come in the
 * order of pages, and what was added before stays.
 */
#include <errno.h>
#include <sys/mman.h>

#include "sgx/uapi/intree.h"
#include "swsgx/driver/abi.h"
#include "swsgx/driver/copy.h"
#include "swsgx/driver/encls.h"
#include "swsgx/driver/file.h"
#include "swsgx/driver/sys.h"
#include "swsgx/driver/writer.h"

#define ADD_BATCH    (4u * SGX_PAGE_SIZE)  /* added under one lock; on the stack without a writer */
#define BESIDE_BATCH (16u * SGX_PAGE_SIZE) /* and with one */
#define STAGE_MIN    (16u * SGX_PAGE_SIZE) /* from here on it pays to open the file */
#define WRITER_MIN   (256u * SGX_PAGE_SIZE) /* and from here on, if measured, to have a writer */

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
	const struct request_context *c;
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

/* The next pages, as many of which are free: in bytes. */
static size_t free_pages(const struct adding *a, uint64_t offset, size_t size)
{
	const struct epcm_entry *epcm = &a->e->state->epcm[offset / SGX_PAGE_SIZE];
	size_t free = 0;

	while (free < size / SGX_PAGE_SIZE && !epcm[free].valid)
		free++;
	return free * SGX_PAGE_SIZE;
}

/* Memory for the next pages, with their content if it can be: up to the first that is taken. */
static void stage(const struct adding *a, const void *pages, size_t size)
{
	uint64_t offset = a->add->offset + a->add->count;
	long written;

	if (a->file < 0) {
		encls_populate(a->e, offset, size);
		return;
	}
	written = sys_call4(SYS_pwrite64, (uint64_t)a->file, (uintptr_t)pages,
	                    free_pages(a, offset, size), offset);
	encls_stage(a->e, offset, pages, sys_failed(written) ? 0 : (size_t)written);
}

/* The next pages, of which copied bytes could be read, under the lock: 0 or -errno. */
static int add_copied(const struct adding *a, const uint8_t *pages, size_t size, size_t copied)
{
	uint64_t first = (a->add->offset + a->add->count) / SGX_PAGE_SIZE;
	int r = 0;

	for (size_t at = 0; at < size && r == 0; at += SGX_PAGE_SIZE) {
		if (a->e->state->page[first + at / SGX_PAGE_SIZE] & ENCLAVE_PAGE_ADDED)
			r = -EBUSY;
		else if (at + SGX_PAGE_SIZE > copied)
			r = -EFAULT;
		else
			r = add_page(a, pages + at);
	}
	return r;
}

static size_t at_most(size_t size, size_t most)
{
	return size < most ? size : most;
}

/* The next few pages: copied first, since a copy may fault, then added under one lock. */
static int add_batch(const struct adding *a)
{
	_Alignas(SGX_PAGE_SIZE) uint8_t page[ADD_BATCH];
	size_t size = at_most(a->add->length - a->add->count, sizeof(page));
	size_t copied = size - driver_copy(page, (const void *)(a->add->src + a->add->count), size);
	uint64_t mask;
	int r;

	request_lock(a->e, &mask);
	stage(a, page, copied);
	r = add_copied(a, page, size, copied);
	encls_unstage(a->e);
	request_unlock(a->e, &mask);
	return r;
}

/* What a writer has been given. */
struct unit {
	size_t size, copied;
};

/* Copy the pages from at on and let them be written, up to the first that is taken. */
static struct unit post(const struct adding *a, struct writer *w, uint64_t at)
{
	struct unit u = { .size = at_most(a->add->length - at, WRITER_UNIT) };
	uint8_t *room = writer_room(w);
	uint64_t mask;
	size_t free;

	u.copied = u.size - driver_copy(room, (const void *)(a->add->src + at), u.size);
	request_lock(a->e, &mask);
	free = free_pages(a, a->add->offset + at, u.copied);
	request_unlock(a->e, &mask);
	writer_post(w, a->add->offset + at, free);
	return u;
}

/* Add what has been given first, in small batches: other threads wait for the lock. */
static int add_unit(const struct adding *a, struct writer *w, const struct unit *u)
{
	uint64_t offset = a->add->offset + a->add->count;
	size_t written;
	const uint8_t *pages = writer_take(w, &written);
	int r = 0;

	for (size_t at = 0; at < u->size && r == 0; at += BESIDE_BATCH) {
		size_t copied = u->copied > at ? u->copied - at : 0;
		uint64_t mask;

		request_lock(a->e, &mask);
		encls_stage(a->e, offset, pages, written);
		r = add_copied(a, pages + at, at_most(u->size - at, BESIDE_BATCH), copied);
		encls_unstage(a->e);
		request_unlock(a->e, &mask);
	}
	return r;
}

/*
 * The pages up to the last, or to one where a signal or the writer waits: while a unit is hashed,
 * the next is written.  Nothing is written behind the unit after one that has failed, and what was is
 * in no page of the enclave.
 */
static int add_beside(const struct adding *a, struct writer *w)
{
	struct unit next = post(a, w, a->add->count);
	int r = 0;

	while (next.size > 0 && r == 0) {
		const struct unit now = next;
		uint64_t behind = a->add->count + now.size;

		next = (struct unit){ .size = 0 };
		if (now.copied == now.size && behind < a->add->length && !writer_is_late(w) &&
		    !request_is_awaited(a->c))
			next = post(a, w, behind);
		r = add_unit(a, w, &now);
	}
	return r;
}

/* The file to write to, or -1: it does not pay, or cannot be. */
static int open_to_stage(const struct request_context *c, const struct sgx_enclave_add_pages *add,
                         uint64_t secinfo_flags)
{
	if ((secinfo_flags & SGX_SECINFO_PT_MASK) != SGX_SECINFO_REG || add->length < STAGE_MIN ||
	    file_is_limited(add->offset + add->length))
		return -1;
	return file_reopen(c->fd);
}

static int add_all(struct request_context *c, struct sgx_enclave_add_pages *add,
                   uint64_t secinfo_flags)
{
	const struct adding a = {
		.c = c,
		.e = c->enclave,
		.add = add,
		.secinfo_flags = secinfo_flags,
		.file = open_to_stage(c, add, secinfo_flags),
	};
	bool may_beside = a.file >= 0 && (add->flags & SGX_PAGE_MEASURE);
	int r = 0;

	add->count = c->done;
	while (add->count < add->length && r == 0 && !c->again) {
		struct writer *w = NULL;

		if (may_beside && add->length - add->count >= WRITER_MIN)
			w = writer_start(a.file);
		may_beside = w != NULL;
		r = w != NULL ? add_beside(&a, w) : add_batch(&a);
		if (w != NULL)
			writer_stop(w);
		c->again = r == 0 && add->count < add->length && request_is_awaited(c);
	}
	c->done = add->count;
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
