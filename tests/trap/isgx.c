// SPDX-License-Identifier: Apache-2.0
/* Building the test enclave by /dev/isgx or /dev/sgx; see isgx.h. */
#include "tests/trap/isgx.h"

#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <fcntl.h>

#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "tests/trap/harness.h"

const char *isgx_node = SGX_DEV_ISGX;

void isgx_map(struct test_enclave *e)
{
	enclave_reserve(e);
	NEED(munmap(e->base, e->size) == 0);
	e->fd = open(isgx_node, O_RDWR | O_CLOEXEC);
	CHECK(e->fd >= 0);
	e->base = mmap(NULL, e->size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED, e->fd, 0);
	CHECK(e->base != MAP_FAILED);
	e->secs.baseaddr = (uintptr_t)e->base;
}

int isgx_create(const struct test_enclave *e, const void *secs)
{
	struct isgx_create create = { .src = (uintptr_t)secs };

	return ioctl(e->fd, ISGX_IOC_CREATE, &create);
}

int isgx_add(const struct test_enclave *e, unsigned int page, const void *content,
             const void *secinfo)
{
	struct isgx_add_page add = {
		.addr = (uintptr_t)e->base + page * SGX_PAGE_SIZE,
		.src = (uintptr_t)content,
		.secinfo = (uintptr_t)secinfo,
		.mrmask = (uint16_t)~e->unmeasured,
	};

	return ioctl(e->fd, ISGX_IOC_ADD_PAGE, &add);
}

int isgx_init(const struct test_enclave *e, const void *sigstruct, const void *token)
{
	static const struct sgx_einittoken none;
	struct isgx_init init = {
		.addr = (uintptr_t)e->base,
		.sigstruct = (uintptr_t)sigstruct,
		.einittoken = (uintptr_t)(token != NULL ? token : &none),
	};
	struct dcap_old_init dcap_init = { .addr = init.addr, .sigstruct = init.sigstruct };

	return strcmp(isgx_node, SGX_DEV_ISGX) == 0 ? ioctl(e->fd, ISGX_IOC_INIT, &init)
	                                            : ioctl(e->fd, DCAP_OLD_IOC_INIT, &dcap_init);
}

void isgx_add_all(const struct test_enclave *e)
{
	for (unsigned int page = 0; page < PAGES; page++) {
		struct sgx_secinfo secinfo = { .flags = 0 };
		const void *content = enclave_page_content(e, page, &secinfo.flags);

		if (content != NULL)
			CHECK_EQUAL(isgx_add(e, page, content, &secinfo), 0);
	}
}

void isgx_build(struct test_enclave *e)
{
	isgx_map(e);
	CHECK_EQUAL(isgx_create(e, &e->secs), 0);
	isgx_add_all(e);
	enclave_sign(e);
}

void isgx_make(struct test_enclave *e)
{
	isgx_build(e);
	CHECK_EQUAL(isgx_init(e, &e->sigstruct, NULL), 0);
}

uint64_t isgx_enter(const struct test_enclave *e, uint64_t op, uint64_t rsi, uint64_t rdx)
{
	struct raw r = { .rax = SGX_EENTER,
		         .rbx = (uintptr_t)e->base,
		         .rcx = (uintptr_t)raw_aep,
		         .rdi = op,
		         .rsi = rsi,
		         .rdx = rdx,
		         .rflags = 0x202,
		         .mxcsr = 0x1f80,
		         .fcw = 0x37f };

	raw_enclu(&r);
	CHECK_EQUAL(r.rax, SGX_EEXIT);
	return r.rdx;
}
