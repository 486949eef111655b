// SPDX-License-Identifier: Apache-2.0
/*
 * Exceptions inside an enclave, each with every register full: what the SSA frame holds, and what is
 * left outside.  The host brings its own ENCLU, so that a signal shows the state outside.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "sgx/leaf.h"
#include "sgx/tcs.h"
#include "swsgx/cpu/trap.h"
#include "tests/trap/faults.h"
#include "tests/trap/harness.h"

#define RFLAGS_AC   UINT64_C(0x40000)
#define RFLAGS_LEFT UINT64_C(0x200602) /* of RFLAGS_FULL, what an exit leaves */

struct fault {
	const char *label;
	int sig;
	uint8_t vector;
	uint32_t exitinfo; /* with EXINFO selected */
	uint64_t rdx;      /* 0: the pattern */
	uint64_t ac;
	uint32_t error;
	uint32_t behind; /* RIP, from the label */
	uint32_t fcw_fsw;
	uint32_t mxcsr;
};

static void check_frame(const struct fault *f, const struct sgx_gprsgx *wanted, const struct raw *r)
{
	struct sgx_gprsgx g = fault_gprsgx(0);
	uint64_t rf = f->vector == TRAP_DB ? 0 : RFLAGS_RF;

	CHECK(memcmp(&g, wanted, offsetof(struct sgx_gprsgx, rflags)) == 0);
	CHECK_EQUAL(g.rflags, wanted->rflags | rf);
	CHECK_EQUAL(g.rip, wanted->rip + f->behind);
	CHECK_EQUAL(g.ursp, r->rsp);
	CHECK_EQUAL(g.urbp, PATTERN * 7);
	CHECK_EQUAL(g.fsbase, DATA(0));
	CHECK_EQUAL(g.gsbase, DATA(SGX_PAGE_SIZE));
	CHECK_EQUAL(fault_cssa(), 1);
}

static void check_outside(const struct fault *f, uint64_t xfrm)
{
	const greg_t *regs = seen.uc_mcontext.gregs;
	uint64_t bv;
	uint32_t mxcsr;

	CHECK_EQUAL(seen_sig, f->sig);
	CHECK_EQUAL(regs[REG_TRAPNO], f->vector);
	CHECK_EQUAL(regs[REG_RIP], (uintptr_t)raw_aep);
	CHECK_EQUAL(regs[REG_RCX], (uintptr_t)raw_aep);
	CHECK_EQUAL(regs[REG_RAX], SGX_ERESUME);
	CHECK_EQUAL(regs[REG_RBX], (uintptr_t)fault_e.base);
	CHECK_EQUAL(regs[REG_RDX] | regs[REG_RSI] | regs[REG_RDI], 0);
	for (int i = REG_R8; i <= REG_R15; i++)
		CHECK_EQUAL(regs[i], 0);
	CHECK_EQUAL(regs[REG_EFL], RFLAGS_LEFT | f->ac);
	memcpy(&mxcsr, seen_xsave + MXCSR, sizeof(mxcsr));
	CHECK_EQUAL(mxcsr, f->vector == TRAP_XM ? 0x1f01 : 0x1fb0);
	memcpy(&bv, seen_xsave + XSTATE_BV, sizeof(bv));
	/* The initial state is not even saved, but for MXCSR and what #MF leaves. */
	CHECK_EQUAL(bv & xfrm, f->vector == TRAP_MF ? 3 : 2);
	for (unsigned int i = XMM; i < XMM + 256; i++)
		CHECK_EQUAL(seen_xsave[i], 0);
}

static void fault_once(const struct fault *f, uint64_t xfrm, uint32_t miscselect)
{
	struct sgx_gprsgx g = fault_full(f->label);
	bool is_memory = f->vector == TRAP_PF || f->vector == TRAP_GP;
	struct sgx_exinfo x;
	struct raw r;

	fault_fill_image(xfrm);
	if (f->rdx != 0)
		g.rdx = f->rdx;
	g.rflags |= f->ac;
	if (f->fcw_fsw != 0)
		memcpy(image, &f->fcw_fsw, sizeof(f->fcw_fsw));
	if (f->mxcsr != 0)
		memcpy(image + MXCSR, &f->mxcsr, sizeof(f->mxcsr));
	if (f->vector == TRAP_XM)
		memset(image + XMM + 16, 0, 16);
	r = fault_run(SGX_EENTER, &g, image);
	CHECK_EQUAL(times, 1);
	check_outside(f, xfrm);
	check_frame(f, &g, &r);
	if (f->vector != TRAP_XM) /* which sets a flag in MXCSR */
		fault_check_xsave(xfrm);
	x = fault_exinfo(0);
	if (miscselect & SGX_MISC_EXINFO) {
		CHECK_EQUAL(fault_gprsgx(0).exitinfo, f->exitinfo);
		CHECK_EQUAL(x.maddr, f->vector == TRAP_PF ? f->rdx : 0);
		CHECK_EQUAL(x.errcd, f->error);
	} else {
		CHECK_EQUAL(fault_gprsgx(0).exitinfo, is_memory ? 0 : f->exitinfo);
		CHECK_EQUAL(x.maddr | x.errcd, 0);
	}
}

/* A test for each vector.  What is not given is 0: a fault at the label itself. */
#define FAULT(name, ...)                                  \
	static void name(void)                            \
	{                                                 \
		const uint64_t xfrm = fault_all_of_cpu(); \
                                                          \
		fault_make(xfrm, SGX_MISC_EXINFO);        \
		const struct fault f = { __VA_ARGS__ };   \
		fault_once(&f, xfrm, SGX_MISC_EXINFO);    \
	}

FAULT(de, code_de, SIGFPE, TRAP_DE, .exitinfo = HARDWARE(TRAP_DE))
FAULT(db, code_db, SIGTRAP, TRAP_DB, .exitinfo = HARDWARE(TRAP_DB), .behind = 1)
FAULT(bp_opt_out, code_bp, SIGILL, TRAP_UD, .exitinfo = HARDWARE(TRAP_UD))
FAULT(ud, code_ud2, SIGILL, TRAP_UD, .exitinfo = HARDWARE(TRAP_UD))
FAULT(ss, code_ss, SIGBUS, TRAP_SS, .exitinfo = 0)
FAULT(gp, code_gp, SIGSEGV, TRAP_GP, .exitinfo = HARDWARE(TRAP_GP))
FAULT(pf_none, code_peek, SIGSEGV, TRAP_PF, .exitinfo = HARDWARE(TRAP_PF), .rdx = 0x1234,
      .error = PF_U)
FAULT(pf_paging, code_poke, SIGSEGV, TRAP_PF, .exitinfo = HARDWARE(TRAP_PF),
      .rdx = DATA(SGX_PAGE_SIZE + 0x123), .error = PF_P | PF_W | PF_U)
FAULT(pf_epcm, code_peek, SIGSEGV, TRAP_PF, .exitinfo = HARDWARE(TRAP_PF),
      .rdx = (uintptr_t)fault_e.base + 0x18, .error = PF_SGX | PF_P | PF_U)
FAULT(mf, code_mf, SIGFPE, TRAP_MF, .exitinfo = HARDWARE(TRAP_MF), .fcw_fsw = 0x8084037b)
FAULT(xm, code_xm, SIGFPE, TRAP_XM, .exitinfo = HARDWARE(TRAP_XM), .mxcsr = 0x1d80)
FAULT(ac, code_ac, SIGBUS, TRAP_AC, .exitinfo = HARDWARE(TRAP_AC), .rdx = DATA(0x101),
      .ac = RFLAGS_AC)

/* As a debugger sets it; then INT3 is a fault of its own type. */
static void bp_opt_in(void)
{
	const struct fault f = { code_bp, SIGTRAP, TRAP_BP,
		                 .exitinfo = SGX_EXITINFO_VALID | SGX_EXITINFO_SOFTWARE | TRAP_BP };
	const uint64_t flags = SGX_TCS_DBGOPTIN;

	fault_make(SGX_XFRM_LEGACY, SGX_MISC_EXINFO);
	enclave_change(&fault_e, offsetof(struct sgx_tcs, flags), &flags, sizeof(flags));
	fault_once(&f, SGX_XFRM_LEGACY, SGX_MISC_EXINFO);
}

static void without_exinfo(void)
{
	const struct fault gp_row = { code_gp, SIGSEGV, TRAP_GP, .error = 0 };
	const struct fault pf_row = { code_peek, SIGSEGV, TRAP_PF, .rdx = 0x1234, .error = PF_U };
	const struct fault de_row = { code_de, SIGFPE, TRAP_DE, .exitinfo = HARDWARE(TRAP_DE) };
	const struct fault *const rows[] = { &gp_row, &pf_row, &de_row };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		times = 0;
		fault_make(SGX_XFRM_LEGACY, 0);
		fault_once(rows[i], SGX_XFRM_LEGACY, 0);
	}
}

/* Components that XFRM does not select are the host's: neither saved nor cleared. */
static void only_xfrm(void)
{
	struct sgx_gprsgx g;
	static uint8_t saved[SGX_PAGE_SIZE];
	uint64_t bv;

	if (!(fault_xcr0() & SGX_XFRM_AVX))
		return;
	fault_make(SGX_XFRM_LEGACY, 0);
	g = fault_full(code_ud2);
	fault_run(SGX_EENTER, &g, NULL);
	for (unsigned int i = 0; i < 256; i++) {
		CHECK_EQUAL(seen_xsave[XMM + i], 0);
		CHECK_EQUAL(seen_xsave[YMM_HIGH + i], 0xa5);
	}
	enclave_look(&fault_e, PAGE_SSA * SGX_PAGE_SIZE, saved, sizeof(saved));
	memcpy(&bv, saved + XSTATE_BV, sizeof(bv));
	CHECK_EQUAL(bv & ~(uint64_t)SGX_XFRM_LEGACY, 0);
	for (unsigned int i = 0; i < 256; i++) {
		CHECK_EQUAL(saved[XMM + i], 0xa5);
		CHECK_EQUAL(saved[YMM_HIGH + i], 0);
	}
}

static const struct test tests[] = {
	{ "#DE: the frame, EXITINFO, every component of XSAVE, and the state outside", de, 0 },
	{ "#DB of INT1, behind it and without RF", db, 0 },
	{ "INT3 is #UD where the thread has not opted in to debugging", bp_opt_out, 0 },
	{ "and where it has, #BP as a software exception, at the instruction", bp_opt_in, 0 },
	{ "#UD", ud, 0 },
	{ "#SS, which EXITINFO does not tell", ss, 0 },
	{ "#GP, with EXINFO of zeros", gp, 0 },
	{ "#PF of an address outside that is not there, in full in EXINFO", pf_none, 0 },
	{ "#PF of page permissions, in full in EXINFO", pf_paging, 0 },
	{ "#PF of the EPCM, with the SGX bit", pf_epcm, 0 },
	{ "#MF, with its own synthetic x87 state", mf, 0 },
	{ "#XM, with its own synthetic MXCSR", xm, 0 },
	{ "#AC", ac, 0 },
	{ "without EXINFO selected, #GP and #PF are not told and nothing is written",
	  without_exinfo, 0 },
	{ "components that XFRM does not select are neither saved nor cleared", only_xfrm, 0 },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
