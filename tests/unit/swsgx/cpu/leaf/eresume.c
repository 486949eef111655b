// SPDX-License-Identifier: Apache-2.0
/* ERESUME: every check of the SDM's pseudocode; that it gives back what AEX took; AEX-Notify. */
#include "tests/unit/swsgx/cpu/rows.h"

#define TCS_LA  ENC_LA(FIX_TCS)
#define SSA_LA  ENC_LA(FIX_SSA)
#define RBX_FFF (TCS_LA + 0xfff)
#define AEP     UINT64_C(0x402000)

#define TCS(field, value)  EPC(FIX_TCS, struct sgx_tcs, field, value)
#define SECS(field, value) EPC(FIX_SECS, struct sgx_secs, field, value)
#define GPR(field, value)                                                     \
	{                                                                     \
		POKE_EPC, FIX_SSA,                                            \
			SGX_PAGE_SIZE - sizeof(struct sgx_gprsgx) +           \
				offsetof(struct sgx_gprsgx, field),           \
			sizeof(((struct sgx_gprsgx *)0)->field), value, false \
	}

/* Interrupted once, and about to be resumed from somewhere else. */
static void prepare(struct fixture *f)
{
	fix_enclave(f);
	fix_enter(f);
	cpu_aex(&f->cpu, (struct trap){ .vector = TRAP_INTERRUPT });
	fix_regs(f);
	f->cpu.regs.rax = SGX_ERESUME;
	f->cpu.regs.rbx = TCS_LA;
	f->cpu.regs.rcx = AEP;
}

/* The enclave and its thread want to be told of an AEX, and the interrupted frame says so. */
static void prepare_notify(struct fixture *f)
{
	f->secs.attributes.flags |= SGX_ATTR_AEXNOTIFY;
	f->tcs.flags = SGX_TCS_AEXNOTIFY;
	prepare(f);
	ssa_gpr(&f->epc, FIX_SSA)->aexnotify = 1;
}

static const struct row rows[] = {
	ROW_GP("TCS not page-aligned", REG(rbx, TCS_LA + 64)),
	ROW_PF("TCS absent", FIX_NOWHERE + 0xfff, PF_U | PF_W, REG(rbx, FIX_NOWHERE)),
	ROW_PF("TCS in ordinary memory", RAM_LA(0) + 0xfff, PF_ENCLU_WRITE, REG(rbx, RAM_LA(0))),
	ROW_GP("AEP not canonical", REG(rcx, FIX_ODD)),
	ROW_PF("TCS not valid", TCS_LA, PF_ENCLU_WRITE, EPCM(FIX_TCS, valid, 0)),
	ROW_PF("TCS blocked", TCS_LA, PF_ENCLU_WRITE, EPCM(FIX_TCS, blocked, 1)),
	ROW_PF("TCS pending", TCS_LA, PF_ENCLU_WRITE, EPCM(FIX_TCS, pending, 1)),
	ROW_PF("TCS modified", TCS_LA, PF_ENCLU_WRITE, EPCM(FIX_TCS, modified, 1)),
	ROW_PF("page is no TCS", ENC_LA(FIX_DATA), PF_ENCLU_WRITE, REG(rbx, ENC_LA(FIX_DATA))),
	ROW_GP("OSSA not page-aligned", TCS(ossa, FIX_SSA * 0x1000 + 8)),
	ROW_GP("OFSBASE not page-aligned", TCS(ofsbase, 8)),
	ROW_GP("OGSBASE not page-aligned", TCS(ogsbase, 8)),
	ROW_GP("TCS.FLAGS reserved bit", TCS(flags, 4)),
	ROW_GP("enclave not initialized", SECS(attributes.flags, SGX_ATTR_MODE64BIT)),
	ROW_GP("32-bit enclave in 64-bit mode", SECS(attributes.flags, SGX_ATTR_INIT)),
	ROW_GP("XFRM beyond XCR0", PLATFORM(xfrm_mask, 7)),
	ROW_GP("AEX-Notify of thread and enclave differ", TCS(flags, SGX_TCS_AEXNOTIFY)),
	ROW_GP("nothing to resume", TCS(cssa, 0)),
	ROW_PF("SSA absent", SSA_LA, PF_U | PF_W, MAP(SSA_LA, present, false)),
	ROW_PF("SSA not valid", SSA_LA, PF_ENCLU_WRITE, EPCM(FIX_SSA, valid, 0)),
	ROW_PF("SSA without R", SSA_LA, PF_ENCLU_WRITE, EPCM(FIX_SSA, r, 0)),
	ROW_PF("SSA without W", SSA_LA, PF_ENCLU_WRITE, EPCM(FIX_SSA, w, 0)),
	ROW_GP("saved RIP not canonical", GPR(rip, FIX_ODD)),
	ROW_GP("saved FS base not canonical", GPR(fsbase, FIX_ODD)),
	ROW_GP("saved GS base not canonical", GPR(gsbase, FIX_ODD)),
	ROW_GP("TCS busy", TCS(state, 1)),
	ROW_GP("XSTATE_BV with a component outside XFRM", EPC_BYTE(FIX_SSA, 513, 2)),
	ROW_GP("XCOMP_BV not zero", EPC_BYTE(FIX_SSA, 527, 0x80)),
	ROW_GP("XSAVE header reserved byte", EPC_BYTE(FIX_SSA, 535, 1)),
	ROW_GP("MXCSR reserved bit", EPC_BYTE(FIX_SSA, 26, 1)),
};

static const struct row notify_rows[] = {
	ROW_GP("notify: no frame for the handler", TCS(nssa, 1)),
	ROW_PF("notify: the handler's frame not valid", ENC_LA(FIX_SSA1), PF_ENCLU_WRITE,
	       EPCM(FIX_SSA1, valid, 0)),
	ROW_GP("notify: entry point not canonical", TCS(oentry, FIX_ODD)),
	ROW_GP("notify: FS base not canonical", TCS(ofsbase, FIX_ODD)),
	ROW_GP("notify: GS base not canonical", TCS(ogsbase, FIX_ODD)),
	ROW_GP("notify: TCS busy", TCS(state, 1)),
};

static void set_inside(struct fixture *f)
{
	uint64_t bv = 0x2e7;

	f->cpu.regs = (struct cpu_regs){
		.rax = 1,
		.rcx = 2,
		.rdx = 3,
		.rbx = 4,
		.rsp = 5,
		.rbp = 6,
		.rsi = 7,
		.rdi = 8,
		.r8 = 9,
		.r9 = 10,
		.r10 = 11,
		.r11 = 12,
		.r12 = 13,
		.r13 = 14,
		.r14 = 15,
		.r15 = 16,
		.rflags = 0x202 | CPU_RFLAGS_CF | CPU_RFLAGS_OF | CPU_RFLAGS_DF,
		.rip = ENC_LA(FIX_CODE) + 0x123,
		.fsbase = 0x777000,
		.gsbase = 0x888000,
	};
	for (size_t i = 0; i < sizeof(f->xsave); i++)
		f->xsave[i] = (uint8_t)(i * 13 + 5);
	memcpy(f->xsave + 24, &(uint64_t){ UINT64_C(0xffff00001fa0) }, 8);
	memset(f->xsave + 512, 0, 64);
	memcpy(f->xsave + 512, &bv, 8);
}

static void aex_and_eresume_give_back_every_register(void **state)
{
	struct fixture *f = *state;
	uint8_t xsave[FIX_XSAVE];
	struct cpu_regs want;

	fix_enclave(f);
	fix_enter(f);
	set_inside(f);
	want = f->cpu.regs;
	memcpy(xsave, f->xsave, sizeof(xsave));
	cpu_aex(&f->cpu, (struct trap){ .vector = TRAP_INTERRUPT });
	assert_memory_not_equal(f->xsave, xsave, sizeof(xsave));
	assert_int_equal(f->cpu.regs.rsp, UINT64_C(0x5555555555555555) + 4); /* fix_regs */
	assert_true(retired(cpu_enclu(&f->cpu)));
	assert_memory_equal(&f->cpu.regs, &want, sizeof(want));
	assert_memory_equal(f->xsave, xsave, sizeof(xsave));
	assert_int_equal(((struct sgx_tcs *)fix_epc(f, FIX_TCS))->cssa, 0);
	assert_int_equal(((struct sgx_tcs *)fix_epc(f, FIX_TCS))->state, 1);
}

static void the_resumed_thread_leaves_by_the_new_aep_and_segments(void **state)
{
	struct fixture *f = *state;

	prepare(f);
	f->cpu.regs.rcx = 0x405000;
	f->cpu.regs.fsbase = 0x1000;
	f->cpu.regs.gsbase = 0x2000;
	assert_true(retired(cpu_enclu(&f->cpu)));
	assert_int_equal(f->cpu.regs.fsbase, FIX_BASE + f->tcs.ofsbase);
	cpu_aex(&f->cpu, (struct trap){ .vector = TRAP_INTERRUPT });
	assert_int_equal(f->cpu.regs.rip, 0x405000);
	assert_int_equal(f->cpu.regs.fsbase, 0x1000);
	assert_int_equal(f->cpu.regs.gsbase, 0x2000);
	/* The stack is still that of the EENTER. */
	assert_int_equal(f->cpu.regs.rsp, UINT64_C(0x5555555555555555) + 4);
}

static void components_in_their_initial_state_are_resumed_so(void **state)
{
	struct fixture *f = *state;
	uint64_t bv = 0;

	prepare(f);
	memcpy((uint8_t *)fix_epc(f, FIX_SSA) + 512, &bv, 8);
	memcpy((uint8_t *)fix_epc(f, FIX_SSA) + 24, &(uint32_t){ 0x1f80 }, 4);
	memset(f->xsave, 0xcc, 512);
	memset(f->xsave + 576, 0xcc, sizeof(f->xsave) - 576);
	memcpy(f->xsave + 512, &(uint64_t){ 0x2e7 }, 8);
	assert_true(retired(cpu_enclu(&f->cpu)));
	memcpy(&bv, f->xsave + 512, 8);
	assert_int_equal(bv, 0x200); /* PKRU is not in XFRM: not the enclave's */
	assert_int_equal(f->xsave[0], 0x7f);
	assert_int_equal(f->xsave[1], 0x03);
	assert_true(bytes_zero(f->xsave + 160, 256));
	assert_true(bytes_zero(f->xsave + 576, 256));
	assert_int_equal(f->xsave[2688], 0xcc);
}

static void flags_come_from_the_frame_but_tf_if_and_iopl(void **state)
{
	struct fixture *f = *state;

	prepare(f);
	ssa_gpr(&f->epc, FIX_SSA)->rflags = ~UINT64_C(0);
	f->cpu.regs.rflags = 0x202;
	assert_true(retired(cpu_enclu(&f->cpu)));
	/* CF PF AF ZF SF DF OF NT RF AC ID, and IF which was set */
	assert_int_equal(f->cpu.regs.rflags, 0x254ed7 | 0x200);
}

static void single_stepping_waits_outside(void **state)
{
	struct fixture *f = *state;

	prepare(f);
	f->cpu.regs.rflags |= CPU_RFLAGS_TF;
	assert_true(retired(cpu_enclu(&f->cpu)));
	assert_int_equal(f->cpu.regs.rflags & CPU_RFLAGS_TF, 0);
	cpu_aex(&f->cpu, (struct trap){ .vector = TRAP_INTERRUPT });
	assert_int_equal(f->cpu.regs.rflags & CPU_RFLAGS_TF, CPU_RFLAGS_TF);
}

static void eresume_does_not_ask_for_a_free_frame(void **state)
{
	struct fixture *f = *state;

	f->tcs.nssa = 1;
	prepare(f);
	assert_true(retired(cpu_enclu(&f->cpu)));
}

static void notify_enters_with_the_interrupted_frame_pending(void **state)
{
	struct fixture *f = *state;
	const struct sgx_tcs *tcs = fix_epc(f, FIX_TCS);
	struct cpu_regs before;

	prepare_notify(f);
	before = f->cpu.regs;
	assert_true(retired(cpu_enclu(&f->cpu)));
	assert_int_equal(f->cpu.regs.rax, 1);
	assert_int_equal(f->cpu.regs.rcx, before.rip + 3);
	assert_int_equal(f->cpu.regs.rip, FIX_BASE + f->tcs.oentry);
	assert_int_equal(f->cpu.regs.rdx, before.rdx);
	assert_int_equal(f->cpu.regs.fsbase, FIX_BASE + f->tcs.ofsbase);
	assert_int_equal(tcs->cssa, 1);
	assert_int_equal(ssa_gpr(&f->epc, FIX_SSA1)->ursp, before.rsp);
	assert_int_equal(ssa_gpr(&f->epc, FIX_SSA1)->urbp, before.rbp);
	assert_int_equal(f->cpu.gpr_index, FIX_SSA1);
	cpu_aex(&f->cpu, (struct trap){ .vector = TRAP_INTERRUPT });
	assert_int_equal(tcs->cssa, 2);
}

static void without_the_frames_bit_notify_resumes(void **state)
{
	struct fixture *f = *state;

	prepare_notify(f);
	ssa_gpr(&f->epc, FIX_SSA)->aexnotify = 0xfe;
	assert_true(retired(cpu_enclu(&f->cpu)));
	assert_int_equal(((struct sgx_tcs *)fix_epc(f, FIX_TCS))->cssa, 0);
}

int main(void)
{
	const struct table tables[] = {
		TABLE(prepare, cpu_enclu, rows),
		TABLE(prepare_notify, cpu_enclu, notify_rows),
	};
	const struct CMUnitTest others[] = {
		TEST(aex_and_eresume_give_back_every_register),
		TEST(the_resumed_thread_leaves_by_the_new_aep_and_segments),
		TEST(components_in_their_initial_state_are_resumed_so),
		TEST(flags_come_from_the_frame_but_tf_if_and_iopl),
		TEST(single_stepping_waits_outside),
		TEST(eresume_does_not_ask_for_a_free_frame),
		TEST(notify_enters_with_the_interrupted_frame_pending),
		TEST(without_the_frames_bit_notify_resumes),
	};

	return rows_run(tables, COUNT(tables), others, COUNT(others));
}
