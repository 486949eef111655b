// SPDX-License-Identifier: Apache-2.0
/*
 * What EENTER, EEXIT and an asynchronous exit do to registers, seen by a caller that brings its own
 * ENCLU and AEP: everything goes in and out as it is, except what the SDM says changes.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "swsgx/cpu/trap.h"
#include "tests/trap/enclave.h"
#include "tests/trap/harness.h"

#define RFLAGS_DF     UINT64_C(0x400)
#define RFLAGS_AC     UINT64_C(0x40000)
#define RFLAGS_STATUS UINT64_C(0x8d5) /* CF PF AF ZF SF OF */
#define MXCSR_POISON  0x7fa5          /* rounding, all masked, sticky bits */
#define FCW_POISON    0x0c7f

static struct test_enclave e;
static siginfo_t seen_info;
static ucontext_t seen;
static struct _libc_fpstate seen_fp;
static int seen_sig, times;

static void poison(struct raw *r, unsigned int tcs, uint64_t op)
{
	uint64_t *gpr = &r->rax;

	for (unsigned int i = 0; i < 15; i++)
		gpr[i] = UINT64_C(0x1001001001001001) * (i + 1);
	memset(r->ymm, 0xa5, sizeof(r->ymm));
	r->mxcsr = MXCSR_POISON;
	r->fcw = FCW_POISON;
	r->rflags = 0x202 | RFLAGS_STATUS;
	r->rax = SGX_EENTER;
	r->rbx = (uintptr_t)e.base + tcs * SGX_PAGE_SIZE;
	r->rcx = (uintptr_t)raw_aep;
	r->rdi = op;
}

static const uint64_t *data(unsigned int offset)
{
	return (const uint64_t *)(e.base + PAGE_DATA * SGX_PAGE_SIZE + offset);
}

static void flow_through(void)
{
	struct raw r, was;

	enclave_make(&e);
	poison(&r, PAGE_TCS1, 0x7777);
	was = r;
	raw_enclu(&r);
	CHECK_EQUAL(r.rax, SGX_EEXIT);
	CHECK_EQUAL(r.rbx, (uintptr_t)raw_instruction + 3);
	CHECK_EQUAL(r.rcx, (uintptr_t)raw_aep); /* EEXIT gives the AEP */
	CHECK(memcmp(&r.rdx, &was.rdx, offsetof(struct raw, rflags) - offsetof(struct raw, rdx)) ==
	      0);
	CHECK_EQUAL(r.rflags & 0xfff, was.rflags & 0xfff);
	CHECK_EQUAL(r.mxcsr, was.mxcsr);
	CHECK_EQUAL(r.fcw, was.fcw);
	CHECK(memcmp(r.ymm, was.ymm, sizeof(r.ymm)) == 0);
}

static void entry_values(void)
{
	struct raw r;

	enclave_make(&e);
	poison(&r, PAGE_TCS1, 0);
	raw_enclu(&r);
	CHECK_EQUAL(data(3584)[0], 0); /* CSSA */
	CHECK_EQUAL(data(3584)[1], (uintptr_t)e.base + PAGE_TCS1 * SGX_PAGE_SIZE);
	CHECK_EQUAL(data(3584)[2], (uintptr_t)raw_instruction + 3);
	CHECK_EQUAL(data(3584)[3], r.rsp);
	CHECK_EQUAL(data(3584)[4], r.rbp);
}

static void ac_and_df_go_in(void)
{
	struct raw r;

	enclave_make(&e);
	poison(&r, PAGE_TCS1, 0);
	r.rflags |= RFLAGS_AC | RFLAGS_DF;
	raw_enclu(&r);
	CHECK_EQUAL(r.rax, SGX_EEXIT);
	CHECK_EQUAL(r.rflags & (RFLAGS_AC | RFLAGS_DF), RFLAGS_AC | RFLAGS_DF);
}

static void ac_and_df_come_out(void)
{
	struct raw r;

	enclave_make(&e);
	poison(&r, PAGE_TCS0, OP_FLAGS);
	raw_enclu(&r);
	CHECK_EQUAL(r.rax, SGX_EEXIT);
	CHECK_EQUAL(r.rflags & (RFLAGS_AC | RFLAGS_DF), RFLAGS_AC | RFLAGS_DF);
}

static void bases(void)
{
	uint64_t inside[2];
	struct raw r, before;

	enclave_make(&e);
	poison(&before, PAGE_TCS1, 0);
	raw_enclu(&before);
	poison(&r, PAGE_TCS0, OP_BASES);
	r.rsi = (uintptr_t)inside;
	raw_enclu(&r);
	CHECK_EQUAL(inside[0], (uintptr_t)e.base + PAGE_DATA * SGX_PAGE_SIZE);
	CHECK_EQUAL(inside[1], (uintptr_t)e.base + PAGE_RODATA * SGX_PAGE_SIZE);
	CHECK_EQUAL(r.fs, (uintptr_t)__builtin_thread_pointer());
	CHECK_EQUAL(r.gs, before.gs);
}

/* Keeps what it sees; the second time, goes to where raw_enclu's caller wants to be. */
static void on_signal(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	seen_sig = sig;
	seen_info = *info;
	seen = *uc;
	if (uc->uc_mcontext.fpregs != NULL)
		memcpy(&seen_fp, uc->uc_mcontext.fpregs, sizeof(seen_fp));
	times++;
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)raw_instruction + 3;
}

static void catch_signal(int sig)
{
	struct sigaction a = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };

	sigemptyset(&a.sa_mask);
	NEED(sigaction(sig, &a, NULL) == 0);
}

static uint64_t greg(int index)
{
	return (uint64_t)seen.uc_mcontext.gregs[index];
}

/* The synthetic state of an asynchronous exit. */
static void check_synthetic(unsigned int tcs, const struct raw *after)
{
	static const int zero[] = { REG_RDX, REG_RSI, REG_RDI, REG_R8,  REG_R9, REG_R10,
		                    REG_R11, REG_R12, REG_R13, REG_R14, REG_R15 };

	CHECK_EQUAL(greg(REG_RIP), (uintptr_t)raw_aep);
	CHECK_EQUAL(greg(REG_RAX), SGX_ERESUME);
	CHECK_EQUAL(greg(REG_RBX), (uintptr_t)e.base + tcs * SGX_PAGE_SIZE);
	CHECK_EQUAL(greg(REG_RCX), (uintptr_t)raw_aep);
	CHECK_EQUAL(greg(REG_RSP), after->rsp);
	for (size_t i = 0; i < sizeof(zero) / sizeof(zero[0]); i++)
		CHECK_EQUAL(greg(zero[i]), 0);
	CHECK_EQUAL(greg(REG_EFL) & RFLAGS_STATUS, 0);
	CHECK_EQUAL(seen_fp.mxcsr, 0x1fb0);
	for (unsigned int i = 0; i < 16; i++)
		CHECK_EQUAL(seen_fp._xmm[i].element[0], 0);
}

static void aex_state(void)
{
	struct raw r;

	enclave_make(&e);
	catch_signal(SIGILL);
	poison(&r, PAGE_TCS0, OP_UD2);
	raw_enclu(&r);
	CHECK_EQUAL(times, 1);
	CHECK_EQUAL(seen_sig, SIGILL);
	CHECK_EQUAL(seen_info.si_code, ILL_ILLOPN);
	CHECK_EQUAL((uintptr_t)seen_info.si_addr, (uintptr_t)raw_aep);
	CHECK_EQUAL(greg(REG_TRAPNO), TRAP_UD);
	check_synthetic(PAGE_TCS0, &r);
	CHECK_EQUAL(greg(REG_RBP), UINT64_C(0x1001001001001001) * 7);
	CHECK_EQUAL(r.fs, (uintptr_t)__builtin_thread_pointer());
}

static void epcm_signal(void)
{
	struct raw r;

	enclave_make(&e);
	catch_signal(SIGSEGV);
	poison(&r, PAGE_TCS0, OP_POKE);
	r.rsi = (uintptr_t)e.base + PAGE_TCS2 * SGX_PAGE_SIZE + 24;
	raw_enclu(&r);
	CHECK_EQUAL(seen_sig, SIGSEGV);
	CHECK_EQUAL(seen_info.si_code, SEGV_ACCERR);
	CHECK_EQUAL((uintptr_t)seen_info.si_addr, (uintptr_t)e.base + PAGE_TCS2 * SGX_PAGE_SIZE);
	CHECK_EQUAL(greg(REG_TRAPNO), TRAP_PF);
	CHECK_EQUAL(greg(REG_ERR), PF_SGX | PF_P | PF_W | PF_U);
	check_synthetic(PAGE_TCS0, &r);
}

static void fpe_signal(void)
{
	struct raw r;

	enclave_make(&e);
	catch_signal(SIGFPE);
	poison(&r, PAGE_TCS0, OP_DIVIDE);
	raw_enclu(&r);
	CHECK_EQUAL(seen_sig, SIGFPE);
	CHECK_EQUAL(seen_info.si_code, FPE_INTDIV);
	check_synthetic(PAGE_TCS0, &r);
}

static void eenter_gp(void)
{
	struct raw r, was;

	enclave_make(&e);
	catch_signal(SIGSEGV);
	poison(&r, PAGE_TCS0, OP_EXIT);
	r.rbx += 8;
	was = r;
	raw_enclu(&r);
	CHECK_EQUAL(seen_sig, SIGSEGV);
	CHECK_EQUAL(seen_info.si_code, SI_KERNEL);
	CHECK_EQUAL(greg(REG_TRAPNO), TRAP_GP);
	CHECK_EQUAL(greg(REG_RIP), (uintptr_t)raw_instruction);
	CHECK(memcmp(&r, &was, offsetof(struct raw, rflags)) == 0); /* nothing has changed */
	CHECK(memcmp(r.ymm, was.ymm, sizeof(r.ymm)) == 0);
}

static void eenter_ordinary_memory(void)
{
	struct raw r;
	void *page = mmap(NULL, SGX_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
	                  -1, 0);

	enclave_make(&e);
	catch_signal(SIGSEGV);
	poison(&r, PAGE_TCS0, OP_EXIT);
	r.rbx = (uintptr_t)page;
	raw_enclu(&r);
	CHECK_EQUAL(seen_info.si_code, SEGV_ACCERR);
	CHECK_EQUAL((uintptr_t)seen_info.si_addr, (uintptr_t)page + 0xfff);
	CHECK_EQUAL(greg(REG_ERR), PF_SGX | PF_P | PF_W | PF_U);
	munmap(page, SGX_PAGE_SIZE);
	poison(&r, PAGE_TCS0, OP_EXIT);
	r.rbx = (uintptr_t)page;
	raw_enclu(&r);
	CHECK_EQUAL(seen_info.si_code, SEGV_MAPERR);
	CHECK_EQUAL(greg(REG_ERR), PF_W | PF_U);
}

static void leaves_outside(void)
{
	static const uint64_t leaves[] = { SGX_EREPORT, SGX_EGETKEY, SGX_EEXIT,
		                           SGX_EACCEPT, 10,          UINT32_MAX };
	struct raw r;

	enclave_make(&e);
	catch_signal(SIGSEGV);
	for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
		poison(&r, PAGE_TCS0, OP_EXIT);
		r.rax = leaves[i];
		raw_enclu(&r);
		CHECK_EQUAL(times, i + 1);
		CHECK_EQUAL(seen_info.si_code, SI_KERNEL);
		CHECK_EQUAL(greg(REG_TRAPNO), TRAP_GP);
	}
}

static void only_eax_counts(void)
{
	struct raw r;

	enclave_make(&e);
	poison(&r, PAGE_TCS1, 0);
	r.rax |= UINT64_C(1) << 32;
	raw_enclu(&r);
	CHECK_EQUAL(r.rax, SGX_EEXIT);
}

static void seal_key(void)
{
	uint8_t first[16] = { 0 }, second[16] = { 0 };
	static const uint8_t zero[16];
	struct raw r;

	enclave_make(&e);
	poison(&r, PAGE_TCS0, OP_KEY);
	r.rsi = (uintptr_t)first;
	raw_enclu(&r);
	CHECK_EQUAL(r.rdx, SGX_SUCCESS);
	poison(&r, PAGE_TCS2, OP_KEY);
	r.rsi = (uintptr_t)second;
	raw_enclu(&r);
	CHECK(memcmp(first, second, sizeof(first)) == 0);
	CHECK(memcmp(first, zero, sizeof(first)) != 0);
}

static const struct test tests[] = {
	{ "general, x87 and vector registers flow through EENTER and EEXIT", flow_through, 0 },
	{ "EENTER gives CSSA, the TCS and the way back, RSP and RBP as they are", entry_values, 0 },
	{ "AC and DF go into the enclave", ac_and_df_go_in, 0 },
	{ "AC and DF come out of the enclave", ac_and_df_come_out, 0 },
	{ "FS and GS base are the enclave's inside and the host's after it", bases, 0 },
	{ "a plain ENCLU's caller gets SIGILL with the synthetic state for #UD", aex_state, 0 },
	{ "and SIGSEGV with the page's address for an EPCM violation", epcm_signal, 0 },
	{ "and SIGFPE for #DE", fpe_signal, 0 },
	{ "EENTER of an unaligned TCS is #GP and changes nothing", eenter_gp, 0 },
	{ "EENTER of ordinary memory is #PF 8007, of none #PF 6", eenter_ordinary_memory, 0 },
	{ "leaves that work only inside are #GP outside", leaves_outside, 0 },
	{ "ENCLU looks at EAX only", only_eax_counts, 0 },
	{ "EGETKEY gives one key to two threads", seal_key, 0 },
};

int main(int argc, char **argv)
{
	__builtin_cpu_init();
	if (!__builtin_cpu_supports("avx")) {
		fprintf(stdout, "1..1\nok 1 - registers # SKIP no AVX\n");
		return 0;
	}
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
