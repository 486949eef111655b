// SPDX-License-Identifier: Apache-2.0
/* Extended state between processor and frame where it is unusual: large, cut, or MXCSR alone. */
#include "tests/unit/swsgx/cpu/rows.h"

#define XFRM_AMX  UINT64_C(0x602e7)
#define XSAVE_END 11008 /* of the components above */
#define INTERRUPT ((struct trap){ .vector = TRAP_INTERRUPT })

static void fill_xsave(struct fixture *f, uint64_t bv, uint32_t mxcsr)
{
	for (size_t i = 0; i < sizeof(f->xsave); i++)
		f->xsave[i] = (uint8_t)(i * 7 + i / 251 + 1);
	memset(f->xsave + 512, 0, 64);
	memcpy(f->xsave + 24, &mxcsr, 4);
	memcpy(f->xsave + 512, &bv, 8);
}

static uint64_t bv_of(const uint8_t *xsave)
{
	uint64_t bv;

	memcpy(&bv, xsave + 512, 8);
	return bv;
}

/* The three pages of the one frame, of which the middle one is elsewhere in the EPC. */
static void enter_amx(struct fixture *f)
{
	f->platform.xfrm_mask = XFRM_AMX;
	f->platform.xstate_offset[17] = 2752;
	f->platform.xstate_size[17] = 64;
	f->platform.xstate_offset[18] = 2816;
	f->platform.xstate_size[18] = 8192;
	f->secs.attributes.xfrm = XFRM_AMX;
	f->secs.ssaframesize = 3; /* FIX_SSA, FIX_SSA1, FIX_SSA2 */
	f->tcs.nssa = 1;
	fix_enclave(f);
	f->epcm[FIX_FREE] = f->epcm[FIX_SSA1];
	f->epcm[FIX_SSA1].valid = 0;
	fix_find(f, ENC_LA(FIX_SSA1))->epc_index = FIX_FREE;
	fix_enter(f);
}

static void frames_of_several_pages_hold_all_of_the_state(void **state)
{
	struct fixture *f = *state;
	uint8_t xsave[FIX_XSAVE];

	enter_amx(f);
	fill_xsave(f, XFRM_AMX, 0x1f80);
	memcpy(xsave, f->xsave, sizeof(xsave));
	cpu_aex(&f->cpu, INTERRUPT);
	assert_true(bytes_zero(f->xsave + 2816, 8192));
	assert_memory_equal((uint8_t *)fix_epc(f, FIX_SSA) + 2816, xsave + 2816, 4096 - 2816);
	assert_memory_equal(fix_epc(f, FIX_FREE), xsave + 4096, 4096);
	assert_memory_equal(fix_epc(f, FIX_SSA2), xsave + 8192, XSAVE_END - 8192);
	assert_true(retired(cpu_enclu(&f->cpu)));
	assert_memory_equal(f->xsave, xsave, sizeof(xsave));
}

static void components_without_room_do_not_exist(void **state)
{
	struct fixture *f = *state;
	const uint8_t *frame = fix_epc(f, FIX_SSA);
	uint8_t xsave[FIX_XSAVE];

	fix_enclave(f);
	fix_enter(f);
	fill_xsave(f, 0xe7, 0x1f80);
	memcpy(xsave, f->xsave, sizeof(xsave));
	f->cpu.xsave_size = 832; /* up to AVX */
	cpu_aex(&f->cpu, INTERRUPT);
	assert_int_equal(bv_of(frame), 7);
	assert_memory_equal(frame + 576, xsave + 576, 256);
	assert_true(bytes_zero(frame + 1088, 1600));
	assert_true(bytes_zero(f->xsave + 576, 256));
	assert_memory_equal(f->xsave + 832, xsave + 832, sizeof(xsave) - 832);
	assert_true(retired(cpu_enclu(&f->cpu)));
	assert_memory_equal(f->xsave, xsave, sizeof(xsave));
}

static void mxcsr_alone_makes_sse_in_use(void **state)
{
	struct fixture *f = *state;
	uint8_t *frame = fix_epc(f, FIX_SSA);

	fix_enclave(f);
	fix_enter(f);
	fill_xsave(f, 0, 0x1fa0);
	cpu_aex(&f->cpu, INTERRUPT);
	assert_int_equal(bv_of(frame), SGX_XFRM_SSE);
	assert_true(bytes_zero(frame + 160, 256));
	memset(frame + 512, 0, 8); /* XRSTOR takes MXCSR whatever XSTATE_BV says */
	assert_true(retired(cpu_enclu(&f->cpu)));
	assert_int_equal(f->xsave[24] | f->xsave[25] << 8, 0x1fa0);
	assert_int_equal(bv_of(f->xsave), SGX_XFRM_SSE);
	assert_true(bytes_zero(f->xsave + 160, 256));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(frames_of_several_pages_hold_all_of_the_state),
		TEST(components_without_room_do_not_exist),
		TEST(mxcsr_alone_makes_sse_in_use),
	};

	return rows_run(NULL, 0, tests, COUNT(tests));
}
