// SPDX-License-Identifier: Apache-2.0
/* EEXTEND: every check of the SDM's pseudocode, then what it measures. */
#include "lib/sgx/measure.h"
#include "tests/unit/swsgx/cpu/rows.h"

#define CHUNK (EPC_LA(FIX_CODE) + 0x300)

static void prepare_operands(struct fixture *f)
{
	f->cpu.regs.rax = SGX_EEXTEND;
	f->cpu.regs.rbx = EPC_LA(FIX_SECS);
	f->cpu.regs.rcx = CHUNK;
}

static void prepare(struct fixture *f)
{
	fix_build(f);
	prepare_operands(f);
}

static const struct row rows[] = {
	ROW_GP("SECS not page-aligned", REG(rbx, EPC_LA(FIX_SECS) + 8)),
	ROW_PF("SECS in ordinary memory", RAM_LA(0), PF_ENCLS, REG(rbx, RAM_LA(0))),
	ROW_PF("SECS absent", FIX_NOWHERE, 0, REG(rbx, FIX_NOWHERE)),
	ROW_GP("chunk not 256-aligned", REG(rcx, CHUNK + 64)),
	ROW_PF("chunk in ordinary memory", RAM_LA(0), PF_ENCLS, REG(rcx, RAM_LA(0))),
	ROW_PF("chunk absent", FIX_NOWHERE, 0, REG(rcx, FIX_NOWHERE)),
	ROW_PF("page not valid", CHUNK, PF_ENCLS, EPCM(FIX_CODE, valid, 0)),
	ROW_PF("page is a SECS", EPC_LA(FIX_SECS), PF_ENCLS, REG(rcx, EPC_LA(FIX_SECS))),
	ROW_PF("page is trimmed", CHUNK, PF_ENCLS, EPCM(FIX_CODE, pt, SGX_PT_TRIM)),
	ROW_GP("page of another enclave", EPCM(FIX_CODE, secs, FIX_DATA)),
	ROW_GP("RBX not the SECS of the page", REG(rbx, EPC_LA(FIX_DATA))),
	ROW_GP("enclave already initialized", EPC(FIX_SECS, struct sgx_secs, attributes.flags,
	                                          SGX_ATTR_MODE64BIT | SGX_ATTR_INIT)),
};

static void a_success_measures_offset_and_bytes(void **state)
{
	struct fixture *f = *state;
	struct secs_hidden *hidden = epc_hidden(&f->epc, FIX_SECS);
	uint8_t want_digest[32], got_digest[32];
	struct sha256 want, got;
	struct cpu_regs regs;
	uint64_t records;

	prepare(f);
	memset((uint8_t *)fix_epc(f, FIX_CODE) + 0x300, 0x77, 256);
	want = hidden->measurement;
	records = hidden->records;
	measure_eextend(&want, FIX_CODE * SGX_PAGE_SIZE + 0x300,
	                (uint8_t *)fix_epc(f, FIX_CODE) + 0x300);
	regs = f->cpu.regs;
	assert_true(retired(cpu_encls(&f->cpu)));
	regs.rip += 3;
	assert_memory_equal(&regs, &f->cpu.regs, sizeof(regs));
	got = hidden->measurement;
	sha256_final(&want, want_digest);
	sha256_final(&got, got_digest);
	assert_memory_equal(got_digest, want_digest, 32);
	assert_int_equal(hidden->records, records + 5);
}

static void a_tcs_and_a_blocked_page_can_be_measured(void **state)
{
	struct fixture *f = *state;

	prepare(f);
	assert_true(retired(fix_encls(f, SGX_EEXTEND, EPC_LA(FIX_SECS), EPC_LA(FIX_TCS), 0)));
	f->epcm[FIX_CODE].blocked = 1;
	f->epcm[FIX_CODE].pending = 1;
	assert_true(retired(fix_encls(f, SGX_EEXTEND, EPC_LA(FIX_SECS), CHUNK, 0)));
}

/* Both ways, from one start: the measurement, and whatever else there is of the enclave. */
static void a_whole_page_is_measured_as_by_sixteen_leaves(void **state)
{
	static const uint32_t pages[] = { FIX_CODE, FIX_DATA, FIX_TCS };
	struct fixture *f = *state;
	struct secs_hidden *hidden = epc_hidden(&f->epc, FIX_SECS);
	uint32_t seed = 1;

	prepare(f);
	for (unsigned int round = 0; round < 48; round++) {
		uint32_t page = pages[round % COUNT(pages)];
		struct secs_hidden start, leaves;
		uint8_t *content = fix_epc(f, page);

		for (size_t i = 0; i < SGX_PAGE_SIZE; i++)
			content[i] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
		start = *hidden;
		for (uint64_t at = 0; at < SGX_PAGE_SIZE; at += MEASURE_CHUNK)
			assert_true(retired(
				fix_encls(f, SGX_EEXTEND, EPC_LA(FIX_SECS), EPC_LA(page) + at, 0)));
		leaves = *hidden;
		*hidden = start;
		f->cpu.regs.rbx = EPC_LA(FIX_SECS);
		f->cpu.regs.rcx = EPC_LA(page);
		assert_true(retired(cpu_eextend_page(&f->cpu)));
		assert_memory_equal(hidden, &leaves, sizeof(leaves));
	}
}

static void a_whole_page_faults_as_its_first_chunk_and_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct snapshot *before;

	prepare(f);
	f->cpu.regs.rax = 77; /* it is not this that says what is executed */
	f->cpu.regs.rcx = EPC_LA(FIX_CODE) + MEASURE_CHUNK;
	before = fix_snapshot(f);
	fix_assert_trap(cpu_eextend_page(&f->cpu), GP0);
	fix_assert_same(f, before, false);
	f->cpu.regs.rcx = EPC_LA(FIX_CODE);
	f->epcm[FIX_CODE].valid = 0;
	before = fix_snapshot(f);
	fix_assert_trap(cpu_eextend_page(&f->cpu), encls_pf(EPC_LA(FIX_CODE)));
	fix_assert_same(f, before, false);
}

static void what_is_staged_is_measured_where_it_is_staged(void **state)
{
	static uint8_t staged[SGX_PAGE_SIZE];
	struct fixture *f = *state;
	struct secs_hidden *hidden = epc_hidden(&f->epc, FIX_SECS);
	struct secs_hidden start, leaf, page;

	prepare(f);
	start = *hidden;
	for (size_t i = 0; i < sizeof(staged); i++)
		((uint8_t *)fix_epc(f, FIX_CODE))[i] = (uint8_t)(i * 13 + i / 256);
	assert_true(retired(cpu_encls(&f->cpu)));
	leaf = *hidden;
	*hidden = start;
	f->cpu.regs.rcx = EPC_LA(FIX_CODE);
	assert_true(retired(cpu_eextend_page(&f->cpu)));
	page = *hidden;

	memcpy(staged, fix_epc(f, FIX_CODE), sizeof(staged));
	memset(fix_epc(f, FIX_CODE), 0, sizeof(staged));
	f->epc.staged = (struct epc_staged){ .content = staged, .first = FIX_CODE, .count = 1 };
	*hidden = start;
	assert_true(retired(cpu_eextend_page(&f->cpu)));
	assert_memory_equal(hidden, &page, sizeof(page));
	*hidden = start;
	prepare_operands(f);
	assert_true(retired(cpu_encls(&f->cpu)));
	assert_memory_equal(hidden, &leaf, sizeof(leaf));
}

int main(void)
{
	const struct table table = TABLE(prepare, cpu_encls, rows);
	const struct CMUnitTest others[] = {
		TEST(a_success_measures_offset_and_bytes),
		TEST(a_tcs_and_a_blocked_page_can_be_measured),
		TEST(a_whole_page_is_measured_as_by_sixteen_leaves),
		TEST(a_whole_page_faults_as_its_first_chunk_and_changes_nothing),
		TEST(what_is_staged_is_measured_where_it_is_staged),
	};

	return rows_run(&table, 1, others, COUNT(others));
}
