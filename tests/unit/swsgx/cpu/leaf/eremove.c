// SPDX-License-Identifier: Apache-2.0
/* EREMOVE: what it refuses, and what it takes away. */
#include "tests/unit/swsgx/cpu/rows.h"

static void prepare(struct fixture *f)
{
	fix_enclave(f);
	f->cpu.regs.rax = SGX_EREMOVE;
	f->cpu.regs.rcx = EPC_LA(FIX_DATA);
}

/* Another processor is inside. */
static void prepare_inside(struct fixture *f)
{
	fix_enclave(f);
	fix_enter(f);
	f->cpu.enclave_mode = false;
	f->cpu.regs.rax = SGX_EREMOVE;
	f->cpu.regs.rcx = EPC_LA(FIX_DATA);
}

static const struct row rows[] = {
	ROW_GP("page not aligned", REG(rcx, EPC_LA(FIX_DATA) + 8)),
	ROW_PF("page in ordinary memory", RAM_LA(0), PF_ENCLS, REG(rcx, RAM_LA(0))),
	ROW_PF("page absent", FIX_NOWHERE, PF_W, REG(rcx, FIX_NOWHERE)),
	ROW_CODE("SECS with children", SGX_CHILD_PRESENT, REG(rcx, EPC_LA(FIX_SECS))),
};

static const struct row inside_rows[] = {
	ROW_CODE("page of an enclave with a thread inside", SGX_ENCLAVE_ACT, REG(rdx, 0)),
	ROW_CODE("TCS of a thread inside", SGX_ENCLAVE_ACT, REG(rcx, EPC_LA(FIX_TCS))),
	ROW_CODE("trimmed page not yet accepted", SGX_ENCLAVE_ACT, EPCM(FIX_DATA, pt, SGX_PT_TRIM),
	         EPCM(FIX_DATA, modified, 1)),
};

static void assert_removes(struct fixture *f, uint32_t page, uint64_t children)
{
	struct cpu_regs *r = &f->cpu.regs;
	uint64_t rip = r->rip;

	r->rflags |= CPU_RFLAGS_ZF | CPU_RFLAGS_CF;
	fix_assert_code(f, fix_encls(f, SGX_EREMOVE, 0, fix_epc_la(page), 0), SGX_SUCCESS);
	assert_int_equal(r->rip, rip + 3);
	assert_int_equal(f->epcm[page].valid, 0);
	assert_int_equal(epc_hidden(&f->epc, FIX_SECS)->children, children);
}

static void pages_go_and_the_secs_last(void **state)
{
	struct fixture *f = *state;
	uint64_t children = FIX_COUNT - 1;

	fix_enclave(f);
	assert_int_equal(epc_hidden(&f->epc, FIX_SECS)->children, children);
	for (uint32_t page = FIX_TCS; page < FIX_COUNT; page++)
		assert_removes(f, page, --children);
	assert_removes(f, FIX_SECS, 0);
}

static void a_page_that_is_not_valid_succeeds_without_effect(void **state)
{
	struct fixture *f = *state;

	fix_enclave(f);
	assert_removes(f, FIX_FREE, FIX_COUNT - 1);
	assert_removes(f, FIX_DATA, FIX_COUNT - 2);
	assert_removes(f, FIX_DATA, FIX_COUNT - 2);
}

static void an_accepted_trimmed_page_goes_while_threads_run(void **state)
{
	struct fixture *f = *state;

	prepare_inside(f);
	f->epcm[FIX_DATA].pt = SGX_PT_TRIM;
	assert_removes(f, FIX_DATA, FIX_COUNT - 2);
}

static void a_va_page_goes_while_threads_run(void **state)
{
	struct fixture *f = *state;

	prepare_inside(f);
	epcm_set(&f->epcm[FIX_FREE], SGX_PT_VA, 0, 0, 0);
	assert_removes(f, FIX_FREE, FIX_COUNT - 1);
}

static void pages_go_once_the_last_thread_has_left(void **state)
{
	struct fixture *f = *state;

	fix_enclave(f);
	fix_enter(f);
	cpu_aex(&f->cpu, (struct trap){ .vector = TRAP_INTERRUPT });
	assert_removes(f, FIX_TCS, FIX_COUNT - 2);
}

static void an_enclave_that_never_ran_can_be_removed(void **state)
{
	struct fixture *f = *state;

	fix_build(f);
	assert_removes(f, FIX_DATA, FIX_COUNT - 2);
}

int main(void)
{
	const struct table tables[] = {
		TABLE(prepare, cpu_encls, rows),
		TABLE(prepare_inside, cpu_encls, inside_rows),
	};
	const struct CMUnitTest others[] = {
		TEST(pages_go_and_the_secs_last),
		TEST(a_page_that_is_not_valid_succeeds_without_effect),
		TEST(an_accepted_trimmed_page_goes_while_threads_run),
		TEST(a_va_page_goes_while_threads_run),
		TEST(pages_go_once_the_last_thread_has_left),
		TEST(an_enclave_that_never_ran_can_be_removed),
	};

	return rows_run(tables, COUNT(tables), others, COUNT(others));
}
