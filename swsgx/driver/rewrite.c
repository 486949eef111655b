// SPDX-License-Identifier: Apache-2.0
/*
 * MOV $4, %eax with an ENCLU behind it becomes a jump and the same ENCLU.  Only an ENCLU that has been
 * seen to exit is looked at, in a page that enclave code can execute and nobody can write.  The four
 * bytes of the jump's displacement are all opcodes that do not exist in 64-bit mode, so code that goes
 * into the middle of the MOV is #UD there, upon which the page gets its own bytes back.  Hence the
 * odd search for a place where the jump may lead.
 */
#include "swsgx/driver/rewrite.h"

#include <string.h>
#include <sys/mman.h>

#include "sgx/secinfo.h"
#include "swsgx/driver/space.h"
#include "swsgx/driver/sys.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

#define SITES_MAX  64
#define JUMP_SIZE  5
#define ENCLU_SIZE 3
#define STUB_PAGES (2 * SGX_PAGE_SIZE)
#define STUB_JUMP  10 /* offset of the stub's second instruction */

struct site {
	uint64_t mov, enclu;
	uint64_t stub; /* 0: no site */
	struct enclave *enclave;
	bool is_undone; /* then for good; the stub stays, since a thread may be on its way there */
	bool is_gone;   /* the code itself; the stub stays until the last thread has left */
};

/* movabs $enclu << 16, %rax; jmp *target(%rip), which is aligned, since RFLAGS.AC may be set */
struct stub {
	uint8_t movabs[2];
	uint64_t rax;
	uint8_t jmp[2];
	uint32_t distance;
	uint8_t target[15];
} __attribute__((packed));
_Static_assert(offsetof(struct stub, jmp) == STUB_JUMP, "stub");

static struct site sites[SITES_MAX];
static uint64_t exit_code;
static uint32_t count; /* atomic */

void rewrite_enable(const void *exit)
{
	exit_code = (uintptr_t)exit;
}

bool rewrite_is_any(void)
{
	return __atomic_load_n(&count, __ATOMIC_ACQUIRE) != 0;
}

static uint64_t page_of(uint64_t la)
{
	return la & ~(uint64_t)(SGX_PAGE_SIZE - 1);
}

/* Executable, and not to be written by anyone: the mapping's and the EPCM's word. */
static bool is_fixed_code(const struct enclave *e, const struct space_range *r, uint64_t la)
{
	int prot, max_prot;

	return r != NULL && r->enclave == e && r->backed && enclave_page(e, la, &prot, &max_prot) &&
	       prot == (PROT_READ | PROT_EXEC) && r->prot == (PROT_READ | PROT_EXEC);
}

/* The MOV before the ENCLU, or 0.  All of it is in one page. */
static uint64_t find_mov(uint64_t enclu)
{
	static const uint8_t mov32[] = { 0xb8, 4, 0, 0, 0 };
	static const uint8_t mov64[] = { 0x48, 0xc7, 0xc0, 4, 0, 0, 0 };
	static const uint8_t enclu_bytes[ENCLU_SIZE] = { 0x0f, 0x01, 0xd7 };
	const uint64_t offset = enclu % SGX_PAGE_SIZE;

	if (offset + ENCLU_SIZE > SGX_PAGE_SIZE ||
	    memcmp((const void *)enclu, enclu_bytes, ENCLU_SIZE) != 0)
		return 0;
	if (offset >= sizeof(mov32) &&
	    memcmp((const void *)(enclu - sizeof(mov32)), mov32, sizeof(mov32)) == 0)
		return enclu - sizeof(mov32);
	if (offset >= sizeof(mov64) &&
	    memcmp((const void *)(enclu - sizeof(mov64)), mov64, sizeof(mov64)) == 0)
		return enclu - sizeof(mov64);
	return 0;
}

static struct stub *map_stub(uint64_t at)
{
	long page = sys_mmap(page_of(at), STUB_PAGES, PROT_READ | PROT_WRITE,
	                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (sys_failed(page))
		return NULL;
	if ((uint64_t)page != page_of(at)) { /* a kernel that takes it for a hint */
		sys_munmap((uint64_t)page, STUB_PAGES);
		return NULL;
	}
	return (void *)at;
}

/* A free place that a jump from mov reaches by bytes none of which is an instruction. */
static struct stub *place_stub(uint64_t mov)
{
	static const uint8_t none[] = { 0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f,
		                        0x27, 0x2f, 0x37, 0x3f, 0x60, 0x61, 0xce };

	for (unsigned int i = 0; i < sizeof(none) * sizeof(none); i++) {
		uint32_t rel = (uint32_t)none[i % sizeof(none)] << 24 |
		               (uint32_t)none[i / sizeof(none)] << 16 | 0x0606;
		uint64_t at = mov + JUMP_SIZE + (uint64_t)(int64_t)(int32_t)rel;
		struct stub *s = at >> 47 == 0 ? map_stub(at) : NULL;

		if (s != NULL)
			return s;
	}
	return NULL;
}

static bool make_stub(uint64_t mov, uint64_t enclu, uint64_t *ret)
{
	struct stub *s = place_stub(mov);
	uint32_t distance;

	if (s == NULL)
		return false;
	distance = (uint32_t)(-(uintptr_t)s->target % sizeof(exit_code));
	*s = (struct stub){ .movabs = { 0x48, 0xb8 },
		            .rax = enclu << 16,
		            .jmp = { 0xff, 0x25 },
		            .distance = distance };
	memcpy(s->target + distance, &exit_code, sizeof(exit_code));
	sys_mprotect(page_of((uintptr_t)s), STUB_PAGES, PROT_READ | PROT_EXEC);
	*ret = (uintptr_t)s;
	return true;
}

/*
 * Another page takes the place of this one at one stroke, for other threads may be executing it: a
 * copy of the same page of the same file, by which programs know it.
 */
static bool replace_page(const struct site *s)
{
	const int32_t rel = (int32_t)(int64_t)(s->stub - (s->mov + JUMP_SIZE));
	const uint64_t page = page_of(s->mov);
	uint8_t *copy = s->enclave->private_file + (page - s->enclave->state->base);
	const uint64_t at = (uintptr_t)copy;
	bool is_replaced;

	if (sys_mprotect(at, SGX_PAGE_SIZE, PROT_READ | PROT_WRITE) != 0)
		return false;
	memcpy(copy, (const void *)page, SGX_PAGE_SIZE);
	copy[s->mov - page] = 0xe9;
	memcpy(copy + (s->mov - page) + 1, &rel, sizeof(rel));
	is_replaced =
		sys_mprotect(at, SGX_PAGE_SIZE, PROT_READ | PROT_EXEC) == 0 &&
		!sys_failed(sys_mremap(at, SGX_PAGE_SIZE, SGX_PAGE_SIZE,
	                               MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, page));
	sys_mprotect(at, SGX_PAGE_SIZE, PROT_NONE);
	return is_replaced;
}

static void drop(struct site *s)
{
	sys_munmap(page_of(s->stub), STUB_PAGES);
	*s = (struct site){ 0 };
	__atomic_fetch_sub(&count, 1, __ATOMIC_ACQ_REL);
}

/* What code that is gone has left, once nobody is inside who may be on the way there. */
static void sweep(void)
{
	for (struct site *s = sites; s < sites + SITES_MAX; s++)
		if (s->is_gone && __atomic_load_n(&s->enclave->inside, __ATOMIC_ACQUIRE) == 0)
			drop(s);
}

static struct site *unused_site(void)
{
	sweep();
	for (struct site *s = sites; s < sites + SITES_MAX; s++)
		if (s->stub == 0)
			return s;
	return NULL;
}

static bool is_known(uint64_t enclu)
{
	for (const struct site *s = sites; s < sites + SITES_MAX; s++)
		if (s->stub != 0 && !s->is_gone && s->enclu == enclu)
			return true;
	return false;
}

void rewrite_found(uint64_t enclu)
{
	const struct space_range *r = space_find(enclu);
	struct site *s, new;

	if (exit_code == 0 || r == NULL || is_known(enclu) || !is_fixed_code(r->enclave, r, enclu))
		return;
	s = unused_site();
	if (s == NULL)
		return;
	new = (struct site){ .mov = find_mov(enclu), .enclu = enclu, .enclave = r->enclave };
	if (new.mov == 0 || !make_stub(new.mov, enclu, &new.stub))
		return;
	__atomic_fetch_add(&count, 1, __ATOMIC_ACQ_REL);
	*s = new;
	if (!replace_page(s))
		drop(s);
}

/* The enclave's own page again. */
static void restore_page(const struct site *s)
{
	const struct enclave *e = s->enclave;
	const uint64_t page = page_of(s->mov);
	const bool is_code = is_fixed_code(e, space_find(page), page);

	sys_mremap((uintptr_t)e->file + (page - e->state->base), 0, SGX_PAGE_SIZE,
	           MREMAP_MAYMOVE | MREMAP_FIXED, page);
	sys_mprotect(page, SGX_PAGE_SIZE, is_code ? PROT_READ | PROT_EXEC : PROT_NONE);
	sys_madvise(page, SGX_PAGE_SIZE, MADV_DONTDUMP);
}

static void restore(uint64_t page)
{
	bool is_restored = false;

	for (struct site *s = sites; s < sites + SITES_MAX; s++) {
		if (s->stub == 0 || s->is_undone || page_of(s->mov) != page)
			continue;
		if (!is_restored)
			restore_page(s);
		is_restored = true;
		s->is_undone = true;
	}
}

void rewrite_check(uint64_t start, uint64_t end)
{
	if (!rewrite_is_any())
		return;
	for (struct site *s = sites; s < sites + SITES_MAX; s++)
		if (s->stub != 0 && !s->is_undone && s->mov - start < end - start &&
		    !is_fixed_code(s->enclave, space_find(s->mov), s->mov))
			restore(page_of(s->mov));
}

void rewrite_forget(uint64_t start, uint64_t end)
{
	if (!rewrite_is_any())
		return;
	for (struct site *s = sites; s < sites + SITES_MAX; s++)
		if (s->stub != 0 && s->mov - start < end - start)
			s->is_undone = s->is_gone = true;
	sweep();
}

void rewrite_disable(void)
{
	exit_code = 0;
	for (struct site *s = sites; s < sites + SITES_MAX; s++)
		if (s->stub != 0 && !s->is_undone)
			restore(page_of(s->mov));
}

bool rewrite_is_stub(uint64_t la, uint64_t *ret_enclu)
{
	for (const struct site *s = sites; s < sites + SITES_MAX; s++) {
		if (s->stub == 0 || (la != s->stub && la != s->stub + STUB_JUMP))
			continue;
		*ret_enclu = s->enclu;
		return true;
	}
	return false;
}

bool rewrite_undo(uint64_t la)
{
	for (const struct site *s = sites; s < sites + SITES_MAX; s++) {
		if (s->stub == 0 || s->is_undone || la <= s->mov || la >= s->mov + JUMP_SIZE)
			continue;
		restore(page_of(la));
		return true;
	}
	return false;
}
