// SPDX-License-Identifier: Apache-2.0
/* ECREATE: every check of the SDM's pseudocode, then what a success leaves behind. */
#include "lib/sgx/measure.h"
#include "tests/unit/swsgx/cpu/rows.h"

#define TARGET EPC_LA(FIX_SECS)

static void prepare(struct fixture *f)
{
	fix_prepare_ecreate(f, FIX_SECS);
}

#define SECS(field, value) RAM(RAM_SOURCE, struct sgx_secs, field, value)
#define SECS_BYTE(offset)  RAM_BYTE(RAM_SOURCE, offset, 1)

static const struct row rows[] = {
	ROW_GP("PAGEINFO not 32-aligned", REG(rbx, RAM_LA(RAM_PAGEINFO) + 16)),
	ROW_GP("destination not page-aligned", REG(rcx, TARGET + 2048)),
	ROW_GP("destination not canonical", REG(rcx, FIX_ODD)),
	ROW_PF("destination absent", FIX_NOWHERE, PF_W, REG(rcx, FIX_NOWHERE)),
	ROW_PF("destination read-only", TARGET, PF_W | PF_P, MAP(TARGET, writable, false)),
	ROW_PF("destination in ordinary memory", RAM_LA(RAM_OTHER), PF_ENCLS,
	       REG(rcx, RAM_LA(RAM_OTHER))),
	ROW_PF("PAGEINFO absent", FIX_NOWHERE, 0, REG(rbx, FIX_NOWHERE)),
	ROW_GP("PAGEINFO in the EPC reads as ones", REG(rbx, TARGET + 4096)),
	ROW_GP("source page not page-aligned", PI(srcpge, RAM_LA(RAM_SOURCE) + 64),
	       PI(secinfo, FIX_NOWHERE)),
	ROW_GP("SECINFO not 64-aligned", PI(secinfo, RAM_LA(RAM_SECINFO) + 32)),
	ROW_GP("LINADDR not zero", PI(linaddr, FIX_BASE)),
	ROW_GP("SECS of PAGEINFO not zero", PI(secs, TARGET)),
	ROW_PF("SECINFO absent", FIX_NOWHERE, 0, PI(secinfo, FIX_NOWHERE)),
	ROW_GP("SECINFO reserved flag", SECINFO(0x40)),
	ROW_GP("SECINFO reserved high flag", SECINFO(0x10000)),
	ROW_GP("SECINFO reserved byte", RAM_BYTE(RAM_SECINFO, 63, 1)),
	ROW_GP("SECINFO of another page type", SECINFO(SGX_SECINFO_REG)),
	ROW_PF("destination already valid", TARGET, PF_ENCLS, EPCM(FIX_SECS, valid, 1)),
	ROW_PF("source page absent", FIX_NOWHERE, 0, PI(srcpge, FIX_NOWHERE)),
	ROW_GP("XFRM without SSE", SECS(attributes.xfrm, 1)),
	ROW_GP("XFRM without x87", SECS(attributes.xfrm, 2)),
	ROW_GP("XFRM with a component XCR0 lacks", SECS(attributes.xfrm, 0x60003)),
	ROW_GP("XFRM bit 63", SECS(attributes.xfrm, UINT64_C(1) << 63 | 3)),
	ROW_GP("XFRM with part of AVX-512", SECS(attributes.xfrm, 0x67)),
	ROW_GP("XFRM with AVX-512 without AVX", SECS(attributes.xfrm, 0xe3)),
	ROW_GP("XFRM with half of MPX", SECS(attributes.xfrm, 0xb), PLATFORM(xfrm_mask, 0x2ff),
	       PLATFORM(xstate_size[3], 64)),
	ROW_GP("XFRM with half of AMX", SECS(attributes.xfrm, 0x20003),
	       PLATFORM(xfrm_mask, 0x602e7), PLATFORM(xstate_size[17], 64)),
	ROW_GP("XFRM with a component of unknown size", PLATFORM(xstate_size[2], 0)),
	ROW_GP("CET attributes without CET", SECS(cet_attributes, 1)),
	ROW_GP("CET bitmap without CET", SECS(cet_leg_bitmap_offset, 4096)),
	ROW_GP("MISCSELECT with a bit CPUID lacks", SECS(miscselect, 2)),
	ROW_GP("no SSA frame", SECS(ssaframesize, 0)),
	ROW_GP("SSA frame smaller than its state", PLATFORM(xstate_offset[7], 2873)),
	ROW_GP("base not canonical", SECS(baseaddr, FIX_ODD)),
	ROW_GP("size is the maximum", SECS(size, UINT64_C(1) << 36), SECS(baseaddr, 0)),
	ROW_GP("size of one page", SECS(size, 4096)),
	ROW_GP("size zero", SECS(size, 0)),
	ROW_GP("size no power of two", SECS(size, 0x3000)),
	ROW_GP("base not a multiple of size", SECS(baseaddr, FIX_BASE + 0x20000)),
	ROW_GP("attribute INIT", SECS(attributes.flags, SGX_ATTR_MODE64BIT | SGX_ATTR_INIT)),
	ROW_GP("attribute reserved", SECS(attributes.flags, SGX_ATTR_MODE64BIT | 8)),
	ROW_GP("attribute CET", SECS(attributes.flags, SGX_ATTR_MODE64BIT | SGX_ATTR_CET)),
	ROW_GP("32-bit enclave above 4 GiB", SECS(attributes.flags, 0),
	       SECS(baseaddr, UINT64_C(0x100000000))),
	ROW_GP("32-bit enclave of the maximum size", SECS(attributes.flags, 0),
	       SECS(size, UINT64_C(0x80000000)), SECS(baseaddr, 0)),
	ROW_GP("reserved byte 33", SECS_BYTE(33)),
	ROW_GP("reserved byte 96", SECS_BYTE(96)),
	ROW_GP("reserved byte 191", SECS_BYTE(191)),
	ROW_GP("reserved byte 262", SECS_BYTE(262)),
	ROW_GP("reserved byte where the processor keeps its own",
	       SECS_BYTE(SECS_HIDDEN_OFFSET + 8)),
	ROW_GP("reserved last byte", SECS_BYTE(4095)),
	ROW_GP("CONFIGID without KSS", SECS_BYTE(192)),
	ROW_GP("CONFIGSVN without KSS", SECS(configsvn, 1)),
};

static void a_success_makes_a_secs_and_begins_the_measurement(void **state)
{
	struct fixture *f = *state;
	const struct secs_hidden *hidden = epc_hidden(&f->epc, FIX_SECS);
	struct sgx_secs *secs = fix_epc(f, FIX_SECS);
	struct sha256 want, got;
	uint8_t want_digest[32], got_digest[32];
	struct cpu_regs regs;

	memset(f->secs.mrenclave, 0x55, 32); /* not reserved, but the processor's */
	memset(f->secs.mrsigner, 0x55, 32);
	f->secs.isvprodid = 7;
	f->secs.isvsvn = 7;
	prepare(f);
	f->cpu.regs.rflags |= CPU_RFLAGS_ZF;
	regs = f->cpu.regs;
	assert_true(retired(cpu_encls(&f->cpu)));
	regs.rip += 3;
	assert_memory_equal(&regs, &f->cpu.regs, sizeof(regs)); /* neither RAX nor RFLAGS */
	assert_int_equal(f->epcm[FIX_SECS].valid, 1);
	assert_int_equal(f->epcm[FIX_SECS].pt, SGX_PT_SECS);
	assert_int_equal(f->epcm[FIX_SECS].r | f->epcm[FIX_SECS].w | f->epcm[FIX_SECS].x, 0);
	assert_int_equal(f->epcm[FIX_SECS].enclaveaddress, 0);
	assert_int_equal(secs->size, FIX_SIZE);
	assert_int_equal(secs->isvprodid, 0);
	assert_int_equal(secs->isvsvn, 0);
	assert_true(bytes_zero(secs->mrsigner, 32));
	assert_true(bytes_zero(secs->mrenclave, 32));
	sha256_init(&want);
	measure_ecreate(&want, 1, FIX_SIZE, 0);
	sha256_final(&want, want_digest);
	got = hidden->measurement;
	sha256_final(&got, got_digest);
	assert_memory_equal(got_digest, want_digest, 32);
	assert_int_equal(hidden->records, 1);
}

static void the_smallest_enclave_has_two_pages(void **state)
{
	struct fixture *f = *state;

	f->secs.size = 8192;
	prepare(f);
	assert_true(retired(cpu_encls(&f->cpu)));
}

static void each_enclave_has_an_eid_of_its_own(void **state)
{
	struct fixture *f = *state;

	fix_prepare_ecreate(f, 0);
	assert_true(retired(cpu_encls(&f->cpu)));
	fix_prepare_ecreate(f, 1);
	assert_true(retired(cpu_encls(&f->cpu)));
	assert_int_not_equal(epc_hidden(&f->epc, 0)->eid, epc_hidden(&f->epc, 1)->eid);
}

static void a_32_bit_enclave_can_be_created(void **state)
{
	struct fixture *f = *state;

	f->secs.attributes.flags = 0;
	prepare(f);
	assert_true(retired(cpu_encls(&f->cpu)));
}

static void kss_allows_configid_and_configsvn(void **state)
{
	struct fixture *f = *state;

	f->secs.attributes.flags |= SGX_ATTR_KSS;
	f->secs.configid[63] = 1;
	f->secs.configsvn = 3;
	prepare(f);
	assert_true(retired(cpu_encls(&f->cpu)));
}

/* 2896 bytes of state with PKRU, 16 of EXINFO, 184 of GPRSGX: 3096 of a page. */
static void an_ssa_frame_that_just_holds_its_state_is_enough(void **state)
{
	struct fixture *f = *state;

	f->secs.attributes.xfrm = 0x2e7;
	f->platform.xstate_offset[9] = 4096 - 184 - 16 - 8;
	prepare(f);
	assert_true(retired(cpu_encls(&f->cpu)));
	f->platform.xstate_offset[9] += 1;
	fix_prepare_ecreate(f, 1);
	fix_assert_trap(cpu_encls(&f->cpu), GP0);
}

static void state_sizes_are_those_of_the_sdm(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ssa_size(&f->platform, 3, SGX_MISC_EXINFO), 776);
	assert_int_equal(ssa_size(&f->platform, 7, SGX_MISC_EXINFO), 1032);
	assert_int_equal(ssa_size(&f->platform, 0xe7, SGX_MISC_EXINFO), 2888);
	assert_int_equal(ssa_size(&f->platform, 0x2e7, SGX_MISC_EXINFO), 2896);
	f->platform.xstate_offset[17] = 2752;
	f->platform.xstate_size[17] = 64;
	f->platform.xstate_offset[18] = 2816;
	f->platform.xstate_size[18] = 8192;
	assert_int_equal(ssa_size(&f->platform, 0x602e7, SGX_MISC_EXINFO), 11208);
	f->platform.xfrm_mask = 0x602e7;
	assert_true(ssa_xfrm_legal(&f->platform, 0x602e7));
}

int main(void)
{
	const struct table table = TABLE(prepare, cpu_encls, rows);
	const struct CMUnitTest others[] = {
		TEST(a_success_makes_a_secs_and_begins_the_measurement),
		TEST(the_smallest_enclave_has_two_pages),
		TEST(each_enclave_has_an_eid_of_its_own),
		TEST(a_32_bit_enclave_can_be_created),
		TEST(kss_allows_configid_and_configsvn),
		TEST(an_ssa_frame_that_just_holds_its_state_is_enough),
		TEST(state_sizes_are_those_of_the_sdm),
	};

	return rows_run(&table, 1, others, COUNT(others));
}
