// SPDX-License-Identifier: Apache-2.0
/*
 * Signals that reach a thread while it is in an enclave, and what programs do about them: return,
 * jump away, go elsewhere, block, nest, use a stack of their own.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "sgx/ssa.h"
#include "sgx/tcs.h"
#include "tests/trap/enclave.h"
#include "tests/trap/harness.h"

static struct test_enclave e;
static struct sgx_enclave_run run;
static volatile uint64_t shared[2]; /* counter, end */
static volatile int times;
static volatile uint64_t seen_rip, seen_rax, seen_fs, seen_rsp;
static sigjmp_buf jump;

static const struct sgx_tcs *tcs(unsigned int page)
{
	/* A TCS is nobody's to read; the file behind it is. */
	static struct sgx_tcs copy;

	NEED(pread(e.fd, &copy, sizeof(copy), page * SGX_PAGE_SIZE) == sizeof(copy));
	return &copy;
}

static void look(const ucontext_t *uc)
{
	times++;
	seen_rip = (uint64_t)uc->uc_mcontext.gregs[REG_RIP];
	seen_rax = (uint64_t)uc->uc_mcontext.gregs[REG_RAX];
	seen_rsp = (uint64_t)uc->uc_mcontext.gregs[REG_RSP];
	seen_fs = (uintptr_t)__builtin_thread_pointer();
}

static void catch_with(int sig, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction a = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	sigemptyset(&a.sa_mask);
	NEED(sigaction(sig, &a, NULL) == 0);
}

/* SIGALRM to this thread, every 2 ms. */
static void start_timer(void)
{
	const struct itimerval t = { .it_interval.tv_usec = 2000, .it_value.tv_usec = 2000 };

	NEED(setitimer(ITIMER_REAL, &t, NULL) == 0);
}

static void stop_timer(void)
{
	const struct itimerval t = { 0 };

	setitimer(ITIMER_REAL, &t, NULL);
}

/*
 * ERESUME brings back the RSP and RBP of its EENTER, so both have to be called at one depth of the
 * stack: from here.
 */
static __attribute__((noinline)) int enter_or_resume(unsigned int leaf, unsigned long op)
{
	return vdso_call(&e, PAGE_TCS0, op, (uintptr_t)shared, 0, leaf, &run);
}

static int enter(unsigned long op)
{
	return enter_or_resume(SGX_EENTER, op);
}

static void end_after_10(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	look(uc);
	if (seen_rax == SGX_ERESUME && times > 10)
		shared[1] = 1;
}

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

static void go_elsewhere(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)sig;
	(void)info;
	look(uc);
	if (seen_rax == SGX_ERESUME)
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
	CHECK_EQUAL(mprotect(e.base + PAGE_DATA * SGX_PAGE_SIZE, SGX_PAGE_SIZE,
			     PROT_READ | PROT_WRITE),
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

static void mask_is_remembered(void)
{
	sigset_t all, now;

	enclave_make(&e);
	sigfillset(&all);
	CHECK_EQUAL(sigprocmask(SIG_SETMASK, &all, NULL), 0);
	CHECK_EQUAL(sigprocmask(SIG_BLOCK, NULL, &now), 0);
	CHECK(sigismember(&now, SIGSEGV) == 1);
	CHECK(sigismember(&now, SIGUSR1) == 1);
	CHECK_EQUAL(enter(OP_EXIT), 0);
	CHECK_EQUAL(run.function, SGX_EEXIT);
	sigemptyset(&all);
	sigaddset(&all, SIGSEGV);
	CHECK_EQUAL(pthread_sigmask(SIG_UNBLOCK, &all, NULL), 0);
	CHECK_EQUAL(sigprocmask(SIG_BLOCK, NULL, &now), 0);
	CHECK(sigismember(&now, SIGSEGV) == 0);
	CHECK(sigismember(&now, SIGILL) == 1);
}

static void disposition_is_the_programs(void)
{
	struct sigaction a;

	catch_with(SIGUSR1, end_after_10, SA_RESTART);
	enclave_make(&e);
	CHECK_EQUAL(sigaction(SIGUSR1, NULL, &a), 0);
	CHECK(a.sa_sigaction == end_after_10);
	CHECK_EQUAL((unsigned int)a.sa_flags & (SA_RESTART | SA_SIGINFO), SA_RESTART | SA_SIGINFO);
	CHECK_EQUAL(sigaction(SIGSEGV, NULL, &a), 0);
	CHECK(a.sa_handler == SIG_DFL);
	CHECK(signal(SIGUSR1, SIG_IGN) == (void *)end_after_10);
	CHECK(signal(SIGUSR1, SIG_DFL) == SIG_IGN);
	CHECK_EQUAL(sigaction(SIGKILL, &a, NULL), -1);
	CHECK_EQUAL(errno, EINVAL);
}

static char own_stack[64 * 1024];

static void on_own_stack(int sig, siginfo_t *info, void *uc)
{
	stack_t s;

	(void)sig;
	(void)info;
	look(uc);
	if (seen_rax != SGX_ERESUME)
		return;
	CHECK((uintptr_t)__builtin_frame_address(0) - (uintptr_t)own_stack < sizeof(own_stack));
	CHECK_EQUAL(sigaltstack(NULL, &s), 0);
	CHECK(s.ss_sp == own_stack);
	CHECK_EQUAL(s.ss_flags & SS_ONSTACK, SS_ONSTACK);
	shared[1] = 1;
}

static void uses_own_stack(void)
{
	const stack_t s = { .ss_sp = own_stack, .ss_size = sizeof(own_stack) };

	enclave_make(&e);
	CHECK_EQUAL(sigaltstack(&s, NULL), 0);
	catch_with(SIGALRM, on_own_stack, SA_ONSTACK);
	start_timer();
	CHECK_EQUAL(enter(OP_SPIN), 0);
	CHECK_EQUAL(run.function, SGX_EEXIT);
	shared[1] = 0;
	CHECK_EQUAL(enter(OP_SPIN), 0); /* and again, now that we know the thread */
	CHECK_EQUAL(run.function, SGX_EEXIT);
}

static void check_mask(int sig, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;
	sigset_t now;

	(void)info;
	look(uc);
	if (seen_rax != SGX_ERESUME)
		return;
	CHECK_EQUAL(sigprocmask(SIG_BLOCK, NULL, &now), 0);
	CHECK(sigismember(&now, sig) == 1);
	CHECK(sigismember(&now, SIGUSR2) == 1);
	CHECK(sigismember(&now, SIGUSR1) == 0);
	CHECK(sigismember(&uc->uc_sigmask, SIGUSR2) == 0);
	shared[1] = 1;
}

static void handler_has_its_mask(void)
{
	struct sigaction a = { .sa_sigaction = check_mask, .sa_flags = SA_SIGINFO };
	sigset_t now;

	enclave_make(&e);
	sigemptyset(&a.sa_mask);
	sigaddset(&a.sa_mask, SIGUSR2);
	NEED(sigaction(SIGALRM, &a, NULL) == 0);
	start_timer();
	CHECK_EQUAL(enter(OP_SPIN), 0);
	CHECK_EQUAL(run.function, SGX_EEXIT);
	CHECK_EQUAL(sigprocmask(SIG_BLOCK, NULL, &now), 0);
	for (int sig = 1; sig < 65; sig++)
		CHECK(sigismember(&now, sig) != 1);
}

static void in_child(void (*f)(void), int *ret_status)
{
	pid_t pid = fork();

	NEED(pid >= 0);
	if (pid == 0) {
		f();
		_exit(0);
	}
	NEED(waitpid(pid, ret_status, 0) == pid);
}

static void plain_ud2(void)
{
	__asm__ volatile("ud2");
}

static void plain_fault(void)
{
	volatile uintptr_t nowhere = 8;

	*(volatile int *)nowhere = 1;
}

static void send_segv(void)
{
	kill(getpid(), SIGSEGV);
}

static void enclave_ud2(void)
{
	struct raw r = { .rax = SGX_EENTER,
			 .rbx = (uintptr_t)e.base,
			 .rcx = (uintptr_t)raw_aep,
			 .rdi = OP_UD2,
			 .rflags = 0x202,
			 .mxcsr = 0x1f80,
			 .fcw = 0x37f };

	raw_enclu(&r);
}

static void defaults_still_kill(void)
{
	int status;

	enclave_make(&e);
	CHECK_EQUAL(enter(OP_EXIT), 0);
	in_child(plain_ud2, &status);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGILL);
	in_child(plain_fault, &status);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	in_child(send_segv, &status);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	in_child(enclave_ud2, &status);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGILL);
}

static void ignored_is_ignored(void)
{
	enclave_make(&e);
	signal(SIGSEGV, SIG_IGN);
	CHECK_EQUAL(kill(getpid(), SIGSEGV), 0);
	CHECK_EQUAL(enter(OP_EXIT), 0);
	CHECK_EQUAL(kill(getpid(), SIGSEGV), 0);
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

static void once(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	look(uc);
	shared[1] = 1;
}

static void resets_handler(void)
{
	struct sigaction a;

	enclave_make(&e);
	catch_with(SIGALRM, once, (int)SA_RESETHAND);
	start_timer();
	while (shared[1] == 0)
		;
	stop_timer();
	CHECK_EQUAL(sigaction(SIGALRM, NULL, &a), 0);
	CHECK(a.sa_handler == SIG_DFL);
}

static const struct test tests[] = {
	{ "an interrupted enclave goes on after the handler", resumes, 0 },
	{ "registers, flags and vectors survive interruptions", registers_survive, 0 },
	{ "a handler can siglongjmp out; the thread can be entered at CSSA 1 and resumed", jumps_out,
	  0 },
	{ "a handler can change the context it returns to", goes_elsewhere, 0 },
	{ "a handler can enter the interrupted thread again", nests, 0 },
	{ "a fault's handler can enter, with every signal blocked", enters_from_fault_handler, 0 },
	{ "blocked signals are remembered, and ENCLU works all the same", mask_is_remembered, 0 },
	{ "sigaction and signal tell what the program has set", disposition_is_the_programs, 0 },
	{ "a handler with SA_ONSTACK runs on the program's stack", uses_own_stack, 0 },
	{ "a handler runs with the mask it asked for, and leaves none behind", handler_has_its_mask,
	  0 },
	{ "faults and signals without a handler kill as ever", defaults_still_kill, 0 },
	{ "an ignored signal is ignored", ignored_is_ignored, 0 },
	{ "a signal from another thread breaks out of a spinning enclave", jumps_out_of_a_thread, 0 },
	{ "SA_RESETHAND resets", resets_handler, 0 },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
