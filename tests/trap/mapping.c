// SPDX-License-Identifier: Apache-2.0
/* mmap, mprotect, munmap, mremap and madvise of enclaves, by the rules of the kernel's driver. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "swsgx/cpu/trap.h"
#include "tests/trap/enclave.h"
#include "tests/trap/harness.h"

static struct test_enclave e;
static struct sgx_enclave_run run;

static uint8_t *at(unsigned int page)
{
	return e.base + page * SGX_PAGE_SIZE;
}

static void built_unmapped(void)
{
	enclave_reserve(&e);
	enclave_open_node(&e);
	enclave_create(&e);
	enclave_add(&e);
	enclave_sign(&e);
	enclave_init(&e);
}

/* errno of a mapping, or 0. */
static int map(void *addr, size_t len, int prot, int flags)
{
	errno = 0;
	return mmap(addr, len, prot, flags, e.fd, 0) == MAP_FAILED ? errno : 0;
}

#define SHARED_FIXED (MAP_SHARED | MAP_FIXED)

static void before_create(void)
{
	void *p;

	enclave_reserve(&e);
	enclave_open_node(&e);
	p = mmap(NULL, SGX_PAGE_SIZE, PROT_EXEC, MAP_SHARED, e.fd, 0);
	CHECK(p != MAP_FAILED);
	CHECK_EQUAL(munmap(p, SGX_PAGE_SIZE), 0);
	CHECK_EQUAL(map(NULL, SGX_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED), 0);
}

static void mapped_first(void)
{
	enclave_reserve(&e);
	enclave_open_node(&e);
	CHECK_EQUAL(map(at(0), PAGE_CODE * SGX_PAGE_SIZE, PROT_READ | PROT_WRITE, SHARED_FIXED), 0);
	CHECK_EQUAL(map(at(PAGE_CODE), SGX_PAGE_SIZE, PROT_READ | PROT_EXEC, SHARED_FIXED), 0);
	CHECK_EQUAL(map(at(PAGE_DATA), SGX_PAGE_SIZE, PROT_READ | PROT_WRITE, SHARED_FIXED), 0);
	CHECK_EQUAL(map(at(PAGE_SSA), 6 * SGX_PAGE_SIZE, PROT_READ | PROT_WRITE, SHARED_FIXED), 0);
	enclave_create(&e);
	enclave_add(&e);
	enclave_sign(&e);
	enclave_init(&e);
	CHECK_EQUAL(
		vdso_call(&e, PAGE_TCS0, OP_POKE, (uintptr_t)at(PAGE_DATA), 5, SGX_EENTER, &run),
		0);
	CHECK_EQUAL(run.function, SGX_EEXIT);
	CHECK_EQUAL(
		vdso_call(&e, PAGE_TCS0, OP_PEEK, (uintptr_t)at(PAGE_DATA), 0, SGX_EENTER, &run),
		0);
	CHECK_EQUAL(vdso_result, 5);
}

static void mapped_before_added(void)
{
	volatile uint64_t *data;

	enclave_reserve(&e);
	enclave_open_node(&e);
	enclave_create(&e);
	data = (volatile uint64_t *)at(PAGE_DATA);
	CHECK_EQUAL(map(at(PAGE_DATA), SGX_PAGE_SIZE, PROT_READ | PROT_WRITE, SHARED_FIXED), 0);
	enclave_add(&e);
	CHECK_EQUAL(*data, 0);
	*data = 7;
	CHECK_EQUAL(*data, 7);
}

static void private_is_refused(void)
{
	built_unmapped();
	CHECK_EQUAL(map(at(0), SGX_PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_FIXED), EINVAL);
	CHECK_EQUAL(map(at(0), SGX_PAGE_SIZE, PROT_READ, MAP_SHARED_VALIDATE | MAP_FIXED), EINVAL);
}

static void max_prot(void)
{
	const int rw = PROT_READ | PROT_WRITE, rx = PROT_READ | PROT_EXEC;

	built_unmapped();
	CHECK_EQUAL(map(at(PAGE_CODE), SGX_PAGE_SIZE, rw, SHARED_FIXED), EACCES);
	CHECK_EQUAL(map(at(PAGE_CODE), SGX_PAGE_SIZE, rx, SHARED_FIXED), 0);
	CHECK_EQUAL(map(at(PAGE_DATA), SGX_PAGE_SIZE, rx, SHARED_FIXED), EACCES);
	CHECK_EQUAL(map(at(PAGE_RODATA), SGX_PAGE_SIZE, rw, SHARED_FIXED), EACCES);
	CHECK_EQUAL(map(at(PAGE_TCS0), SGX_PAGE_SIZE, PROT_EXEC, SHARED_FIXED), EACCES);
	CHECK_EQUAL(map(at(PAGE_TCS0), SGX_PAGE_SIZE, rw, SHARED_FIXED), 0);
	CHECK_EQUAL(map(at(PAGE_DATA), 2 * SGX_PAGE_SIZE, rw, SHARED_FIXED), EACCES);
	CHECK_EQUAL(map(at(PAGE_DATA), 2 * SGX_PAGE_SIZE, PROT_READ, SHARED_FIXED), 0);
	CHECK_EQUAL(map(at(0), e.size, PROT_NONE, SHARED_FIXED), 0);
	/* Holes do not restrict. */
	CHECK_EQUAL(map(at(PAGE_HOLE), 3 * SGX_PAGE_SIZE, rw | PROT_EXEC, SHARED_FIXED), 0);
}

static void outside_range(void)
{
	built_unmapped();
	CHECK_EQUAL(map(NULL, SGX_PAGE_SIZE, PROT_NONE, MAP_SHARED), EACCES);
	CHECK_EQUAL(map(at(15), 2 * SGX_PAGE_SIZE, PROT_NONE, SHARED_FIXED), EACCES);
}

static void offset_is_ignored(void)
{
	built_unmapped();
	CHECK(mmap(at(PAGE_RODATA), SGX_PAGE_SIZE, PROT_READ, SHARED_FIXED, e.fd, 0x7000) !=
	      MAP_FAILED);
	CHECK(mmap(at(PAGE_CODE), SGX_PAGE_SIZE, PROT_READ, SHARED_FIXED, e.fd, 0x9000) !=
	      MAP_FAILED);
	CHECK(memcmp(at(PAGE_CODE), code_start, SGX_PAGE_SIZE) == 0);
}

static void mprotect_is_held_to_it(void)
{
	enclave_make(&e);
	errno = 0;
	CHECK_EQUAL(mprotect(at(PAGE_RODATA), SGX_PAGE_SIZE, PROT_READ | PROT_WRITE), -1);
	CHECK_EQUAL(errno, EACCES);
	CHECK_EQUAL(mprotect(at(PAGE_CODE), SGX_PAGE_SIZE, PROT_READ), 0);
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_EXIT, 0, 0, SGX_EENTER, &run), 0);
	CHECK_EQUAL(run.function, SGX_ERESUME);
	CHECK_EQUAL(run.exception_error_code, PF_P | PF_U | PF_I);
	/* The part before the one that refuses is changed. */
	errno = 0;
	CHECK_EQUAL(mprotect(at(PAGE_DATA), 2 * SGX_PAGE_SIZE, PROT_READ | PROT_WRITE), -1);
	CHECK_EQUAL(errno, EACCES);
	errno = 0;
	CHECK_EQUAL(mprotect(at(PAGE_DATA) + 1, SGX_PAGE_SIZE, PROT_READ), -1);
	CHECK_EQUAL(errno, EINVAL);
}

static void split_and_join(void)
{
	enclave_make(&e);
	for (unsigned int page = PAGE_SSA; page < PAGE_HOLE; page += 2)
		CHECK_EQUAL(mprotect(at(page), SGX_PAGE_SIZE, PROT_READ), 0);
	CHECK_EQUAL(mprotect(at(PAGE_SSA), 7 * SGX_PAGE_SIZE, PROT_READ | PROT_WRITE), 0);
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_UD2, 0, 0, SGX_EENTER, &run), 0);
	CHECK_EQUAL(run.exception_vector, TRAP_UD);
}

static void ssa_not_writable(void)
{
	enclave_make(&e);
	CHECK_EQUAL(mprotect(at(PAGE_SSA), SGX_PAGE_SIZE, PROT_READ), 0);
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_EXIT, 0, 0, SGX_EENTER, &run), 0);
	CHECK_EQUAL(run.function, SGX_EENTER);
	CHECK_EQUAL(run.exception_vector, TRAP_PF);
	CHECK_EQUAL(run.exception_error_code, PF_P | PF_W | PF_U);
	CHECK_EQUAL(run.exception_addr, (uintptr_t)at(PAGE_SSA));
}

static void unmapped_and_again(void)
{
	enclave_make(&e);
	CHECK_EQUAL(
		vdso_call(&e, PAGE_TCS0, OP_POKE, (uintptr_t)at(PAGE_DATA), 9, SGX_EENTER, &run),
		0);
	CHECK_EQUAL(munmap(e.base, e.size), 0);
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_EXIT, 0, 0, SGX_EENTER, &run), 0);
	CHECK_EQUAL(run.function, SGX_EENTER);
	CHECK_EQUAL(run.exception_error_code, PF_W | PF_U);
	enclave_map(&e);
	CHECK_EQUAL(
		vdso_call(&e, PAGE_TCS0, OP_PEEK, (uintptr_t)at(PAGE_DATA), 0, SGX_EENTER, &run),
		0);
	CHECK_EQUAL(vdso_result, 9);
}

static void mapped_over(void)
{
	enclave_make(&e);
	CHECK(mmap(at(PAGE_TCS0), SGX_PAGE_SIZE, PROT_READ | PROT_WRITE,
	           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at(PAGE_TCS0));
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_EXIT, 0, 0, SGX_EENTER, &run), 0);
	CHECK_EQUAL(run.function, SGX_EENTER);
	CHECK_EQUAL(run.exception_error_code, PF_SGX | PF_P | PF_W | PF_U);
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS2, OP_EXIT, 0, 6, SGX_EENTER, &run), 0);
	CHECK_EQUAL(vdso_result, 6);
}

static void mremap_does_not_grow(void)
{
	enclave_make(&e);
	errno = 0;
	CHECK(mremap(at(PAGE_STACK), SGX_PAGE_SIZE, 2 * SGX_PAGE_SIZE, MREMAP_MAYMOVE) ==
	      MAP_FAILED);
	CHECK_EQUAL(errno, EFAULT);
	CHECK(mremap(at(PAGE_DATA), 2 * SGX_PAGE_SIZE, SGX_PAGE_SIZE, 0) == at(PAGE_DATA));
	CHECK_EQUAL(
		vdso_call(&e, PAGE_TCS0, OP_PEEK, (uintptr_t)at(PAGE_RODATA), 0, SGX_EENTER, &run),
		0);
	CHECK_EQUAL(run.exception_error_code, PF_U);
}

static int advise(unsigned int page, int advice)
{
	errno = 0;
	return madvise(at(page), SGX_PAGE_SIZE, advice) < 0 ? errno : 0;
}

static uint64_t peek(void)
{
	CHECK_EQUAL(
		vdso_call(&e, PAGE_TCS0, OP_PEEK, (uintptr_t)at(PAGE_DATA), 0, SGX_EENTER, &run),
		0);
	CHECK_EQUAL(run.function, SGX_EEXIT);
	return vdso_result;
}

static void madvise_takes_nothing_away(void)
{
	static const int refused[] = { MADV_DONTNEED, MADV_FREE,   MADV_COLD,      MADV_PAGEOUT,
		                       MADV_DOFORK,   MADV_DODUMP, MADV_WIPEONFORK };
	static const int taken[] = { MADV_NORMAL,   MADV_RANDOM,   MADV_SEQUENTIAL,
		                     MADV_WILLNEED, MADV_DONTFORK, MADV_DONTDUMP };
	uint64_t was;

	enclave_make(&e);
	was = peek();
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		CHECK_EQUAL(advise(PAGE_DATA, refused[i]), EINVAL);
	CHECK_EQUAL(advise(PAGE_DATA, MADV_REMOVE), ENODEV); /* a device has no holes */
	CHECK_EQUAL(peek(), was);
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		CHECK_EQUAL(advise(PAGE_DATA, taken[i]), 0);
	CHECK_EQUAL(peek(), was);
	CHECK_EQUAL(madvise(at(PAGE_DATA), 0, MADV_DONTNEED), 0);
	CHECK_EQUAL(madvise(at(PAGE_DATA) + 1, SGX_PAGE_SIZE, MADV_DONTNEED), -1);
	CHECK_EQUAL(errno, EINVAL);
}

static void ordinary_memory_still_works(void)
{
	char *p;

	enclave_make(&e);
	p = mmap(NULL, 3 * SGX_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	         0);
	CHECK(p != MAP_FAILED);
	p[0] = 1;
	CHECK_EQUAL(mprotect(p, SGX_PAGE_SIZE, PROT_READ), 0);
	CHECK_EQUAL(p[0], 1);
	CHECK_EQUAL(mprotect(p, SGX_PAGE_SIZE, PROT_READ | PROT_WRITE), 0);
	CHECK_EQUAL(madvise(p, SGX_PAGE_SIZE, MADV_DONTNEED), 0);
	CHECK_EQUAL(p[0], 0);
	p = mremap(p, 3 * SGX_PAGE_SIZE, 100 * SGX_PAGE_SIZE, MREMAP_MAYMOVE);
	CHECK(p != MAP_FAILED);
	CHECK_EQUAL(munmap(p, 100 * SGX_PAGE_SIZE), 0);
	errno = 0;
	CHECK_EQUAL(mprotect(p, SGX_PAGE_SIZE, PROT_READ), -1);
	CHECK_EQUAL(errno, ENOMEM);
}

/* Address space that is mapped, in kB. */
static unsigned long mapped_size(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	NEED(f != NULL && fscanf(f, "%lu", &pages) == 1);
	fclose(f);
	return pages;
}

static void nothing_is_left(void)
{
	unsigned long before = 0;

	for (int i = 0; i < 40; i++) {
		enclave_make(&e);
		CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_EXIT, 0, 0, SGX_EENTER, &run), 0);
		CHECK_EQUAL(munmap(e.base, e.size), 0);
		CHECK_EQUAL(close(e.fd), 0);
		if (i == 10)
			before = mapped_size();
	}
	CHECK_EQUAL(mapped_size(), before);
}

static const struct test tests[] = {
	{ "before CREATE anything can be mapped anywhere", before_create, 0 },
	{ "what was mapped before CREATE shows the enclave afterwards", mapped_first, 0 },
	{ "private mappings are EINVAL", private_is_refused, 0 },
	{ "more than a page's own permissions is EACCES, holes do not restrict", max_prot, 0 },
	{ "outside the range is EACCES after INIT", outside_range, 0 },
	{ "the address selects the content, not the offset", offset_is_ignored, 0 },
	{ "mprotect is held to what mmap may", mprotect_is_held_to_it, 0 },
	{ "mappings can be split and joined", split_and_join, 0 },
	{ "EENTER needs a writable SSA frame", ssa_not_writable, 0 },
	{ "an enclave can be unmapped and mapped again", unmapped_and_again, 0 },
	{ "other memory can be mapped over a page", mapped_over, 0 },
	{ "a page that is added to a mapping is there for every thread", mapped_before_added, 0 },
	{ "mremap shrinks and does not grow", mremap_does_not_grow, 0 },
	{ "madvise is refused where a device's memory has nothing to give away",
	  madvise_takes_nothing_away, 0 },
	{ "ordinary memory is not affected", ordinary_memory_still_works, 0 },
	{ "an enclave that is gone leaves no address space behind", nothing_is_left, 60 },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
