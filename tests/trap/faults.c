// SPDX-License-Identifier: Apache-2.0
/* Faulting in an enclave with every register full; see faults.h. */
#include "tests/trap/faults.h"

#include <cpuid.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sgx/leaf.h"
#include "sgx/tcs.h"
#include "tests/trap/harness.h"

#define AMX_DATA            18
#define ARCH_REQ_XCOMP_PERM 0x1023

struct test_enclave fault_e;
siginfo_t seen_info;
ucontext_t seen;
_Alignas(64) uint8_t seen_xsave[XSAVE_SIZE], image[XSAVE_SIZE];
int seen_sig, times, resumes;
static uint32_t component_offset[64], component_size[64];

uint64_t fault_frame_end(unsigned int cssa)
{
	return (PAGE_SSA + (uint64_t)(cssa + 1) * fault_e.secs.ssaframesize) * SGX_PAGE_SIZE;
}

struct sgx_gprsgx fault_gprsgx(unsigned int cssa)
{
	struct sgx_gprsgx g;

	enclave_look(&fault_e, fault_frame_end(cssa) - sizeof(g), &g, sizeof(g));
	return g;
}

void fault_set_gprsgx(unsigned int cssa, const struct sgx_gprsgx *g)
{
	enclave_change(&fault_e, fault_frame_end(cssa) - sizeof(*g), g, sizeof(*g));
}

struct sgx_exinfo fault_exinfo(unsigned int cssa)
{
	uint64_t at = fault_frame_end(cssa) - sizeof(struct sgx_gprsgx) - sizeof(struct sgx_exinfo);
	struct sgx_exinfo x;

	enclave_look(&fault_e, at, &x, sizeof(x));
	return x;
}

uint32_t fault_cssa(void)
{
	struct sgx_tcs tcs;

	enclave_look(&fault_e, PAGE_TCS0 * SGX_PAGE_SIZE, &tcs, sizeof(tcs));
	return tcs.cssa;
}

uint64_t fault_xcr0(void)
{
	uint32_t a, d;

	__asm__("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
	return (uint64_t)d << 32 | a;
}

static void look(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	const uint8_t *x = (const uint8_t *)uc->uc_mcontext.fpregs;
	uint32_t size;

	memcpy(&size, x + 464 + 16, sizeof(size));
	seen_sig = sig;
	seen_info = *info;
	seen = *uc;
	memcpy(seen_xsave, x, size < XSAVE_SIZE ? size : XSAVE_SIZE);
	times++;
	memset(uc->uc_mcontext.fpregs, 0, 8); /* what #MF leaves would raise the next */
	if (times > resumes)                  /* not to the AEP, but out of raw_enclu */
		uc->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)raw_instruction + 3;
}

static void catch_all(void)
{
	static const int signals[] = { SIGSEGV, SIGILL, SIGBUS, SIGFPE, SIGTRAP };
	struct sigaction a = { .sa_sigaction = look, .sa_flags = SA_SIGINFO };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		NEED(sigaction(signals[i], &a, NULL) == 0);
}

void fault_make(uint64_t xfrm, uint32_t miscselect)
{
	enclave_reserve(&fault_e);
	fault_e.secs.attributes.xfrm = xfrm;
	fault_e.secs.miscselect = miscselect;
	if (xfrm >> AMX_DATA & 1)
		fault_e.secs.ssaframesize = 3; /* TCS 0 then has the frames of all */
	enclave_open_node(&fault_e);
	enclave_create(&fault_e);
	enclave_add(&fault_e);
	enclave_sign(&fault_e);
	enclave_init(&fault_e);
	enclave_map(&fault_e);
	catch_all();
}

void fault_fill_image(uint64_t xfrm)
{
	const uint16_t fcw = 0x0c7f;
	const uint32_t mxcsr = 0x7fa5;

	for (unsigned int i = 0; i < sizeof(image); i++)
		image[i] = (uint8_t)(i * 7 + i / 256 + 1);
	memset(image, 0, 32);
	memset(image + 416, 0, YMM_HIGH - 416);
	for (unsigned int i = 0; i < 8; i++)
		memset(image + 32 + 16 * i + 10, 0, 6);
	memcpy(image, &fcw, sizeof(fcw));
	image[4] = 0xff; /* every x87 register in use */
	memcpy(image + MXCSR, &mxcsr, sizeof(mxcsr));
	memcpy(image + XSTATE_BV, &xfrm, sizeof(xfrm));
	for (unsigned int i = 2, a, b, c, d; i < 32; i++) {
		if (!(xfrm >> i & 1) || !__get_cpuid_count(0xd, i, &a, &b, &c, &d))
			continue;
		component_size[i] = a;
		component_offset[i] = b;
	}
	if (xfrm >> AMX_DATA & 1) { /* a valid tile configuration */
		uint8_t *tiles = image + component_offset[AMX_DATA - 1];

		memset(tiles, 0, 64);
		tiles[0] = 1;
		memset(tiles + 48, 16, 8);
		for (unsigned int i = 0; i < 8; i++)
			tiles[16 + 2 * i] = 64;
	}
}

struct sgx_gprsgx fault_full(const char *label)
{
	struct sgx_gprsgx g = { .rflags = RFLAGS_FULL, .rip = CODE(label) };
	uint64_t *r = &g.rax;

	for (unsigned int i = 0; i < 16; i++)
		r[i] = PATTERN * (i + 1) - (i == 15);
	return g;
}

struct raw fault_run(uint64_t leaf, const struct sgx_gprsgx *g, const void *xsave)
{
	struct raw r = { .rflags = 0x202, .mxcsr = 0x1f80, .fcw = 0x37f };

	memset(r.ymm, 0xa5, sizeof(r.ymm));
	r.rax = leaf;
	r.rbx = (uintptr_t)fault_e.base;
	r.rcx = (uintptr_t)raw_aep;
	r.rdi = OP_LOAD;
	r.rsi = (uintptr_t)g;
	r.rdx = (uintptr_t)xsave;
	r.rbp = PATTERN * 7;
	raw_enclu(&r);
	return r;
}

void fault_check_xsave(uint64_t xfrm)
{
	static uint8_t saved[XSAVE_SIZE];
	uint64_t bv;

	enclave_look(&fault_e, PAGE_SSA * SGX_PAGE_SIZE, saved,
	             fault_e.secs.ssaframesize * SGX_PAGE_SIZE);
	CHECK(memcmp(saved, image, MXCSR + 4) == 0);
	CHECK(memcmp(saved + 32, image + 32, 384) == 0);
	memcpy(&bv, saved + XSTATE_BV, sizeof(bv));
	CHECK_EQUAL(bv, xfrm);
	for (unsigned int i = 520; i < YMM_HIGH; i++)
		CHECK_EQUAL(saved[i], 0);
	for (unsigned int i = 2; i < 32; i++)
		CHECK(memcmp(saved + component_offset[i], image + component_offset[i],
		             xfrm >> i & 1 ? component_size[i] : 0) == 0);
}

uint64_t fault_all_of_cpu(void)
{
	uint64_t xfrm = fault_xcr0() & UINT64_C(0x600e7);

	if ((xfrm >> AMX_DATA & 1) && syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, AMX_DATA) != 0)
		xfrm &= ~UINT64_C(0x60000);
	return xfrm;
}

struct raw fault_enclu(uint64_t leaf, uint64_t op)
{
	struct raw r = { .rax = leaf, .rflags = 0x202, .mxcsr = 0x1f80, .fcw = 0x37f };

	r.rbx = (uintptr_t)fault_e.base;
	r.rcx = (uintptr_t)raw_aep;
	r.rdi = op;
	raw_enclu(&r);
	return r;
}
