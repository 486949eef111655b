// SPDX-License-Identifier: Apache-2.0
/* EENTER: every check of the SDM's pseudocode, what a success does, and who gets a busy TCS. */
#include "swsgx/cpu/entry.h"
#include "tests/unit/swsgx/cpu/rows.h"

#include <pthread.h>

#define TCS_LA  ENC_LA(FIX_TCS)
#define SSA_LA  ENC_LA(FIX_SSA)
#define RBX_FFF (TCS_LA + 0xfff)
#define AEP     UINT64_C(0x402000)

#define TCS(field, value)  EPC(FIX_TCS, struct sgx_tcs, field, value)
#define SECS(field, value) EPC(FIX_SECS, struct sgx_secs, field, value)

static void prepare(struct fixture *f)
{
	fix_enclave(f);
	f->cpu.regs.rax = SGX_EENTER;
	f->cpu.regs.rbx = TCS_LA;
	f->cpu.regs.rcx = AEP;
}

/* Frames of two pages: the XSAVE area in the first, GPRSGX in the second. */
static void prepare_wide(struct fixture *f)
{
	f->secs.ssaframesize = 2;
	f->tcs.nssa = 1;
	prepare(f);
}

static const struct row rows[] = {
	ROW_GP("TCS not page-aligned", REG(rbx, TCS_LA + 64)),
	ROW_GP("TCS not canonical", REG(rbx, FIX_ODD)),
	ROW_PF("TCS absent: the fault is at its last byte", FIX_NOWHERE + 0xfff, PF_U | PF_W,
	       REG(rbx, FIX_NOWHERE)),
	ROW_PF("TCS read-only: the fault is at its last byte", RBX_FFF, PF_U | PF_W | PF_P,
	       MAP(TCS_LA, writable, false)),
	ROW_PF("TCS without access", RBX_FFF, PF_U | PF_W, MAP(TCS_LA, present, false)),
	ROW_PF("TCS in ordinary memory: the fault is at its last byte", RAM_LA(0) + 0xfff,
	       PF_ENCLU_WRITE, REG(rbx, RAM_LA(0))),
	ROW_GP("AEP not canonical", REG(rcx, FIX_ODD)),
	ROW_PF("TCS not valid", TCS_LA, PF_ENCLU_WRITE, EPCM(FIX_TCS, valid, 0)),
	ROW_PF("TCS blocked", TCS_LA, PF_ENCLU_WRITE, EPCM(FIX_TCS, blocked, 1)),
	ROW_PF("TCS at another address", TCS_LA, PF_ENCLU_WRITE,
	       EPCM(FIX_TCS, enclaveaddress, TCS_LA + 0x1000)),
	ROW_PF("page is no TCS", ENC_LA(FIX_DATA), PF_ENCLU_WRITE, REG(rbx, ENC_LA(FIX_DATA))),
	ROW_PF("TCS pending", TCS_LA, PF_ENCLU_WRITE, EPCM(FIX_TCS, pending, 1)),
	ROW_PF("TCS modified", TCS_LA, PF_ENCLU_WRITE, EPCM(FIX_TCS, modified, 1)),
	ROW_GP("OSSA not page-aligned", TCS(ossa, FIX_SSA * 0x1000 + 8)),
	ROW_GP("OFSBASE not page-aligned", TCS(ofsbase, 8)),
	ROW_GP("OGSBASE not page-aligned", TCS(ogsbase, 8)),
	ROW_GP("TCS.FLAGS reserved bit", TCS(flags, 4)),
	ROW_GP("AEXNOTIFY where the processor has none", TCS(flags, 3),
	       PLATFORM(attributes_mask, 0xb6)),
	ROW_GP("enclave not initialized", SECS(attributes.flags, SGX_ATTR_MODE64BIT)),
	ROW_GP("32-bit enclave in 64-bit mode", SECS(attributes.flags, SGX_ATTR_INIT)),
	ROW_GP("XFRM beyond XCR0", PLATFORM(xfrm_mask, 7)),
	ROW_GP("thread wants AEX-Notify, enclave does not", TCS(flags, SGX_TCS_AEXNOTIFY)),
	ROW_GP("enclave wants AEX-Notify, thread does not",
	       SECS(attributes.flags, SGX_ATTR_MODE64BIT | SGX_ATTR_INIT | SGX_ATTR_AEXNOTIFY)),
	ROW_GP("CSSA is NSSA", TCS(cssa, 2)),
	ROW_GP("CSSA above NSSA", TCS(cssa, 3)),
	ROW_GP("no SSA frame", TCS(nssa, 0)),
	ROW_PF("SSA absent", SSA_LA, PF_U | PF_W, MAP(SSA_LA, present, false)),
	ROW_PF("SSA mapped read-only", SSA_LA, PF_U | PF_W | PF_P, MAP(SSA_LA, writable, false)),
	ROW_PF("SSA in ordinary memory", SSA_LA, PF_ENCLU_WRITE, MAP(SSA_LA, epc_index, EPC_NONE)),
	ROW_PF("SSA not valid", SSA_LA, PF_ENCLU_WRITE, EPCM(FIX_SSA, valid, 0)),
	ROW_PF("SSA blocked", SSA_LA, PF_ENCLU_WRITE, EPCM(FIX_SSA, blocked, 1)),
	ROW_PF("SSA pending", SSA_LA, PF_ENCLU_WRITE, EPCM(FIX_SSA, pending, 1)),
	ROW_PF("SSA modified", SSA_LA, PF_ENCLU_WRITE, EPCM(FIX_SSA, modified, 1)),
	ROW_PF("SSA page at another address", SSA_LA, PF_ENCLU_WRITE,
	       EPCM(FIX_SSA, enclaveaddress, ENC_LA(FIX_SSA1))),
	ROW_PF("SSA page of another type", SSA_LA, PF_ENCLU_WRITE, EPCM(FIX_SSA, pt, SGX_PT_TRIM)),
	ROW_PF("SSA page of another enclave", SSA_LA, PF_ENCLU_WRITE, EPCM(FIX_SSA, secs, 30)),
	ROW_PF("SSA page without R", SSA_LA, PF_ENCLU_WRITE, EPCM(FIX_SSA, r, 0)),
	ROW_PF("SSA page without W", SSA_LA, PF_ENCLU_WRITE, EPCM(FIX_SSA, w, 0)),
	ROW_PF("frame of CSSA, not the first", ENC_LA(FIX_SSA1), PF_ENCLU_WRITE, TCS(cssa, 1),
	       EPCM(FIX_SSA1, valid, 0)),
	ROW_GP("SSA not canonical", TCS(ossa, FIX_ODD)),
	ROW_GP("entry point not canonical", TCS(oentry, FIX_ODD)),
	ROW_GP("FS base not canonical", TCS(ofsbase, FIX_ODD)),
	ROW_GP("GS base not canonical", TCS(ogsbase, FIX_ODD)),
	ROW_GP("TCS busy", TCS(state, 1)),
};

static const struct row wide_rows[] = {
	ROW_PF("wide frame: XSAVE page not valid", SSA_LA, PF_ENCLU_WRITE, EPCM(FIX_SSA, valid, 0)),
	ROW_PF("wide frame: GPRSGX page not valid", ENC_LA(FIX_SSA1), PF_ENCLU_WRITE,
	       EPCM(FIX_SSA1, valid, 0)),
	ROW_PF("wide frame: GPRSGX page without W", ENC_LA(FIX_SSA1), PF_ENCLU_WRITE,
	       EPCM(FIX_SSA1, w, 0)),
};

static void a_success_sets_what_the_sdm_says_and_keeps_the_rest(void **state)
{
	struct fixture *f = *state;
	struct sgx_tcs *tcs = fix_epc(f, FIX_TCS);
	const struct sgx_gprsgx *gpr = ssa_gpr(&f->epc, FIX_SSA);
	struct cpu_regs before, want;
	uint8_t xsave[FIX_XSAVE];

	prepare(f);
	memset(f->xsave, 0x5c, sizeof(f->xsave));
	memcpy(xsave, f->xsave, sizeof(xsave));
	f->cpu.regs.rflags |= CPU_RFLAGS_DF | CPU_RFLAGS_CF;
	before = want = f->cpu.regs;
	assert_true(retired(cpu_enclu(&f->cpu)));
	want.rax = 0;
	want.rcx = before.rip + 3;
	want.rip = FIX_BASE + f->tcs.oentry;
	want.fsbase = FIX_BASE + f->tcs.ofsbase;
	want.gsbase = FIX_BASE + f->tcs.ogsbase;
	assert_memory_equal(&f->cpu.regs, &want, sizeof(want));
	assert_memory_equal(f->xsave, xsave, sizeof(xsave));
	assert_int_equal(tcs->state, 1);
	assert_int_equal(tcs->aep, AEP);
	assert_int_equal(tcs->cssa, 0);
	assert_int_equal(gpr->ursp, before.rsp);
	assert_int_equal(gpr->urbp, before.rbp);
	assert_true(f->cpu.enclave_mode);
	assert_int_equal(f->cpu.elrange_base, FIX_BASE);
	assert_int_equal(f->cpu.elrange_size, FIX_SIZE);
	assert_int_equal(f->cpu.tcs_la, TCS_LA);
	assert_int_equal(epc_inside(epc_hidden(&f->epc, FIX_SECS)), 1);
}

static void only_eax_selects_the_leaf(void **state)
{
	struct fixture *f = *state;

	prepare(f);
	f->cpu.regs.rax |= UINT64_C(0xabcd) << 32;
	assert_true(retired(cpu_enclu(&f->cpu)));
}

static void pad_pages_of_a_frame_are_not_looked_at(void **state)
{
	struct fixture *f = *state;

	f->secs.ssaframesize = 3; /* FIX_SSA, FIX_SSA1, FIX_SSA2 */
	f->tcs.nssa = 1;
	prepare(f);
	f->epcm[FIX_SSA1].valid = 0;
	assert_true(retired(cpu_enclu(&f->cpu)));
	assert_int_equal(f->cpu.frame_index[0], FIX_SSA);
	assert_int_equal(f->cpu.gpr_index, FIX_SSA2);
}

static void single_stepping_is_suspended_unless_the_debugger_opted_in(void **state)
{
	struct fixture *f = *state;

	prepare(f);
	f->cpu.regs.rflags |= CPU_RFLAGS_TF;
	assert_true(retired(cpu_enclu(&f->cpu)));
	assert_false(f->cpu.dbgoptin);
	assert_int_equal(f->cpu.regs.rflags & CPU_RFLAGS_TF, 0);
	assert_true(retired(fix_enclu(f, SGX_EEXIT, 0x403000, 0, 0)));
	assert_int_equal(f->cpu.regs.rflags & CPU_RFLAGS_TF, CPU_RFLAGS_TF);

	((struct sgx_tcs *)fix_epc(f, FIX_TCS))->flags = SGX_TCS_DBGOPTIN;
	assert_true(retired(fix_enclu(f, SGX_EENTER, TCS_LA, AEP, 0)));
	assert_true(f->cpu.dbgoptin);
	assert_int_equal(f->cpu.regs.rflags & CPU_RFLAGS_TF, CPU_RFLAGS_TF);
	f->cpu.regs.rflags &= ~(uint64_t)CPU_RFLAGS_TF;
	assert_true(retired(fix_enclu(f, SGX_EEXIT, 0x403000, 0, 0)));
	assert_int_equal(f->cpu.regs.rflags & CPU_RFLAGS_TF, 0);
}

static void dbgoptin_waives_the_aexnotify_check(void **state)
{
	struct fixture *f = *state;

	prepare(f);
	((struct sgx_tcs *)fix_epc(f, FIX_TCS))->flags = SGX_TCS_DBGOPTIN | SGX_TCS_AEXNOTIFY;
	assert_true(retired(cpu_enclu(&f->cpu)));
}

static void entering_from_inside_and_the_rest_from_outside_are_gp(void **state)
{
	struct fixture *f = *state;
	const uint32_t inside_only[] = { SGX_EREPORT, SGX_EGETKEY,     SGX_EEXIT,   SGX_EACCEPT,
		                         SGX_EMODPE,  SGX_EACCEPTCOPY, SGX_EDECCSSA };
	struct snapshot *before;

	fix_enclave(f);
	for (size_t i = 0; i < COUNT(inside_only); i++) {
		f->cpu.regs.rax = inside_only[i];
		before = fix_snapshot(f);
		fix_assert_trap(cpu_enclu(&f->cpu), GP0);
		fix_assert_same(f, before, false);
	}
	fix_enter(f);
	f->cpu.regs.rbx = ENC_LA(FIX_TCS2);
	for (uint32_t leaf = SGX_EENTER; leaf <= SGX_ERESUME; leaf++) {
		f->cpu.regs.rax = leaf;
		before = fix_snapshot(f);
		fix_assert_trap(cpu_enclu(&f->cpu), GP0);
		fix_assert_same(f, before, false);
	}
	fix_assert_trap(cpu_encls(&f->cpu), UD);
}

static void leaves_that_are_not_listed_are_gp(void **state)
{
	struct fixture *f = *state;

	fix_enclave(f);
	f->cpu.regs.rax = 0xffffffff;
	fix_assert_trap(cpu_enclu(&f->cpu), GP0);
	fix_assert_trap(cpu_encls(&f->cpu), GP0);
	assert_null(cpu_enclu_name(0xffffffff));
	assert_null(cpu_encls_name(0xffffffff));
	assert_string_equal(cpu_enclu_name(SGX_ERESUME), "ERESUME");
	assert_string_equal(cpu_encls_name(SGX_EINIT), "EINIT");
	fix_enter(f);
	f->cpu.regs.rax = 0xffffffff;
	fix_assert_trap(cpu_enclu(&f->cpu), GP0);
}

static void a_tcs_that_moved_on_since_the_checks_is_not_taken(void **state)
{
	struct fixture *f = *state;
	struct sgx_tcs *tcs = fix_epc(f, FIX_TCS);
	struct entry entry;
	bool again;

	prepare(f);
	assert_true(retired(entry_check(&f->cpu, &entry)));
	tcs_set_cssa(tcs, 1); /* another processor was inside, and had an AEX */
	assert_false(entry_claim(&entry, &again));
	assert_true(again);
	assert_int_equal(tcs->state, 0);
	tcs->state = 1;
	assert_false(entry_claim(&entry, &again));
	assert_false(again);
	assert_int_equal(tcs->state, 1);
}

static void a_tcs_is_taken_away_from_its_owner_only(void **state)
{
	struct fixture *f = *state;
	struct sgx_tcs *tcs = fix_epc(f, FIX_TCS);

	prepare(f);
	f->cpu.owner = 7;
	assert_true(retired(cpu_enclu(&f->cpu)));
	assert_int_equal(tcs_owner(tcs), 7);
	assert_false(tcs_take_away(tcs, 8));
	assert_int_equal(tcs->state, 1);
	assert_true(tcs_take_away(tcs, 7));
	assert_int_equal(tcs->state, 0);
	assert_false(tcs_take_away(tcs, 7));
	assert_true(tcs_claim(tcs, 9));
	assert_int_equal(tcs_owner(tcs), 9);
	tcs_release(tcs);
	assert_int_equal(tcs_owner(tcs), 0);
}

/* Two processors on one TCS, many times: never both inside, always one. */
struct racer {
	struct cpu cpu;
	uint64_t *inside;
	uint64_t won;
	bool overlapped;
};

#define RACE_WINS 2000

static void *race(void *argument)
{
	struct racer *r = argument;
	struct trap t;

	while (r->won < RACE_WINS) {
		r->cpu.regs.rax = SGX_EENTER;
		r->cpu.regs.rbx = TCS_LA;
		r->cpu.regs.rcx = AEP;
		t = cpu_enclu(&r->cpu);
		if (!retired(t)) {
			if (t.vector != TRAP_GP)
				r->overlapped = true; /* anything else is wrong too */
			continue;
		}
		if (__atomic_fetch_add(r->inside, 1, __ATOMIC_SEQ_CST) != 0)
			r->overlapped = true;
		__atomic_fetch_sub(r->inside, 1, __ATOMIC_SEQ_CST);
		if (r->won++ & 1) {
			cpu_aex(&r->cpu, (struct trap){ .vector = TRAP_INTERRUPT });
			while (!retired(cpu_enclu(&r->cpu)))
				if (tcs_cssa(epc_tcs(r->cpu.epc, FIX_TCS)) == 0)
					break;
			if (!r->cpu.enclave_mode)
				continue; /* the other one resumed this run */
		}
		r->cpu.regs.rax = SGX_EEXIT;
		r->cpu.regs.rbx = 0x403000;
		cpu_enclu(&r->cpu);
	}
	return NULL;
}

static void of_two_processors_on_one_tcs_one_enters(void **state)
{
	struct fixture *f = *state;
	struct racer racers[2];
	uint64_t inside = 0;
	pthread_t thread;

	f->tcs.nssa = 2;
	fix_enclave(f);
	for (int i = 0; i < 2; i++) {
		racers[i] = (struct racer){ .cpu = f->cpu, .inside = &inside };
		racers[i].cpu.xsave = NULL;
	}
	assert_int_equal(pthread_create(&thread, NULL, race, &racers[1]), 0);
	race(&racers[0]);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_false(racers[0].overlapped);
	assert_false(racers[1].overlapped);
	assert_int_equal(epc_inside(epc_hidden(&f->epc, FIX_SECS)), 0);
	assert_int_equal(((struct sgx_tcs *)fix_epc(f, FIX_TCS))->state, 0);
}

int main(void)
{
	const struct table tables[] = {
		TABLE(prepare, cpu_enclu, rows),
		TABLE(prepare_wide, cpu_enclu, wide_rows),
	};
	const struct CMUnitTest others[] = {
		TEST(a_success_sets_what_the_sdm_says_and_keeps_the_rest),
		TEST(only_eax_selects_the_leaf),
		TEST(pad_pages_of_a_frame_are_not_looked_at),
		TEST(single_stepping_is_suspended_unless_the_debugger_opted_in),
		TEST(dbgoptin_waives_the_aexnotify_check),
		TEST(entering_from_inside_and_the_rest_from_outside_are_gp),
		TEST(leaves_that_are_not_listed_are_gp),
		TEST(a_tcs_that_moved_on_since_the_checks_is_not_taken),
		TEST(a_tcs_is_taken_away_from_its_owner_only),
		TEST(of_two_processors_on_one_tcs_one_enters),
	};

	return rows_run(tables, COUNT(tables), others, COUNT(others));
}
