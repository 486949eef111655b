// SPDX-License-Identifier: Apache-2.0
/* cpu_access: every row of the SDM's access-control table. */
#include "tests/unit/swsgx/cpu/rows.h"

static void expect(struct fixture *f, uint64_t la, uint32_t access, struct trap want)
{
	struct snapshot *before = fix_snapshot(f);

	fix_assert_trap(cpu_access(&f->cpu, la, access), want);
	fix_assert_same(f, before, false);
}

static struct trap pf(uint64_t la, uint32_t errcd)
{
	return (struct trap){ .vector = TRAP_PF, .errcd = errcd, .addr = la };
}

static void inside(struct fixture *f)
{
	fix_enclave(f);
	fix_enter(f);
}

static void pages_allow_what_the_epcm_allows(void **state)
{
	struct fixture *f = *state;
	uint64_t data = ENC_LA(FIX_DATA) + 0x123, code = ENC_LA(FIX_CODE), ro = ENC_LA(FIX_CONST);

	inside(f);
	expect(f, data, 0, RETIRED);
	expect(f, data, PF_W, RETIRED);
	expect(f, data, PF_I, pf(data, 0x8015));
	expect(f, code, 0, RETIRED);
	expect(f, code, PF_W, pf(code, 0x8007));
	expect(f, code, PF_I, RETIRED);
	expect(f, ro, 0, RETIRED);
	expect(f, ro, PF_W, pf(ro, 0x8007));
	expect(f, ro, PF_I, pf(ro, 0x8015));
}

static void pages_that_are_no_reg_pages_are_refused(void **state)
{
	struct fixture *f = *state;

	inside(f);
	expect(f, ENC_LA(FIX_TCS), 0, pf(ENC_LA(FIX_TCS), 0x8005));
	expect(f, ENC_LA(FIX_TCS), PF_W, pf(ENC_LA(FIX_TCS), 0x8007));
	f->epcm[FIX_DATA].pt = SGX_PT_TRIM;
	expect(f, ENC_LA(FIX_DATA), 0, pf(ENC_LA(FIX_DATA), 0x8005));
}

static void pages_in_transition_are_refused(void **state)
{
	struct fixture *f = *state;
	uint64_t la = ENC_LA(FIX_DATA);
	struct epcm_entry good;

	inside(f);
	good = f->epcm[FIX_DATA];
#define REFUSED(field, value)                     \
	do {                                      \
		f->epcm[FIX_DATA].field = value;  \
		expect(f, la, 0, pf(la, 0x8005)); \
		f->epcm[FIX_DATA] = good;         \
	} while (0)
	REFUSED(valid, 0);
	REFUSED(blocked, 1);
	REFUSED(pending, 1);
	REFUSED(modified, 1);
	REFUSED(secs, FIX_FREE);
	REFUSED(enclaveaddress, la + 0x1000);
	REFUSED(r, 0);
	f->epcm[FIX_DATA].pr = 1; /* does not forbid */
	expect(f, la, 0, RETIRED);
}

static void paging_comes_first(void **state)
{
	struct fixture *f = *state;
	uint64_t la = ENC_LA(FIX_DATA);

	inside(f);
	fix_find(f, la)->writable = false;
	expect(f, la, PF_W, pf(la, PF_P | PF_U | PF_W));
	expect(f, la, 0, RETIRED);
	fix_find(f, la)->present = false;
	f->epcm[FIX_DATA].valid = 0;
	expect(f, la, 0, pf(la, PF_U));
	expect(f, la, PF_W, pf(la, PF_U | PF_W));
	fix_find(f, ENC_LA(FIX_CODE))->executable = false;
	expect(f, ENC_LA(FIX_CODE), PF_I, pf(ENC_LA(FIX_CODE), PF_P | PF_U | PF_I));
	expect(f, FIX_NOWHERE, PF_I, pf(FIX_NOWHERE, PF_U | PF_I));
	expect(f, FIX_ODD, 0, GP0);
}

static void outside_elrange_data_is_free_and_fetching_is_gp(void **state)
{
	struct fixture *f = *state;

	inside(f);
	expect(f, RAM_LA(0), 0, RETIRED);
	expect(f, RAM_LA(0), PF_W, RETIRED);
	expect(f, RAM_LA(0), PF_I, GP0);
	expect(f, EPC_LA(FIX_DATA), 0, RETIRED); /* the abort page */
	expect(f, EPC_LA(FIX_CODE), PF_I, GP0);
}

static void ordinary_memory_inside_elrange_is_refused(void **state)
{
	struct fixture *f = *state;
	uint64_t la = FIX_BASE + FIX_SIZE - 0x1000;

	inside(f);
	fix_map_page(f, la, EPC_NONE, fix_ram(f, RAM_OTHER));
	expect(f, la, 0, pf(la, 0x8005));
	expect(f, la, PF_I, pf(la, 0x8015));
}

static void a_page_beyond_the_epc_is_ordinary_memory(void **state)
{
	struct fixture *f = *state;
	uint64_t la = ENC_LA(FIX_DATA);

	inside(f);
	fix_find(f, la)->epc_index = FIX_EPC_PAGES;
	expect(f, la, 0, pf(la, 0x8005));
}

static void outside_the_enclave_the_epc_is_the_abort_page(void **state)
{
	struct fixture *f = *state;

	fix_enclave(f);
	expect(f, ENC_LA(FIX_DATA), 0, RETIRED);
	expect(f, ENC_LA(FIX_TCS), PF_W, RETIRED);
	expect(f, FIX_NOWHERE, 0, pf(FIX_NOWHERE, PF_U));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pages_allow_what_the_epcm_allows),
		TEST(pages_that_are_no_reg_pages_are_refused),
		TEST(pages_in_transition_are_refused),
		TEST(paging_comes_first),
		TEST(outside_elrange_data_is_free_and_fetching_is_gp),
		TEST(ordinary_memory_inside_elrange_is_refused),
		TEST(a_page_beyond_the_epc_is_ordinary_memory),
		TEST(outside_the_enclave_the_epc_is_the_abort_page),
	};

	return rows_run(NULL, 0, tests, COUNT(tests));
}
