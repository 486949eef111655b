// SPDX-License-Identifier: Apache-2.0
/*
 * An enclave's mappings and its list of threads: each segment with the permissions it has, nothing
 * more, and what lies between them stays PROT_NONE.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <unistd.h>

#include "pal/encl.h"
#include "pal/vdso.h"
#include "sgx/secinfo.h"

/* The processor reads and writes a TCS itself; the driver has it mapped like this. */
static int segment_prot(const struct sgx_layout_segment *s)
{
	int prot = PROT_NONE;

	if (s->secinfo_flags == SGX_SECINFO_TCS)
		return PROT_READ | PROT_WRITE;
	if (s->secinfo_flags & SGX_SECINFO_R)
		prot |= PROT_READ;
	if (s->secinfo_flags & SGX_SECINFO_W)
		prot |= PROT_WRITE;
	if (s->secinfo_flags & SGX_SECINFO_X)
		prot |= PROT_EXEC;
	return prot;
}

static int map_error(const struct encl *encl, const struct sgx_layout_segment *s, int prot, int r,
                     struct err *e)
{
	const char *node = encl->driver->node;
	int persona = personality(0xffffffff);

	if (r == -EPERM && (prot & PROT_EXEC))
		return err_set(e, r,
		               "%s: code cannot be mapped: the device's folder is mounted noexec",
		               node);
	if (r == -EACCES && persona >= 0 && (persona & READ_IMPLIES_EXEC))
		return err_set(
			e, r,
			"%s: this process has READ_IMPLIES_EXEC (a program with an executable "
			"stack), with which enclaves cannot be mapped",
			node);
	return err_set(e, r, "%s: map the enclave's pages at %#" PRIx64 ": %s", node, s->offset,
	               strerror(-r));
}

static unsigned int count_threads(const struct sgx_layout *layout)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < layout->segment_count; i++) {
		if (layout->segment[i].secinfo_flags == SGX_SECINFO_TCS)
			count += layout->segment[i].size / SGX_PAGE_SIZE;
	}
	return (unsigned int)count;
}

static void list_threads(struct encl *encl, const struct sgx_layout *layout)
{
	struct encl_thread *next = encl->thread;

	for (uint32_t i = 0; i < layout->segment_count; i++) {
		const struct sgx_layout_segment *s = &layout->segment[i];

		if (s->secinfo_flags != SGX_SECINFO_TCS)
			continue;
		for (uint64_t at = 0; at < s->size; at += SGX_PAGE_SIZE)
			(next++)->tcs = encl->base + s->offset + at;
	}
}

int encl_map(struct encl *encl, const struct image *image, struct err *e)
{
	const struct sgx_layout *layout = &image->layout;
	unsigned int count = count_threads(layout);

	if (count == 0)
		return err_set(e, -EINVAL,
		               "encl.bin: no TCS, so that nothing can enter the enclave");
	for (uint32_t i = 0; i < layout->segment_count; i++) {
		const struct sgx_layout_segment *s = &layout->segment[i];
		int prot = segment_prot(s);
		int r = encl->driver->map(encl->fd, encl->base + s->offset, s->size, prot);

		if (r < 0)
			return map_error(encl, s, prot, r, e);
	}
	encl->thread = calloc(count, sizeof(*encl->thread));
	if (!encl->thread)
		return err_set(e, -ENOMEM, "out of memory");
	encl->thread_count = count;
	encl->enter = (sgx_vdso_enter_fn *)vdso_find(SGX_VDSO_ENTER);
	list_threads(encl, layout);
	return 0;
}

void encl_release(struct encl *encl)
{
	range_release(&encl->range);
	if (encl->fd >= 0)
		close(encl->fd);
	free(encl->thread);
	*encl = ENCL_NONE;
}
