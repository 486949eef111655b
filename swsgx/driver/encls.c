// SPDX-License-Identifier: Apache-2.0
/*
 * The supervisor's side of the processor.  Operands are supervisor addresses: EPC pages through the
 * enclave's view, everything else in this file's own memory.
 */
#include "swsgx/driver/encls.h"

#include <string.h>

#include "sgx/leaf.h"
#include "sgx/token.h"
#include "swsgx/driver/platform.h"
#include "swsgx/driver/space.h"

static uint64_t la_of(const void *p)
{
	return (uintptr_t)p;
}

static const uint8_t *secs_page(const struct enclave *e)
{
	return e->file + (size_t)(e->epc.count - 1) * SGX_PAGE_SIZE;
}

static struct trap execute(struct enclave *e, struct platform *p, struct cpu_regs *regs)
{
	struct cpu cpu = {
		.regs = *regs,
		.platform = p,
		.epc = &e->epc,
		.paging = space_paging_supervisor,
		.paging_context = e,
	};
	struct trap t = cpu_encls(&cpu);

	*regs = cpu.regs;
	return t;
}

struct trap encls_ecreate(struct enclave *e, const struct sgx_secs *secs)
{
	_Alignas(SGX_PAGE_SIZE) struct sgx_secs copy = *secs;
	struct sgx_secinfo secinfo = { .flags = 0 };
	struct sgx_pageinfo info = { .srcpge = la_of(&copy), .secinfo = la_of(&secinfo) };
	struct cpu_regs regs = { .rax = SGX_ECREATE };
	struct trap t;

	/* The SECS goes behind the last page of the range, so the EPC must reach that far. */
	e->epc.count = (uint32_t)(secs->size / SGX_PAGE_SIZE) + 1;
	regs.rbx = la_of(&info);
	regs.rcx = la_of(secs_page(e));
	t = execute(e, platform_get(), &regs);
	if (!retired(t))
		enclave_epc_update(e);
	return t;
}

struct trap encls_eadd(struct enclave *e, uint64_t offset, uint64_t secinfo_flags, const void *page)
{
	struct sgx_secinfo secinfo = { .flags = secinfo_flags };
	struct sgx_pageinfo info = {
		.linaddr = e->state->base + offset,
		.srcpge = la_of(page),
		.secinfo = la_of(&secinfo),
		.secs = la_of(secs_page(e)),
	};
	struct cpu_regs regs = {
		.rax = SGX_EADD,
		.rbx = la_of(&info),
		.rcx = la_of(e->file + offset),
	};

	return execute(e, platform_get(), &regs);
}

struct trap encls_eextend(struct enclave *e, uint64_t offset)
{
	struct trap t = RETIRED;

	for (unsigned int chunk = 0; chunk < SGX_PAGE_SIZE && retired(t); chunk += 256) {
		struct cpu_regs regs = {
			.rax = SGX_EEXTEND,
			.rbx = la_of(secs_page(e)),
			.rcx = la_of(e->file + offset + chunk),
		};

		t = execute(e, platform_get(), &regs);
	}
	return t;
}

struct trap encls_einit(struct enclave *e, const struct sgx_sigstruct *sig,
                        const uint8_t mrsigner[32], uint64_t *ret_code)
{
	_Alignas(SGX_PAGE_SIZE) struct sgx_sigstruct copy = *sig;
	_Alignas(512) struct sgx_einittoken token = { .valid = 0 };
	struct platform p = *platform_get(); /* LEPUBKEYHASH is this processor's, for this EINIT */
	struct cpu_regs regs = {
		.rax = SGX_EINIT,
		.rbx = la_of(&copy),
		.rcx = la_of(secs_page(e)),
		.rdx = la_of(&token),
	};
	struct trap t;

	memcpy(p.lepubkeyhash, mrsigner, sizeof(p.lepubkeyhash));
	t = execute(e, &p, &regs);
	if (retired(t))
		*ret_code = regs.rax;
	return t;
}
