// SPDX-License-Identifier: Apache-2.0
/*
 * The supervisor's side of the processor.  Operands are supervisor addresses: EPC pages through the
 * enclave's view, everything else in this file's own memory.
 */
#include "swsgx/driver/encls.h"

#include <string.h>
#include <sys/mman.h>

#include "sgx/leaf.h"
#include "swsgx/driver/platform.h"
#include "swsgx/driver/space.h"
#include "swsgx/driver/sys.h"
#include "swsgx/driver/trace.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static uint64_t la_of(const void *p)
{
	return (uintptr_t)p;
}

static const uint8_t *secs_page(const struct enclave *e)
{
	return e->file + (size_t)(e->epc.count - 1) * SGX_PAGE_SIZE;
}

typedef struct trap instruction_fn(struct cpu *cpu);

static struct trap execute_as(struct enclave *e, struct platform *p, instruction_fn *instruction,
                              struct cpu_regs *regs)
{
	struct cpu cpu = {
		.regs = *regs,
		.platform = p,
		.epc = &e->epc,
		.paging = space_paging_supervisor,
		.paging_context = e,
	};
	struct trace_call call;
	struct trap t;

	trace_begin(&call, regs);
	__atomic_fetch_add(&e->state->generation, 1, __ATOMIC_SEQ_CST);
	t = instruction(&cpu);
	trace_encls(&call, e, &cpu, t, instruction == cpu_eextend_page ? 16 : 1);
	*regs = cpu.regs;
	return t;
}

static struct trap execute(struct enclave *e, struct platform *p, struct cpu_regs *regs)
{
	return execute_as(e, p, cpu_encls, regs);
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

void encls_populate(struct enclave *e, uint64_t offset, uint64_t size)
{
	sys_madvise(la_of(e->file + offset), size, MADV_POPULATE_WRITE);
}

void encls_stage(struct enclave *e, uint64_t offset, const void *pages, size_t written)
{
	e->epc.staged = (struct epc_staged){
		.content = pages,
		.first = (uint32_t)(offset / SGX_PAGE_SIZE),
		.count = (uint32_t)(written / SGX_PAGE_SIZE),
	};
}

void encls_unstage(struct enclave *e)
{
	e->epc.staged = (struct epc_staged){ .count = 0 };
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
	struct cpu_regs regs = {
		.rax = SGX_EEXTEND,
		.rbx = la_of(secs_page(e)),
		.rcx = la_of(e->file + offset),
	};

	return execute_as(e, platform_get(), cpu_eextend_page, &regs);
}

struct trap encls_eextend_chunks(struct enclave *e, uint64_t offset, uint16_t chunks)
{
	struct trap t = RETIRED;

	if (chunks == UINT16_MAX)
		return encls_eextend(e, offset);
	for (unsigned int i = 0; i < 16 && retired(t); i++) {
		struct cpu_regs regs = {
			.rax = SGX_EEXTEND,
			.rbx = la_of(secs_page(e)),
			.rcx = la_of(e->file + offset + 256 * (uint64_t)i),
		};

		if (!(chunks >> i & 1))
			continue;
		t = execute(e, platform_get(), &regs);
	}
	return t;
}

struct trap encls_einit(struct enclave *e, const struct sgx_sigstruct *sig,
                        const uint8_t mrsigner[32], uint64_t *ret_code)
{
	const struct sgx_einittoken none = { .valid = 0 };

	return encls_einit_token(e, sig, &none, mrsigner, ret_code);
}

struct trap encls_einit_token(struct enclave *e, const struct sgx_sigstruct *sig,
                              const struct sgx_einittoken *token, const uint8_t lepubkeyhash[32],
                              uint64_t *ret_code)
{
	_Alignas(SGX_PAGE_SIZE) struct sgx_sigstruct copy = *sig;
	_Alignas(512) struct sgx_einittoken token_copy = *token;
	struct platform p = *platform_get(); /* LEPUBKEYHASH is this processor's, for this EINIT */
	struct cpu_regs regs = {
		.rax = SGX_EINIT,
		.rbx = la_of(&copy),
		.rcx = la_of(secs_page(e)),
		.rdx = la_of(&token_copy),
	};
	struct trap t;

	memcpy(p.lepubkeyhash, lepubkeyhash, sizeof(p.lepubkeyhash));
	t = execute(e, &p, &regs);
	if (retired(t))
		*ret_code = regs.rax;
	return t;
}

struct trap encls_eaug(struct enclave *e, uint64_t offset)
{
	struct sgx_pageinfo info = {
		.linaddr = e->state->base + offset,
		.secs = la_of(secs_page(e)),
	};
	struct cpu_regs regs = {
		.rax = SGX_EAUG,
		.rbx = la_of(&info),
		.rcx = la_of(e->file + offset),
	};

	return execute(e, platform_get(), &regs);
}

/* A leaf that has its page in RCX and its result in RAX. */
static struct trap execute_on(struct enclave *e, uint32_t leaf, const void *rbx, const void *rcx,
                              uint64_t *ret_code)
{
	struct cpu_regs regs = { .rax = leaf, .rbx = la_of(rbx), .rcx = la_of(rcx) };
	struct trap t = execute(e, platform_get(), &regs);

	if (retired(t))
		*ret_code = regs.rax;
	return t;
}

struct trap encls_emodpr(struct enclave *e, uint64_t offset, uint64_t secinfo_flags,
                         uint64_t *ret_code)
{
	const struct sgx_secinfo secinfo = { .flags = secinfo_flags };

	return execute_on(e, SGX_EMODPR, &secinfo, e->file + offset, ret_code);
}

struct trap encls_emodt(struct enclave *e, uint64_t offset, uint64_t secinfo_flags,
                        uint64_t *ret_code)
{
	const struct sgx_secinfo secinfo = { .flags = secinfo_flags };

	return execute_on(e, SGX_EMODT, &secinfo, e->file + offset, ret_code);
}

struct trap encls_etrack(struct enclave *e, uint64_t *ret_code)
{
	return execute_on(e, SGX_ETRACK, NULL, secs_page(e), ret_code);
}

struct trap encls_eremove(struct enclave *e, uint64_t offset, uint64_t *ret_code)
{
	return execute_on(e, SGX_EREMOVE, NULL, e->file + offset, ret_code);
}
