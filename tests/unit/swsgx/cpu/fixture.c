// SPDX-License-Identifier: Apache-2.0
/* The tests' processor; see fixture.h. */
#include "tests/unit/swsgx/cpu/fixture.h"

#include <stdlib.h>

#include "tests/unit/lib/crypto/keys.h"

static struct rsa3072_key *signer;

struct snapshot {
	struct cpu cpu;
	struct platform platform;
	struct epcm_entry epcm[FIX_EPC_PAGES];
	uint8_t xsave[FIX_XSAVE];
	uint8_t epc[FIX_EPC_PAGES * SGX_PAGE_SIZE];
	uint8_t ram[FIX_RAM_PAGES * SGX_PAGE_SIZE];
};

static void walk(void *context, uint64_t la, struct mapping *ret)
{
	struct fixture *f = context;
	const struct mapping *m = fix_find(f, la_page(la));

	*ret = (struct mapping){ .epc_index = EPC_NONE };
	if (m == NULL)
		return;
	*ret = *m;
	ret->host += la & (SGX_PAGE_SIZE - 1);
}

struct mapping *fix_find(struct fixture *f, uint64_t la)
{
	for (size_t i = 0; i < f->maps; i++)
		if (f->map[i].la == la)
			return &f->map[i].to;
	return NULL;
}

void fix_map_page(struct fixture *f, uint64_t la, uint32_t epc_index, uint8_t *host)
{
	assert_true(f->maps < FIX_MAPS);
	f->map[f->maps++] = (struct fix_map){
		.la = la,
		.to = { .present = true,
		        .readable = true,
		        .writable = true,
		        .executable = true,
		        .epc_index = epc_index,
		        .host = host },
	};
}

int fix_group_setup(void **state)
{
	struct err e = { .text = "" };
	struct keys folder;
	EVP_PKEY *pkey;

	(void)state;
	assert_int_equal(crypto_load(&e), 0);
	keys_make(&folder);
	pkey = keys_rsa(3072, 3);
	assert_int_equal(
		rsa3072_key_load(keys_pem(&folder, "key.pem", pkey, KEYS_PRIVATE), &signer, &e), 0);
	EVP_PKEY_free(pkey);
	keys_remove(&folder); /* now: a test that crashes leaves nothing behind */
	return 0;
}

int fix_group_teardown(void **state)
{
	(void)state;
	rsa3072_key_free(signer);
	return 0;
}

void fix_regs(struct fixture *f)
{
	uint64_t *r = &f->cpu.regs.rax;

	for (size_t i = 0; i < offsetof(struct cpu_regs, rflags) / sizeof(*r); i++)
		r[i] = UINT64_C(0x1111111111111111) * (i % 7 + 1) + i;
	f->cpu.regs.rflags = 0x202;
	f->cpu.regs.rip = 0x401000;
	f->cpu.regs.fsbase = 0x7f1100000000;
	f->cpu.regs.gsbase = 0x7f2200000000;
}

static void set_platform(struct platform *p)
{
	uint8_t random[80];

	for (size_t i = 0; i < sizeof(random); i++)
		random[i] = (uint8_t)(i * 7 + 3);
	platform_init(p, 0xe7 | 0x200, random);
	p->xstate_offset[2] = 576;
	p->xstate_size[2] = 256;
	p->xstate_offset[5] = 1088;
	p->xstate_size[5] = 64;
	p->xstate_offset[6] = 1152;
	p->xstate_size[6] = 512;
	p->xstate_offset[7] = 1664;
	p->xstate_size[7] = 1024;
	p->xstate_offset[9] = 2688;
	p->xstate_size[9] = 8;
}

static void set_secs(struct sgx_secs *secs)
{
	*secs = (struct sgx_secs){
		.size = FIX_SIZE,
		.baseaddr = FIX_BASE,
		.ssaframesize = 1,
		.miscselect = SGX_MISC_EXINFO,
		.attributes = { .flags = SGX_ATTR_MODE64BIT, .xfrm = 0xe7 },
	};
}

static void set_tcs(struct sgx_tcs *tcs)
{
	*tcs = (struct sgx_tcs){
		.ossa = FIX_SSA * SGX_PAGE_SIZE,
		.nssa = 2,
		.oentry = FIX_CODE * SGX_PAGE_SIZE + 0x10,
		.ofsbase = FIX_DATA * SGX_PAGE_SIZE,
		.ogsbase = FIX_DATA1 * SGX_PAGE_SIZE,
	};
}

int fix_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->epc.page = aligned_alloc(SGX_PAGE_SIZE, FIX_EPC_PAGES * SGX_PAGE_SIZE);
	f->ram = aligned_alloc(SGX_PAGE_SIZE, FIX_RAM_PAGES * SGX_PAGE_SIZE);
	assert_non_null(f->epc.page);
	assert_non_null(f->ram);
	/* Whatever was in the EPC before must not matter. */
	memset(f->epc.page, 0xa5, FIX_EPC_PAGES * SGX_PAGE_SIZE);
	memset(f->ram, 0, FIX_RAM_PAGES * SGX_PAGE_SIZE);
	f->epc.epcm = f->epcm;
	f->epc.count = FIX_EPC_PAGES;
	set_platform(&f->platform);
	set_secs(&f->secs);
	set_tcs(&f->tcs);
	for (uint32_t i = 0; i < FIX_EPC_PAGES; i++)
		fix_map_page(f, fix_epc_la(i), i, fix_epc(f, i));
	for (uint32_t i = 0; i < FIX_RAM_PAGES; i++)
		fix_map_page(f, fix_ram_la(i), EPC_NONE, f->ram + (size_t)i * SGX_PAGE_SIZE);
	f->cpu.platform = &f->platform;
	f->cpu.epc = &f->epc;
	f->cpu.paging = walk;
	f->cpu.paging_context = f;
	f->cpu.xsave = f->xsave;
	f->cpu.xsave_size = sizeof(f->xsave);
	fix_regs(f);
	*state = f;
	return 0;
}

int fix_teardown(void **state)
{
	struct fixture *f = *state;

	free(f->epc.page);
	free(f->ram);
	free(f);
	return 0;
}

static void set_operands(struct fixture *f, uint32_t leaf, uint64_t rbx, uint64_t rcx, uint64_t rdx)
{
	f->cpu.regs.rax = leaf;
	f->cpu.regs.rbx = rbx;
	f->cpu.regs.rcx = rcx;
	f->cpu.regs.rdx = rdx;
}

struct trap fix_encls(struct fixture *f, uint32_t leaf, uint64_t rbx, uint64_t rcx, uint64_t rdx)
{
	set_operands(f, leaf, rbx, rcx, rdx);
	return cpu_encls(&f->cpu);
}

struct trap fix_enclu(struct fixture *f, uint32_t leaf, uint64_t rbx, uint64_t rcx, uint64_t rdx)
{
	set_operands(f, leaf, rbx, rcx, rdx);
	return cpu_enclu(&f->cpu);
}

void fix_prepare_ecreate(struct fixture *f, uint32_t page)
{
	struct sgx_pageinfo *pageinfo = fix_ram(f, RAM_PAGEINFO);

	memset(fix_ram(f, RAM_SECINFO), 0, sizeof(struct sgx_secinfo));
	memcpy(fix_ram(f, RAM_SOURCE), &f->secs, sizeof(f->secs));
	*pageinfo = (struct sgx_pageinfo){
		.srcpge = fix_ram_la(RAM_SOURCE),
		.secinfo = fix_ram_la(RAM_SECINFO),
	};
	set_operands(f, SGX_ECREATE, fix_ram_la(RAM_PAGEINFO), fix_epc_la(page), 0);
}

void fix_prepare_eadd(struct fixture *f, uint32_t page, uint64_t la, uint64_t flags,
                      const void *content)
{
	struct sgx_pageinfo *pageinfo = fix_ram(f, RAM_PAGEINFO);
	struct sgx_secinfo *secinfo = fix_ram(f, RAM_SECINFO);

	*secinfo = (struct sgx_secinfo){ .flags = flags };
	memcpy(fix_ram(f, RAM_SOURCE), content, SGX_PAGE_SIZE);
	*pageinfo = (struct sgx_pageinfo){
		.linaddr = la,
		.srcpge = fix_ram_la(RAM_SOURCE),
		.secinfo = fix_ram_la(RAM_SECINFO),
		.secs = fix_epc_la(FIX_SECS),
	};
	set_operands(f, SGX_EADD, fix_ram_la(RAM_PAGEINFO), fix_epc_la(page), 0);
}

void fix_sign(struct fixture *f)
{
	struct err e = { .text = "" };

	assert_int_equal(sigstruct_sign(fix_ram(f, RAM_SIGSTRUCT), signer, &e), 0);
}

void fix_prepare_einit(struct fixture *f)
{
	struct sgx_sigstruct *sig = fix_ram(f, RAM_SIGSTRUCT);
	const struct sgx_secs *secs = fix_epc(f, FIX_SECS);
	struct sha256 measurement = epc_hidden(&f->epc, FIX_SECS)->measurement;

	sigstruct_init(sig);
	sig->attributes = secs->attributes;
	sig->attributemask = (struct sgx_attributes){ ~UINT64_C(0), ~UINT64_C(0) };
	sig->miscselect = secs->miscselect;
	sig->miscmask = ~UINT32_C(0);
	sig->isvprodid = 0x1234;
	sig->isvsvn = 5;
	sha256_final(&measurement, sig->enclavehash);
	fix_sign(f);
	sigstruct_mrsigner(sig, f->platform.lepubkeyhash);
	memset(fix_ram(f, RAM_TOKEN), 0, sizeof(struct sgx_einittoken));
	set_operands(f, SGX_EINIT, fix_ram_la(RAM_SIGSTRUCT), fix_epc_la(FIX_SECS),
	             fix_ram_la(RAM_TOKEN));
}

static void add(struct fixture *f, enum fix_page page, uint64_t flags, const void *content)
{
	fix_prepare_eadd(f, page, fix_la(page), flags, content);
	assert_true(retired(cpu_encls(&f->cpu)));
	for (uint64_t chunk = 0; chunk < SGX_PAGE_SIZE; chunk += 256)
		assert_true(retired(fix_encls(f, SGX_EEXTEND, fix_epc_la(FIX_SECS),
		                              fix_epc_la(page) + chunk, 0)));
	fix_map_page(f, fix_la(page), page, fix_epc(f, page));
}

void fix_build(struct fixture *f)
{
	const uint64_t r = SGX_SECINFO_REG | SGX_SECINFO_R;
	static const uint8_t zero[SGX_PAGE_SIZE];
	struct sgx_tcs tcs2 = f->tcs;

	tcs2.ossa = FIX_SSA2 * SGX_PAGE_SIZE;
	tcs2.nssa = 1;
	fix_prepare_ecreate(f, FIX_SECS);
	assert_true(retired(cpu_encls(&f->cpu)));
	add(f, FIX_TCS, SGX_SECINFO_TCS, &f->tcs);
	add(f, FIX_TCS2, SGX_SECINFO_TCS, &tcs2);
	add(f, FIX_SSA, r | SGX_SECINFO_W, zero);
	add(f, FIX_SSA1, r | SGX_SECINFO_W, zero);
	add(f, FIX_SSA2, r | SGX_SECINFO_W, zero);
	add(f, FIX_CODE, r | SGX_SECINFO_X, zero);
	add(f, FIX_DATA, r | SGX_SECINFO_W, zero);
	add(f, FIX_DATA1, r | SGX_SECINFO_W, zero);
	add(f, FIX_CONST, r, zero);
}

void fix_enclave(struct fixture *f)
{
	fix_build(f);
	fix_prepare_einit(f);
	fix_assert_code(f, cpu_encls(&f->cpu), SGX_SUCCESS);
	fix_regs(f);
}

void fix_enter(struct fixture *f)
{
	assert_true(retired(fix_enclu(f, SGX_EENTER, fix_la(FIX_TCS), 0x402000, 7)));
	assert_true(f->cpu.enclave_mode);
}

void fix_assert_trap(struct trap got, struct trap want)
{
	assert_int_equal(got.vector, want.vector);
	assert_int_equal(got.errcd, want.errcd);
	assert_int_equal(got.addr, want.addr);
}

void fix_assert_code(const struct fixture *f, struct trap got, uint64_t code)
{
	const uint64_t status = CPU_RFLAGS_CF | CPU_RFLAGS_PF | CPU_RFLAGS_AF | CPU_RFLAGS_ZF |
	                        CPU_RFLAGS_SF | CPU_RFLAGS_OF;

	assert_int_equal(got.vector, TRAP_NONE);
	assert_int_equal(f->cpu.regs.rax, code);
	assert_int_equal(f->cpu.regs.rflags & status, code ? CPU_RFLAGS_ZF : 0);
}

struct snapshot *fix_snapshot(const struct fixture *f)
{
	struct snapshot *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	memcpy(&s->cpu, &f->cpu, sizeof(s->cpu));
	memcpy(&s->platform, &f->platform, sizeof(s->platform));
	memcpy(s->epcm, f->epcm, sizeof(s->epcm));
	memcpy(s->xsave, f->xsave, sizeof(s->xsave));
	memcpy(s->epc, f->epc.page, sizeof(s->epc));
	memcpy(s->ram, f->ram, sizeof(s->ram));
	return s;
}

void fix_assert_same(const struct fixture *f, struct snapshot *s, bool code)
{
	struct cpu now;

	memcpy(&now, &f->cpu, sizeof(now));
	if (code) {
		now.regs.rax = s->cpu.regs.rax;
		now.regs.rflags = s->cpu.regs.rflags;
		now.regs.rip = s->cpu.regs.rip;
		assert_int_equal(f->cpu.regs.rip, s->cpu.regs.rip + 3);
	}
	assert_memory_equal(&now, &s->cpu, sizeof(now));
	assert_memory_equal(&f->platform, &s->platform, sizeof(s->platform));
	assert_memory_equal(f->epcm, s->epcm, sizeof(s->epcm));
	assert_memory_equal(f->xsave, s->xsave, sizeof(s->xsave));
	assert_memory_equal(f->epc.page, s->epc, sizeof(s->epc));
	assert_memory_equal(f->ram, s->ram, sizeof(s->ram));
	free(s);
}
