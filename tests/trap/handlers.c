// SPDX-License-Identifier: Apache-2.0
/*
 * What the program asks of signals, once the library stands between it and the kernel: masks,
 * dispositions, stacks and default actions are as without it.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sgx/leaf.h"
#include "tests/trap/harness.h"
#include "tests/trap/interrupt.h"

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

static void on_alarm(int sig)
{
	(void)sig;
	times++;
	seen_fs = (uintptr_t)__builtin_thread_pointer();
	shared[1] = 1;
}

/* libc marks them as old; programs have them all the same. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static void system_v_dispositions(void)
{
	struct sigaction a;

	enclave_make(&e);
	CHECK(sigset(SIGALRM, on_alarm) == SIG_DFL);
	CHECK_EQUAL(sigaction(SIGALRM, NULL, &a), 0);
	CHECK(a.sa_handler == on_alarm);
	start_timer();
	CHECK_EQUAL(enter(OP_SPIN), 0);
	stop_timer();
	CHECK_EQUAL(run.function, SGX_EEXIT);
	CHECK_EQUAL(seen_fs, (uintptr_t)__builtin_thread_pointer());
	CHECK(sigset(SIGALRM, SIG_HOLD) == on_alarm);
	CHECK(sigset(SIGALRM, SIG_HOLD) == SIG_HOLD);
	times = 0;
	NEED(raise(SIGALRM) == 0);
	CHECK_EQUAL(times, 0);
	CHECK(sigset(SIGALRM, on_alarm) == SIG_HOLD);
	CHECK_EQUAL(times, 1);
	CHECK_EQUAL(sigignore(SIGALRM), 0);
	CHECK(sigset(SIGALRM, SIG_DFL) == SIG_IGN);
	CHECK(sigset(SIGKILL, SIG_IGN) == SIG_ERR);
	CHECK_EQUAL(errno, EINVAL);
	CHECK(sigset(65, SIG_IGN) == SIG_ERR);
	CHECK_EQUAL(errno, EINVAL);
}
#pragma GCC diagnostic pop

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

static void small_stacks(void)
{
	stack_t s = { .ss_sp = own_stack, .ss_size = 2048 }, old;

	enclave_make(&e);
	CHECK_EQUAL(enter(OP_EXIT), 0);
	CHECK_EQUAL(sigaltstack(&s, NULL), 0);
	s.ss_size = 8192;
	s.ss_flags = (int)(1U << 31); /* SS_AUTODISARM */
	CHECK_EQUAL(sigaltstack(&s, NULL), 0);
	CHECK_EQUAL(sigaltstack(NULL, &old), 0);
	CHECK_EQUAL(old.ss_size, 8192);
	s.ss_size = 2047;
	CHECK_EQUAL(sigaltstack(&s, NULL), -1);
	CHECK_EQUAL(errno, ENOMEM);
	s.ss_flags = 4;
	CHECK_EQUAL(sigaltstack(&s, NULL), -1);
	CHECK_EQUAL(errno, EINVAL);
}

static void overflow_stack(void)
{
	/* No room for the frame: there is more processor state than that. */
	const stack_t s = { .ss_sp = own_stack + 32768, .ss_size = 2048 };

	CHECK_EQUAL(enter(OP_EXIT), 0);
	CHECK_EQUAL(sigaltstack(&s, NULL), 0);
	catch_with(SIGUSR1, end_after_10, SA_ONSTACK);
	raise(SIGUSR1);
}

static void in_child(void (*f)(void), int *ret_status);

static void frames_have_to_fit(void)
{
	int status;

	if (getauxval(AT_MINSIGSTKSZ) <= 2048)
		test_skip("a frame has room in the least stack");
	enclave_make(&e);
	in_child(overflow_stack, &status);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static void off_own_stack(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	look(uc);
	CHECK((uintptr_t)__builtin_frame_address(0) - (uintptr_t)own_stack >= sizeof(own_stack));
}

/* Before the thread enters, and after. */
static void stays_off_own_stack(void)
{
	const stack_t s = { .ss_sp = own_stack, .ss_size = sizeof(own_stack) };
	stack_t now;

	enclave_make(&e);
	CHECK_EQUAL(sigaltstack(&s, NULL), 0);
	catch_with(SIGUSR1, off_own_stack, 0);
	for (int i = 0; i < 2; i++) {
		CHECK_EQUAL(raise(SIGUSR1), 0);
		CHECK_EQUAL(sigaltstack(NULL, &now), 0);
		CHECK(now.ss_sp == own_stack);
		CHECK_EQUAL(enter(OP_EXIT), 0);
	}
	CHECK_EQUAL(times, 2);
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
	{ "blocked signals are remembered, and ENCLU works all the same", mask_is_remembered, 0 },
	{ "sigaction and signal tell what the program has set", disposition_is_the_programs, 0 },
	{ "so do sigset and sigignore, whose handlers do not run inside either",
	  system_v_dispositions, 0 },
	{ "a handler with SA_ONSTACK runs on the program's stack", uses_own_stack, 0 },
	{ "a handler without SA_ONSTACK does not", stays_off_own_stack, 0 },
	{ "a thread that has entered may have any alternate stack that the kernel takes",
	  small_stacks, 0 },
	{ "an alternate stack without room for the frame is SIGSEGV", frames_have_to_fit, 0 },
	{ "a handler runs with the mask it asked for, and leaves none behind", handler_has_its_mask,
	  0 },
	{ "faults and signals without a handler kill as ever", defaults_still_kill, 0 },
	{ "an ignored signal is ignored", ignored_is_ignored, 0 },
	{ "SA_RESETHAND resets", resets_handler, 0 },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
