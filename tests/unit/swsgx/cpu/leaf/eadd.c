// SPDX-License-Identifier: Apache-2.0
/* EADD: every check of the SDM's pseudocode, then what a success leaves behind. */
#include "lib/sgx/measure.h"
#include "tests/unit/swsgx/cpu/rows.h"

#define PAGE    FIX_FREE
#define TARGET  EPC_LA(PAGE)
#define LINADDR (FIX_BASE + 0x20000)
#define RW      (SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_W)

static uint8_t content[SGX_PAGE_SIZE];

static void create(struct fixture *f)
{
	for (size_t i = 0; i < sizeof(content); i++)
		content[i] = (uint8_t)(i * 31 + 1);
	fix_prepare_ecreate(f, FIX_SECS);
	assert_true(retired(cpu_encls(&f->cpu)));
}

static void prepare_reg(struct fixture *f)
{
	create(f);
	fix_prepare_eadd(f, PAGE, LINADDR, RW, content);
}

static void prepare_tcs(struct fixture *f)
{
	create(f);
	fix_prepare_eadd(f, PAGE, LINADDR, SGX_SECINFO_TCS, &f->tcs);
}

static void prepare_tcs32(struct fixture *f)
{
	f->secs.attributes.flags = 0;
	create(f);
	f->tcs.fslimit = 0xfff;
	f->tcs.gslimit = 0x1fff;
	fix_prepare_eadd(f, PAGE, LINADDR, SGX_SECINFO_TCS, &f->tcs);
}

#define TCS(field, value) RAM(RAM_SOURCE, struct sgx_tcs, field, value)

static const struct row reg_rows[] = {
	ROW_GP("PAGEINFO not 32-aligned", REG(rbx, RAM_LA(RAM_PAGEINFO) + 8)),
	ROW_GP("destination not page-aligned", REG(rcx, TARGET + 256)),
	ROW_PF("destination absent", FIX_NOWHERE, PF_W, REG(rcx, FIX_NOWHERE)),
	ROW_PF("destination in ordinary memory", RAM_LA(RAM_OTHER), PF_ENCLS,
	       REG(rcx, RAM_LA(RAM_OTHER))),
	ROW_PF("PAGEINFO absent", FIX_NOWHERE, 0, REG(rbx, FIX_NOWHERE)),
	ROW_GP("source page not page-aligned", PI(srcpge, RAM_LA(RAM_SOURCE) + 64)),
	ROW_GP("SECS not page-aligned", PI(secs, EPC_LA(FIX_SECS) + 64)),
	ROW_GP("SECINFO not 64-aligned", PI(secinfo, RAM_LA(RAM_SECINFO) + 32),
	       { POKE_RAM, RAM_SECINFO, 32, 8, RW, false }),
	ROW_GP("LINADDR not page-aligned", PI(linaddr, LINADDR + 1)),
	ROW_PF("SECS in ordinary memory", RAM_LA(RAM_OTHER), PF_ENCLS, PI(secs, RAM_LA(RAM_OTHER))),
	ROW_PF("SECS absent", FIX_NOWHERE, 0, PI(secs, FIX_NOWHERE)),
	ROW_PF("SECINFO absent", FIX_NOWHERE, 0, PI(secinfo, FIX_NOWHERE)),
	ROW_GP("SECINFO reserved flag", SECINFO(RW | 0x80)),
	ROW_GP("SECINFO reserved byte", RAM_BYTE(RAM_SECINFO, 8, 1)),
	ROW_GP("page type SECS", SECINFO(3)),
	ROW_GP("page type VA", SECINFO(0x303)),
	ROW_GP("page type TRIM", SECINFO(0x400)),
	ROW_GP("page type SS_FIRST without CET", SECINFO(0x503)),
	ROW_GP("page type SS_REST without CET", SECINFO(0x603)),
	ROW_PF("destination already valid", TARGET, PF_ENCLS, EPCM(PAGE, valid, 1)),
	ROW_PF("SECS not valid", EPC_LA(FIX_SECS), PF_ENCLS, EPCM(FIX_SECS, valid, 0)),
	ROW_PF("SECS of another page type", EPC_LA(FIX_SECS), PF_ENCLS,
	       EPCM(FIX_SECS, pt, SGX_PT_REG)),
	ROW_PF("source page absent", FIX_NOWHERE, 0, PI(srcpge, FIX_NOWHERE)),
	ROW_PF("source page absent comes before LINADDR outside", FIX_NOWHERE, 0,
	       PI(srcpge, FIX_NOWHERE), PI(linaddr, FIX_BASE - 4096)),
	ROW_GP("W without R", SECINFO(SGX_SECINFO_REG | SGX_SECINFO_W)),
	ROW_GP("LINADDR below the enclave", PI(linaddr, FIX_BASE - 4096)),
	ROW_GP("LINADDR behind the enclave", PI(linaddr, FIX_BASE + FIX_SIZE)),
	ROW_GP("enclave already initialized", EPC(FIX_SECS, struct sgx_secs, attributes.flags,
	                                          SGX_ATTR_MODE64BIT | SGX_ATTR_INIT)),
};

static const struct row tcs_rows[] = {
	ROW_GP("TCS reserved first byte", RAM_BYTE(RAM_SOURCE, 72, 1)),
	ROW_GP("TCS reserved last byte", RAM_BYTE(RAM_SOURCE, 4095, 1)),
	ROW_PF("TCS source page absent", FIX_NOWHERE, 0, PI(srcpge, FIX_NOWHERE)),
	ROW_GP("TCS outside the enclave", PI(linaddr, FIX_BASE + FIX_SIZE)),
};

static const struct row tcs32_rows[] = {
	ROW_GP("32-bit TCS with FSLIMIT not of a page", TCS(fslimit, 0xffe)),
	ROW_GP("32-bit TCS with GSLIMIT not of a page", TCS(gslimit, 0x1000)),
};

static void assert_measured(const struct fixture *f, uint64_t flags)
{
	uint8_t want_digest[32], got_digest[32];
	struct sha256 want, got = epc_hidden(&f->epc, FIX_SECS)->measurement;

	sha256_init(&want);
	measure_ecreate(&want, 1, FIX_SIZE, 0);
	measure_eadd(&want, LINADDR - FIX_BASE, flags);
	sha256_final(&want, want_digest);
	sha256_final(&got, got_digest);
	assert_memory_equal(got_digest, want_digest, 32);
	assert_int_equal(epc_hidden(&f->epc, FIX_SECS)->records, 2);
}

static void a_success_copies_the_page_and_measures_its_place(void **state)
{
	struct fixture *f = *state;
	struct epcm_entry *e = &f->epcm[PAGE];
	struct cpu_regs regs;

	prepare_reg(f);
	memset(e, 0xff, sizeof(*e)); /* whatever was in an unused entry */
	e->valid = 0;
	regs = f->cpu.regs;
	assert_true(retired(cpu_encls(&f->cpu)));
	regs.rip += 3;
	assert_memory_equal(&regs, &f->cpu.regs, sizeof(regs));
	assert_memory_equal(fix_epc(f, PAGE), content, SGX_PAGE_SIZE);
	assert_int_equal(e->valid, 1);
	assert_int_equal(e->r, 1);
	assert_int_equal(e->w, 1);
	assert_int_equal(e->x, 0);
	assert_int_equal(e->pt, SGX_PT_REG);
	assert_int_equal(e->enclaveaddress, LINADDR);
	assert_int_equal(e->secs, FIX_SECS);
	assert_int_equal(e->blocked | e->pending | e->modified | e->pr, 0);
	assert_int_equal(epc_hidden(&f->epc, FIX_SECS)->children, 1);
	assert_measured(f, RW);
}

static void a_tcs_starts_inactive_whatever_was_passed(void **state)
{
	struct fixture *f = *state;
	const struct sgx_tcs *tcs = fix_epc(f, PAGE);

	f->tcs.state = 1;
	f->tcs.cssa = 1;
	f->tcs.aep = 0x1234;
	f->tcs.flags = SGX_TCS_DBGOPTIN | SGX_TCS_AEXNOTIFY;
	prepare_tcs(f);
	((struct sgx_secinfo *)fix_ram(f, RAM_SECINFO))->flags |= SGX_SECINFO_RWX;
	assert_true(retired(cpu_encls(&f->cpu)));
	assert_int_equal(tcs->state, 0);
	assert_int_equal(tcs->cssa, 0);
	assert_int_equal(tcs->aep, 0);
	assert_int_equal(tcs->flags, SGX_TCS_AEXNOTIFY);
	assert_int_equal(tcs->ossa, f->tcs.ossa);
	assert_int_equal(f->epcm[PAGE].pt, SGX_PT_TCS);
	assert_int_equal(f->epcm[PAGE].r | f->epcm[PAGE].w | f->epcm[PAGE].x, 0);
	assert_measured(f, SGX_SECINFO_TCS);
}

static void a_32_bit_tcs_with_limits_of_whole_pages_can_be_added(void **state)
{
	struct fixture *f = *state;

	prepare_tcs32(f);
	assert_true(retired(cpu_encls(&f->cpu)));
}

static void a_tcs_that_no_entry_would_take_can_be_added(void **state)
{
	struct fixture *f = *state;

	f->tcs.ossa = 1;
	f->tcs.ofsbase = 1;
	f->tcs.flags = 0x100;
	prepare_tcs(f);
	assert_true(retired(cpu_encls(&f->cpu)));
}

static void the_first_and_the_last_page_can_be_added(void **state)
{
	struct fixture *f = *state;

	create(f);
	fix_prepare_eadd(f, PAGE, FIX_BASE, RW, content);
	assert_true(retired(cpu_encls(&f->cpu)));
	fix_prepare_eadd(f, PAGE + 1, FIX_BASE + FIX_SIZE - 4096, RW, content);
	assert_true(retired(cpu_encls(&f->cpu)));
}

static void a_source_page_in_the_epc_reads_as_ones(void **state)
{
	struct fixture *f = *state;

	prepare_reg(f);
	((struct sgx_pageinfo *)fix_ram(f, RAM_PAGEINFO))->srcpge = EPC_LA(FIX_SECS);
	assert_true(retired(cpu_encls(&f->cpu)));
	for (size_t i = 0; i < SGX_PAGE_SIZE; i++)
		assert_int_equal(((uint8_t *)fix_epc(f, PAGE))[i], 0xff);
}

static void stage(struct fixture *f, uint32_t first, uint32_t count)
{
	/* Content for pages before the one that is added too. */
	f->epc.staged = (struct epc_staged){
		.content = (uint8_t *)fix_ram(f, RAM_SOURCE) - (PAGE - first) * SGX_PAGE_SIZE,
		.first = first,
		.count = count,
	};
}

static void what_is_staged_is_not_copied_again(void **state)
{
	struct fixture *f = *state;
	uint8_t *page = fix_epc(f, PAGE);

	prepare_reg(f);
	stage(f, PAGE - 1, 2);
	memset(page, 0x11, SGX_PAGE_SIZE); /* a copy would be seen */
	assert_true(retired(cpu_encls(&f->cpu)));
	assert_int_equal(page[0] | page[SGX_PAGE_SIZE - 1], 0x11);
	assert_int_equal(f->epcm[PAGE].valid, 1);
	assert_measured(f, RW);
}

static void a_page_next_to_what_is_staged_is_copied(void **state)
{
	struct fixture *f = *state;

	prepare_reg(f);
	stage(f, PAGE - 1, 1);
	assert_true(retired(cpu_encls(&f->cpu)));
	assert_memory_equal(fix_epc(f, PAGE), content, SGX_PAGE_SIZE);
}

static void a_tcs_that_is_staged_is_cleaned_nevertheless(void **state)
{
	struct fixture *f = *state;

	f->tcs.state = 1;
	prepare_tcs(f);
	stage(f, PAGE, 1);
	assert_true(retired(cpu_encls(&f->cpu)));
	assert_int_equal(epc_tcs(&f->epc, PAGE)->state, 0);
	assert_int_equal(epc_tcs(&f->epc, PAGE)->ossa, f->tcs.ossa);
}

static void pending_modified_and_pr_are_measured_and_otherwise_ignored(void **state)
{
	struct fixture *f = *state;
	const uint64_t flags = RW | SGX_SECINFO_PENDING | SGX_SECINFO_MODIFIED | SGX_SECINFO_PR;
	const struct epcm_entry *e = &f->epcm[PAGE];

	create(f);
	fix_prepare_eadd(f, PAGE, LINADDR, flags, content);
	assert_true(retired(cpu_encls(&f->cpu)));
	assert_int_equal(e->pending | e->modified | e->pr, 0);
	assert_measured(f, flags);
}

int main(void)
{
	const struct table tables[] = {
		TABLE(prepare_reg, cpu_encls, reg_rows),
		TABLE(prepare_tcs, cpu_encls, tcs_rows),
		TABLE(prepare_tcs32, cpu_encls, tcs32_rows),
	};
	const struct CMUnitTest others[] = {
		TEST(a_success_copies_the_page_and_measures_its_place),
		TEST(a_tcs_starts_inactive_whatever_was_passed),
		TEST(a_32_bit_tcs_with_limits_of_whole_pages_can_be_added),
		TEST(a_tcs_that_no_entry_would_take_can_be_added),
		TEST(the_first_and_the_last_page_can_be_added),
		TEST(a_source_page_in_the_epc_reads_as_ones),
		TEST(what_is_staged_is_not_copied_again),
		TEST(a_page_next_to_what_is_staged_is_copied),
		TEST(a_tcs_that_is_staged_is_cleaned_nevertheless),
		TEST(pending_modified_and_pr_are_measured_and_otherwise_ignored),
	};

	return rows_run(tables, COUNT(tables), others, COUNT(others));
}
