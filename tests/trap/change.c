// SPDX-License-Identifier: Apache-2.0
/* See change.h. */
#include "tests/trap/change.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "sgx/uapi/intree.h"
#include "tests/trap/harness.h"

struct test_enclave e;
struct sgx_enclave_run run;
uint64_t result, count;

uint64_t page(unsigned int n)
{
	return (uintptr_t)e.base + n * SGX_PAGE_SIZE;
}

__attribute__((noinline)) uint64_t enter_by(unsigned int leaf, unsigned int tcs, uint64_t op,
                                            uint64_t rsi, uint64_t rdx)
{
	memset(&run, 0, sizeof(run));
	CHECK_EQUAL(vdso_call(&e, tcs, op, rsi, rdx, leaf, &run), 0);
	return vdso_result;
}

uint64_t enter(unsigned int tcs, uint64_t op, uint64_t rsi, uint64_t rdx)
{
	return enter_by(SGX_EENTER, tcs, op, rsi, rdx);
}

uint64_t peek(unsigned int n)
{
	uint64_t value = enter(PAGE_TCS0, OP_PEEK, page(n), 0);

	CHECK_EQUAL(run.function, SGX_EEXIT);
	return value;
}

void poke(unsigned int n, uint64_t value)
{
	enter(PAGE_TCS0, OP_POKE, page(n), value);
	CHECK_EQUAL(run.function, SGX_EEXIT);
}

void check_refused(unsigned int n, unsigned int error)
{
	CHECK_EQUAL(run.function, SGX_ERESUME);
	CHECK_EQUAL(run.exception_vector, TRAP_PF);
	CHECK_EQUAL(run.exception_error_code, error);
	CHECK_EQUAL(run.exception_addr, page(n));
}

void refused(unsigned int tcs, uint64_t op, unsigned int n, unsigned int error)
{
	enter(tcs, op, page(n), 1);
	check_refused(n, error);
}

uint64_t sgx2(unsigned int leaf, unsigned int n, uint64_t secinfo_flags)
{
	uint64_t code = enter(PAGE_TCS0, OP_SGX2, page(n) | leaf, secinfo_flags);

	CHECK_EQUAL(run.function, SGX_EEXIT);
	return code;
}

uint64_t accept_page(unsigned int n, uint64_t secinfo_flags)
{
	return sgx2(SGX_EACCEPT, n, secinfo_flags);
}

int restrict_to(unsigned int n, unsigned int pages, uint64_t permissions)
{
	struct sgx_enclave_restrict_permissions arg = { .offset = n * SGX_PAGE_SIZE,
		                                        .length = pages * SGX_PAGE_SIZE,
		                                        .permissions = permissions };
	int r = ioctl(e.fd, SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS, &arg);

	result = arg.result;
	count = arg.count;
	return r < 0 ? errno : r;
}

int modify(unsigned int n, unsigned int pages, uint64_t type)
{
	struct sgx_enclave_modify_types arg = { .offset = n * SGX_PAGE_SIZE,
		                                .length = pages * SGX_PAGE_SIZE,
		                                .page_type = type };
	int r = ioctl(e.fd, SGX_IOC_ENCLAVE_MODIFY_TYPES, &arg);

	result = arg.result;
	count = arg.count;
	return r < 0 ? errno : r;
}

int remove_pages(unsigned int n, unsigned int pages)
{
	struct sgx_enclave_remove_pages arg = { .offset = n * SGX_PAGE_SIZE,
		                                .length = pages * SGX_PAGE_SIZE };
	int r = ioctl(e.fd, SGX_IOC_ENCLAVE_REMOVE_PAGES, &arg);

	count = arg.count;
	return r < 0 ? errno : r;
}

void map(unsigned int n, unsigned int pages, int prot)
{
	NEED(mmap((void *)page(n), pages * SGX_PAGE_SIZE, prot, MAP_SHARED | MAP_FIXED, e.fd, 0) ==
	     (void *)page(n));
}
