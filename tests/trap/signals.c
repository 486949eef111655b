// SPDX-License-Identifier: Apache-2.0
/*
 * Signals that reach a thread while it is in an enclave, and what handlers do about them: return,
 * jump away, go elsewhere, enter again.
 */
#include <pthread.h>
#include <setjmp.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "tests/trap/harness.h"
#include "tests/trap/interrupt.h"

static sigjmp_buf jump;

static void resumes(void)
{
	enclave_make(&e);
	catch_with(SIGALRM, end_after_10, SA_RESTART);
	start_timer();
	CHECK_EQUAL(enter(OP_SPIN), 0);
	stop_timer();
	CHECK_EQUAL(run.function, SGX_EEXIT);
	CHECK_EQUAL(vdso_result, shared[0]);
	CHECK(times > 10);
	CHECK_EQUAL(seen_fs, (uintptr_t)__builtin_thread_pointer());
	CHECK_EQUAL(tcs(PAGE_TCS0)->cssa, 0);
}

static void registers_survive(void)
{
	enclave_make(&e);
	catch_with(SIGALRM, end_after_10, SA_RESTART);
	start_timer();
	CHECK_EQUAL(enter(OP_PATTERN), 0);
	stop_timer();
	CHECK_EQUAL(run.function, SGX_EEXIT);
	CHECK_EQUAL(vdso_result, 0);
	CHECK(times > 10);
}

static void jump_out(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	look(uc);
	if (seen_rax == SGX_ERESUME && shared[0] != 0)
		siglongjmp(jump, 1);
}

static void jumps_out(void)
{
	enclave_make(&e);
	catch_with(SIGALRM, jump_out, 0);
	start_timer();
	if (sigsetjmp(jump, 1) == 0) {
		enter_or_resume(SGX_EENTER, OP_SPIN);
		test_fail(__FILE__, __LINE__, "the enclave has left by itself");
	}
	stop_timer();
	/* The thread stays interrupted; at CSSA 1 there is one more entry. */
	CHECK_EQUAL(tcs(PAGE_TCS0)->cssa, 1);
	CHECK_EQUAL(enter_or_resume(SGX_EENTER, OP_EXIT), 0);
	CHECK_EQUAL(vdso_result, 0x55);
	shared[1] = 1;
	CHECK_EQUAL(enter_or_resume(SGX_ERESUME, 0), 0);
	CHECK_EQUAL(run.function, SGX_EEXIT);
	CHECK_EQUAL(tcs(PAGE_TCS0)->cssa, 0);
}

static volatile sig_atomic_t has_gone;

static void go_elsewhere(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)sig;
	(void)info;
	if (has_gone) /* the timer goes on until it is stopped */
		return;
	look(uc);
	has_gone = seen_rax == SGX_ERESUME;
	if (has_gone)
		uc->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)raw_instruction + 3;
}

static void goes_elsewhere(void)
{
	struct raw r = { .rflags = 0x202, .mxcsr = 0x1f80, .fcw = 0x37f };

	enclave_make(&e);
	catch_with(SIGALRM, go_elsewhere, 0);
	start_timer();
	r.rax = SGX_EENTER;
	r.rbx = (uintptr_t)e.base;
	r.rcx = (uintptr_t)raw_aep;
	r.rdi = OP_SPIN;
	r.rsi = (uintptr_t)shared;
	raw_enclu(&r);
	stop_timer();
	CHECK_EQUAL(seen_rip, (uintptr_t)raw_aep);
	CHECK_EQUAL(seen_rsp, r.rsp);
	CHECK_EQUAL(r.rax, SGX_ERESUME);
	CHECK_EQUAL(tcs(PAGE_TCS0)->cssa, 1);
}

static void enter_again(int sig, siginfo_t *info, void *uc)
{
	struct sgx_enclave_run nested;

	(void)sig;
	(void)info;
	look(uc);
	if (seen_rax != SGX_ERESUME)
		return;
	memset(&nested, 0, sizeof(nested));
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_EXIT, 0, 0, SGX_EENTER, &nested), 0);
	CHECK_EQUAL(vdso_result, 0x55);
	shared[1] = 1;
}

static void nests(void)
{
	enclave_make(&e);
	catch_with(SIGALRM, enter_again, 0);
	start_timer();
	CHECK_EQUAL(enter(OP_SPIN), 0);
	CHECK_EQUAL(run.function, SGX_EEXIT);
	CHECK_EQUAL(tcs(PAGE_TCS0)->cssa, 0);
}

static void *victim(void *arg)
{
	(void)arg;
	if (sigsetjmp(jump, 1) == 0)
		enter(OP_SPIN);
	return (void *)(uintptr_t)(run.function == SGX_EEXIT);
}

static void jumps_out_of_a_thread(void)
{
	const struct timespec ms = { .tv_nsec = 1000000 };
	pthread_t thread;
	void *ret;

	enclave_make(&e);
	catch_with(SIGUSR1, jump_out, 0);
	NEED(pthread_create(&thread, NULL, victim, NULL) == 0);
	while (shared[0] == 0)
		nanosleep(&ms, NULL);
	CHECK_EQUAL(pthread_kill(thread, SIGUSR1), 0);
	NEED(pthread_join(thread, &ret) == 0);
	CHECK(ret == NULL);
	CHECK_EQUAL(tcs(PAGE_TCS0)->cssa, 1);
}

/* A runtime without the vDSO enters from its handler of the fault, in which SIGSEGV is blocked. */
static void fix_and_return(int sig, siginfo_t *info, void *uc)
{
	sigset_t all;

	(void)info;
	look(uc);
	CHECK_EQUAL(sig, SIGSEGV);
	sigfillset(&all);
	CHECK_EQUAL(sigprocmask(SIG_BLOCK, &all, NULL), 0);
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_EXIT, 0, 0, SGX_EENTER, &run), 0);
	CHECK_EQUAL(vdso_result, 0x55);
	CHECK_EQUAL(
		mprotect(e.base + PAGE_DATA * SGX_PAGE_SIZE, SGX_PAGE_SIZE, PROT_READ | PROT_WRITE),
		0);
}

static void enters_from_fault_handler(void)
{
	struct raw r = { .rflags = 0x202, .mxcsr = 0x1f80, .fcw = 0x37f };

	enclave_make(&e);
	catch_with(SIGSEGV, fix_and_return, 0);
	CHECK_EQUAL(mprotect(e.base + PAGE_DATA * SGX_PAGE_SIZE, SGX_PAGE_SIZE, PROT_READ), 0);
	r.rax = SGX_EENTER;
	r.rbx = (uintptr_t)e.base;
	r.rcx = (uintptr_t)raw_aep;
	r.rdi = OP_POKE;
	r.rsi = (uintptr_t)e.base + PAGE_DATA * SGX_PAGE_SIZE;
	r.rdx = 7;
	raw_enclu(&r);
	CHECK_EQUAL(times, 1);
	CHECK_EQUAL(r.rax, SGX_EEXIT);
	CHECK_EQUAL(*(uint64_t *)r.rsi, 7);
}

static const struct test tests[] = {
	{ "an interrupted enclave goes on after the handler", resumes, 0 },
	{ "registers, flags and vectors survive interruptions", registers_survive, 0 },
	{ "a handler can siglongjmp out; the thread can be entered at CSSA 1 and resumed",
	  jumps_out, 0 },
	{ "a handler can change the context it returns to", goes_elsewhere, 0 },
	{ "a handler can enter the interrupted thread again", nests, 0 },
	{ "a fault's handler can enter, with every signal blocked", enters_from_fault_handler, 0 },
	{ "a signal from another thread breaks out of a spinning enclave", jumps_out_of_a_thread,
	  0 },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
