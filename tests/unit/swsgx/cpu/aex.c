// SPDX-License-Identifier: Apache-2.0
/* Asynchronous exits: what reaches the SSA frame, and the synthetic state that replaces it. */
#include "tests/unit/swsgx/cpu/rows.h"

#define TCS_LA ENC_LA(FIX_TCS)
#define AEP    UINT64_C(0x402000)

static struct sgx_gprsgx *gpr0(const struct fixture *f)
{
	return ssa_gpr(&f->epc, FIX_SSA);
}

static struct sgx_exinfo *exinfo0(const struct fixture *f)
{
	return (void *)((uint8_t *)gpr0(f) - sizeof(struct sgx_exinfo));
}

static void inside(struct fixture *f)
{
	fix_enclave(f);
	fix_enter(f);
	/* What the frame held before, as the enclave may have left it. */
	memset(exinfo0(f), 0xee, sizeof(struct sgx_exinfo));
	memset(gpr0(f)->reserved, 0xee, 3);
	gpr0(f)->aexnotify = 1;
	gpr0(f)->exitinfo = 0xeeeeeeee;
}

static void aex(struct fixture *f, uint8_t vector, uint32_t errcd, uint64_t addr)
{
	cpu_aex(&f->cpu, (struct trap){ .vector = vector, .errcd = errcd, .addr = addr });
}

static void the_synthetic_state_is_that_of_the_sdm(void **state)
{
	struct fixture *f = *state;
	struct cpu_regs outside, want;

	fix_enclave(f);
	outside = f->cpu.regs;
	fix_enter(f);
	f->cpu.regs.rsp = 1;
	f->cpu.regs.rbp = 2;
	f->cpu.regs.fsbase = 3;
	f->cpu.regs.gsbase = 4;
	f->cpu.regs.rflags = 0x202 | CPU_RFLAGS_CF | CPU_RFLAGS_PF | CPU_RFLAGS_AF | CPU_RFLAGS_ZF |
	                     CPU_RFLAGS_SF | CPU_RFLAGS_OF | CPU_RFLAGS_RF | CPU_RFLAGS_DF |
	                     0x240000;
	aex(f, TRAP_INTERRUPT, 0, 0);
	want = (struct cpu_regs){
		.rax = 3,
		.rbx = TCS_LA,
		.rcx = AEP,
		.rip = AEP,
		.rsp = outside.rsp,
		.rbp = outside.rbp,
		.rflags = 0x202 | CPU_RFLAGS_DF | 0x240000, /* DF, AC and ID stay */
		.fsbase = outside.fsbase,
		.gsbase = outside.gsbase,
	};
	assert_memory_equal(&f->cpu.regs, &want, sizeof(want));
	assert_false(f->cpu.enclave_mode);
	assert_int_equal(((struct sgx_tcs *)fix_epc(f, FIX_TCS))->cssa, 1);
	assert_int_equal(((struct sgx_tcs *)fix_epc(f, FIX_TCS))->state, 0);
	assert_int_equal(epc_inside(epc_hidden(&f->epc, FIX_SECS)), 0);
}

static void the_frame_holds_every_register(void **state)
{
	struct fixture *f = *state;
	struct cpu_regs was;
	uint64_t ursp, urbp;

	inside(f);
	fix_regs(f);
	ursp = gpr0(f)->ursp;
	urbp = gpr0(f)->urbp;
	was = f->cpu.regs;
	aex(f, TRAP_INTERRUPT, 0, 0);
	assert_memory_equal(gpr0(f), &was, offsetof(struct sgx_gprsgx, rflags));
	assert_int_equal(gpr0(f)->rflags, was.rflags);
	assert_int_equal(gpr0(f)->rip, was.rip);
	assert_int_equal(gpr0(f)->fsbase, was.fsbase);
	assert_int_equal(gpr0(f)->gsbase, was.gsbase);
	assert_int_equal(gpr0(f)->ursp, ursp);
	assert_int_equal(gpr0(f)->urbp, urbp);
	assert_int_equal(gpr0(f)->aexnotify, 1);
	assert_int_equal(gpr0(f)->reserved[0], 0xee);
}

static void saved_flags_have_rf_for_faults_and_never_tf(void **state)
{
	struct fixture *f = *state;
	const struct {
		uint8_t vector;
		bool rf;
	} cases[] = { { TRAP_PF, true }, { TRAP_GP, true },         { TRAP_UD, true },
		      { TRAP_BP, true }, { TRAP_INTERRUPT, false }, { TRAP_DB, false } };

	fix_enclave(f);
	for (size_t i = 0; i < COUNT(cases); i++) {
		fix_enter(f);
		f->cpu.regs.rflags |= CPU_RFLAGS_TF;
		aex(f, cases[i].vector, 0, 0);
		assert_int_equal(gpr0(f)->rflags & CPU_RFLAGS_RF, cases[i].rf ? CPU_RFLAGS_RF : 0);
		assert_int_equal(gpr0(f)->rflags & CPU_RFLAGS_TF, 0);
		((struct sgx_tcs *)fix_epc(f, FIX_TCS))->cssa = 0;
	}
}

static void single_stepping_outside_is_as_it_was_at_entry(void **state)
{
	struct fixture *f = *state;

	fix_enclave(f);
	f->cpu.regs.rflags |= CPU_RFLAGS_TF;
	fix_enter(f);
	aex(f, TRAP_INTERRUPT, 0, 0);
	assert_int_equal(f->cpu.regs.rflags & CPU_RFLAGS_TF, CPU_RFLAGS_TF);
	f->cpu.regs.rflags &= ~(uint64_t)CPU_RFLAGS_TF;
	assert_true(retired(cpu_enclu(&f->cpu)));
	f->cpu.regs.rflags |= CPU_RFLAGS_TF; /* no POPF inside can do this */
	aex(f, TRAP_INTERRUPT, 0, 0);
	assert_int_equal(f->cpu.regs.rflags & CPU_RFLAGS_TF, 0);
	/* With DBGOPTIN nothing is suspended, so nothing comes back. */
	((struct sgx_tcs *)fix_epc(f, FIX_TCS))->flags = SGX_TCS_DBGOPTIN;
	assert_true(retired(cpu_enclu(&f->cpu)));
	f->cpu.regs.rflags |= CPU_RFLAGS_TF;
	aex(f, TRAP_DB, 0, 0);
	assert_int_equal(f->cpu.regs.rflags & CPU_RFLAGS_TF, CPU_RFLAGS_TF);
}

static void exitinfo_names_the_exceptions_the_sdm_reports(void **state)
{
	struct fixture *f = *state;
	const struct {
		uint8_t vector;
		uint32_t exitinfo;
	} cases[] = {
		{ TRAP_DE, 0x80000300 },
		{ TRAP_DB, 0x80000301 },
		{ 2, 0 },
		{ TRAP_BP, 0x80000603 },
		{ 4, 0 },
		{ TRAP_BR, 0x80000305 },
		{ TRAP_UD, 0x80000306 },
		{ 7, 0 },
		{ 8, 0 },
		{ 10, 0 },
		{ 11, 0 },
		{ 12, 0 },
		{ TRAP_GP, 0x8000030d },
		{ TRAP_PF, 0x8000030e },
		{ TRAP_MF, 0x80000310 },
		{ TRAP_AC, 0x80000311 },
		{ 18, 0 },
		{ TRAP_XM, 0x80000313 },
		{ TRAP_INTERRUPT, 0 },
		{ 21, 0 },
	};

	fix_enclave(f);
	for (size_t i = 0; i < COUNT(cases); i++) {
		fix_enter(f);
		aex(f, cases[i].vector, 0, 0);
		assert_int_equal(gpr0(f)->exitinfo, cases[i].exitinfo);
		((struct sgx_tcs *)fix_epc(f, FIX_TCS))->cssa = 0;
	}
}

static void exinfo_has_the_full_address_of_a_page_fault(void **state)
{
	struct fixture *f = *state;

	inside(f);
	aex(f, TRAP_PF, 0x8007, ENC_LA(FIX_DATA) + 0x123);
	assert_int_equal(exinfo0(f)->maddr, ENC_LA(FIX_DATA) + 0x123);
	assert_int_equal(exinfo0(f)->errcd, 0x8007);
	assert_int_equal(exinfo0(f)->reserved, 0);
}

static void exinfo_has_no_address_for_gp(void **state)
{
	struct fixture *f = *state;

	inside(f);
	aex(f, TRAP_GP, 0x18, 0x1234);
	assert_int_equal(exinfo0(f)->maddr, 0);
	assert_int_equal(exinfo0(f)->errcd, 0x18);
}

static void exinfo_is_left_alone_by_other_events(void **state)
{
	struct fixture *f = *state;

	inside(f);
	aex(f, TRAP_UD, 0, 0);
	assert_int_equal(exinfo0(f)->maddr, UINT64_C(0xeeeeeeeeeeeeeeee));
}

static void without_exinfo_pf_and_gp_are_not_reported(void **state)
{
	struct fixture *f = *state;

	f->secs.miscselect = 0;
	inside(f);
	aex(f, TRAP_PF, 0x8007, ENC_LA(FIX_DATA));
	assert_int_equal(gpr0(f)->exitinfo, 0);
	assert_int_equal(exinfo0(f)->maddr, UINT64_C(0xeeeeeeeeeeeeeeee));
	fix_enter(f);
	aex(f, TRAP_UD, 0, 0);
	assert_int_equal(ssa_gpr(&f->epc, FIX_SSA1)->exitinfo, 0x80000306);
}

static void fill_xsave(struct fixture *f, uint64_t bv)
{
	memset(f->xsave, 0x6b, sizeof(f->xsave));
	memset(f->xsave + 512, 0, 64);
	memcpy(f->xsave + 24, &(uint64_t){ UINT64_C(0xffff00001f80) }, 8);
	memcpy(f->xsave + 512, &bv, 8);
}

static uint64_t bv_of(const uint8_t *xsave)
{
	uint64_t bv;

	memcpy(&bv, xsave + 512, 8);
	return bv;
}

static void extended_state_goes_to_the_frame_and_is_initialised(void **state)
{
	struct fixture *f = *state;
	uint8_t *frame = fix_epc(f, FIX_SSA);
	uint32_t mxcsr;

	inside(f);
	memset(frame, 0x99, 2696);
	fill_xsave(f, 0x2e7);
	aex(f, TRAP_INTERRUPT, 0, 0);
	for (size_t i = 0; i < 416; i++)
		if (i < 24 || (i >= 32 && i < 416))
			assert_int_equal(frame[i], 0x6b);
	assert_int_equal(frame[464], 0x99); /* software's */
	assert_int_equal(frame[511], 0x99);
	assert_int_equal(frame[536], 0x99);
	assert_int_equal(bv_of(frame), 0xe7);
	assert_true(bytes_zero(frame + 520, 16));
	assert_int_equal(frame[2688], 0x99); /* PKRU: not in XFRM */
	assert_int_equal(frame[576], 0x6b);
	assert_int_equal(frame[1664 + 1023], 0x6b);
	/* And the processor: */
	memcpy(&mxcsr, f->xsave + 24, 4);
	assert_int_equal(mxcsr, 0x1fb0);
	assert_int_equal(f->xsave[0] | f->xsave[1] << 8, 0x037f);
	assert_int_equal(f->xsave[2] | f->xsave[3] << 8, 0);
	assert_true(bytes_zero(f->xsave + 4, 20));
	assert_true(bytes_zero(f->xsave + 32, 128 + 256));
	assert_true(bytes_zero(f->xsave + 576, 256));
	assert_true(bytes_zero(f->xsave + 1088, 1600));
	assert_int_equal(f->xsave[2688], 0x6b); /* PKRU: not in XFRM */
	assert_int_equal(bv_of(f->xsave), 0x202);
}

static void components_in_their_initial_state_are_saved_so(void **state)
{
	struct fixture *f = *state;
	uint8_t *frame = fix_epc(f, FIX_SSA);

	inside(f);
	memset(frame, 0x99, 2000);
	fill_xsave(f, 0x200); /* the bytes of what is not in use mean nothing */
	aex(f, TRAP_INTERRUPT, 0, 0);
	assert_int_equal(bv_of(frame), 0);
	assert_int_equal(frame[0] | frame[1] << 8, 0x037f);
	assert_true(bytes_zero(frame + 2, 22));
	assert_true(bytes_zero(frame + 160, 256));
	assert_true(bytes_zero(frame + 576, 256));
}

static void mf_and_xm_leave_their_own_control_words(void **state)
{
	struct fixture *f = *state;
	uint32_t mxcsr;

	inside(f);
	fill_xsave(f, 0xe7);
	aex(f, TRAP_MF, 0, 0);
	assert_int_equal(f->xsave[0] | f->xsave[1] << 8, 0x037e);
	assert_int_equal(f->xsave[2] | f->xsave[3] << 8, 0x8081);
	assert_int_equal(bv_of(f->xsave) & 1, 1);
	fix_enter(f);
	fill_xsave(f, 0xe7);
	aex(f, TRAP_XM, 0, 0);
	memcpy(&mxcsr, f->xsave + 24, 4);
	assert_int_equal(mxcsr, 0x1f01);
}

static void a_processor_without_extended_state_saves_the_initial_one(void **state)
{
	struct fixture *f = *state;
	uint8_t *frame = fix_epc(f, FIX_SSA);

	inside(f);
	memset(frame, 0x99, 2000);
	f->cpu.xsave = NULL;
	aex(f, TRAP_INTERRUPT, 0, 0);
	assert_int_equal(bv_of(frame), 0);
	assert_int_equal(frame[24] | frame[25] << 8, 0x1f80);
	assert_true(retired(cpu_enclu(&f->cpu)));
}

static void aex_goes_to_the_pages_of_entry_whatever_became_of_them(void **state)
{
	struct fixture *f = *state;

	inside(f);
	fix_find(f, ENC_LA(FIX_SSA))->present = false;
	f->epcm[FIX_SSA].blocked = 1;
	f->cpu.regs.r9 = 0x99;
	aex(f, TRAP_INTERRUPT, 0, 0);
	assert_int_equal(gpr0(f)->r9, 0x99);
}

static void nested_frames_are_a_stack(void **state)
{
	struct fixture *f = *state;
	const struct sgx_tcs *tcs = fix_epc(f, FIX_TCS);

	inside(f);
	gpr0(f)->aexnotify = 0;
	f->cpu.regs.r8 = 0xa0;
	aex(f, TRAP_UD, 0, 0);
	fix_enter(f); /* the handler */
	assert_int_equal(f->cpu.regs.rax, 1);
	f->cpu.regs.r8 = 0xb0;
	aex(f, TRAP_INTERRUPT, 0, 0);
	assert_int_equal(tcs->cssa, 2);
	assert_int_equal(gpr0(f)->r8, 0xa0);
	assert_int_equal(ssa_gpr(&f->epc, FIX_SSA1)->r8, 0xb0);
	/* No frame is left: no entry, but the handler resumes. */
	fix_assert_trap(fix_enclu(f, SGX_EENTER, TCS_LA, AEP, 0), GP0);
	assert_true(retired(fix_enclu(f, SGX_ERESUME, TCS_LA, AEP, 0)));
	assert_int_equal(f->cpu.regs.r8, 0xb0);
	gpr0(f)->r8 = 0xc0; /* the handler edits what was interrupted */
	assert_true(retired(fix_enclu(f, SGX_EEXIT, 0x403000, 0, 0)));
	assert_int_equal(tcs->cssa, 1);
	assert_true(retired(fix_enclu(f, SGX_ERESUME, TCS_LA, AEP, 0)));
	assert_int_equal(f->cpu.regs.r8, 0xc0);
	assert_int_equal(tcs->cssa, 0);
}

static void a_fault_of_a_leaf_inside_resumes_at_the_leaf(void **state)
{
	struct fixture *f = *state;
	uint64_t rip;
	struct trap t;

	inside(f);
	gpr0(f)->aexnotify = 0;
	rip = f->cpu.regs.rip;
	t = fix_enclu(f, SGX_EREPORT, ENC_LA(FIX_DATA) + 1, 0, 0);
	fix_assert_trap(t, GP0);
	cpu_aex(&f->cpu, t);
	assert_int_equal(gpr0(f)->rip, rip);
	assert_true(retired(cpu_enclu(&f->cpu)));
	assert_int_equal(f->cpu.regs.rip, rip);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_synthetic_state_is_that_of_the_sdm),
		TEST(the_frame_holds_every_register),
		TEST(saved_flags_have_rf_for_faults_and_never_tf),
		TEST(single_stepping_outside_is_as_it_was_at_entry),
		TEST(exitinfo_names_the_exceptions_the_sdm_reports),
		TEST(exinfo_has_the_full_address_of_a_page_fault),
		TEST(exinfo_has_no_address_for_gp),
		TEST(exinfo_is_left_alone_by_other_events),
		TEST(without_exinfo_pf_and_gp_are_not_reported),
		TEST(extended_state_goes_to_the_frame_and_is_initialised),
		TEST(components_in_their_initial_state_are_saved_so),
		TEST(mf_and_xm_leave_their_own_control_words),
		TEST(a_processor_without_extended_state_saves_the_initial_one),
		TEST(aex_goes_to_the_pages_of_entry_whatever_became_of_them),
		TEST(nested_frames_are_a_stack),
		TEST(a_fault_of_a_leaf_inside_resumes_at_the_leaf),
	};

	return rows_run(NULL, 0, tests, COUNT(tests));
}
