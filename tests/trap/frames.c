// SPDX-License-Identifier: Apache-2.0
/* Frames of the SSA, one above the other and edited, and what ERESUME makes of them. */
#include <string.h>
#include <unistd.h>

#include "sgx/leaf.h"
#include "swsgx/cpu/trap.h"
#include "tests/trap/faults.h"
#include "tests/trap/harness.h"

/* Twice through a frame: fault, change all of it, resume, change all registers, fault. */
static void resume_loads_frame(void)
{
	uint64_t xfrm = fault_all_of_cpu();
	struct sgx_gprsgx g, edited, wanted;
	uint64_t *r = &wanted.rax;

	fault_make(xfrm, SGX_MISC_EXINFO);
	g = fault_full(code_ud2);
	edited = fault_full(code_not_ud2);
	for (unsigned int i = 0; i < 16; i++)
		(&edited.rax)[i] ^= UINT64_C(0x0f1e2d3c4b5a6978) << (i % 5);
	edited.rflags ^= 0x8d5;
	fault_fill_image(xfrm);
	fault_run(SGX_EENTER, &g, NULL);
	CHECK_EQUAL(times, 1);

	g = fault_gprsgx(0);
	edited.ursp = g.ursp;
	edited.urbp = g.urbp;
	edited.fsbase = g.gsbase;
	edited.gsbase = g.fsbase;
	fault_set_gprsgx(0, &edited);
	enclave_change(&fault_e, PAGE_SSA * SGX_PAGE_SIZE, image,
	               fault_frame_end(0) - PAGE_SSA * SGX_PAGE_SIZE - 200);
	fault_run(SGX_ERESUME, NULL, NULL);
	CHECK_EQUAL(times, 2);
	wanted = edited;
	for (unsigned int i = 0; i < 16; i++)
		r[i] = ~r[i];
	g = fault_gprsgx(0);
	CHECK(memcmp(&g, &wanted, offsetof(struct sgx_gprsgx, rflags)) == 0);
	CHECK_EQUAL(g.rflags, edited.rflags | RFLAGS_RF);
	CHECK_EQUAL(g.rip, CODE(code_not_ud2) + 16 * 3);
	CHECK_EQUAL(g.fsbase, edited.fsbase);
	CHECK_EQUAL(g.gsbase, edited.gsbase);
	CHECK_EQUAL(fault_cssa(), 1);
	fault_check_xsave(xfrm);
}

static void skip_ud2(unsigned int frame)
{
	struct sgx_gprsgx g = fault_gprsgx(frame);

	g.rip += 2;
	fault_set_gprsgx(frame, &g);
}

static void nested_frames(void)
{
	struct raw r;

	fault_make(SGX_XFRM_LEGACY, SGX_MISC_EXINFO);
	fault_enclu(SGX_EENTER, OP_UD2);
	CHECK_EQUAL(fault_cssa(), 1);
	fault_enclu(SGX_EENTER, OP_NESTED | OP_DIVIDE);
	CHECK_EQUAL(fault_cssa(), 2);
	CHECK_EQUAL(fault_gprsgx(0).exitinfo, HARDWARE(TRAP_UD));
	CHECK_EQUAL(fault_gprsgx(1).exitinfo, HARDWARE(TRAP_DE));
	CHECK_EQUAL(times, 2);
	r = fault_enclu(SGX_EENTER, OP_EXIT); /* NSSA is 2 */
	CHECK_EQUAL(times, 3);
	CHECK_EQUAL(seen.uc_mcontext.gregs[REG_TRAPNO], TRAP_GP);
	CHECK_EQUAL(seen.uc_mcontext.gregs[REG_RIP], (uintptr_t)raw_instruction);
	CHECK_EQUAL(fault_cssa(), 2);

	skip_ud2(0);
	skip_ud2(1); /* DIV has two bytes as well */
	r = fault_enclu(SGX_ERESUME, 0);
	CHECK_EQUAL(r.rax, SGX_EEXIT);
	CHECK_EQUAL(fault_cssa(), 1);
	r = fault_enclu(SGX_ERESUME, 0);
	CHECK_EQUAL(r.rax, SGX_EEXIT);
	CHECK_EQUAL(fault_cssa(), 0);
	CHECK_EQUAL(times, 3);
	fault_enclu(SGX_ERESUME, 0); /* nothing to resume */
	CHECK_EQUAL(times, 4);
	CHECK_EQUAL(seen.uc_mcontext.gregs[REG_TRAPNO], TRAP_GP);
}

/* The handler returns to the AEP, whose ENCLU resumes and faults again. */
static void resume_repeats(void)
{
	fault_make(SGX_XFRM_LEGACY, SGX_MISC_EXINFO);
	resumes = 3;
	fault_enclu(SGX_EENTER, OP_UD2);
	CHECK_EQUAL(times, 4);
	CHECK_EQUAL(fault_cssa(), 1);
}

static void bad_frames(void)
{
	struct sgx_gprsgx good, g;
	const uint64_t reserved = UINT64_C(1) << 62;
	uint64_t bv = 0;

	fault_make(SGX_XFRM_LEGACY, SGX_MISC_EXINFO);
	fault_enclu(SGX_EENTER, OP_UD2);
	good = fault_gprsgx(0);
	for (unsigned int i = 0; i < 4; i++) {
		g = good;
		if (i == 0)
			g.rip = UINT64_C(1) << 60;
		else if (i == 1)
			g.fsbase = UINT64_C(1) << 60;
		else if (i == 2)
			g.gsbase = UINT64_C(1) << 60;
		else
			bv = reserved;
		fault_set_gprsgx(0, &g);
		enclave_change(&fault_e, PAGE_SSA * SGX_PAGE_SIZE + XSTATE_BV, &bv, sizeof(bv));
		fault_enclu(SGX_ERESUME, 0);
		CHECK_EQUAL(times, i + 2);
		CHECK_EQUAL(seen.uc_mcontext.gregs[REG_TRAPNO], TRAP_GP);
		CHECK_EQUAL(fault_cssa(), 1);
	}
}

static const struct test tests[] = {
	{ "ERESUME loads all of a frame that was edited", resume_loads_frame, 0 },
	{ "frames nest up to NSSA, then EENTER is #GP; each is resumed", nested_frames, 0 },
	{ "ERESUME at the AEP repeats the fault", resume_repeats, 0 },
	{ "ERESUME refuses a frame that is not valid with #GP, and changes nothing", bad_frames,
	  0 },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
