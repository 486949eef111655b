// SPDX-License-Identifier: Apache-2.0
/* Interrupting the test enclave; see interrupt.h. */
#include "tests/trap/interrupt.h"

#include <sys/time.h>
#include <unistd.h>

#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "tests/trap/harness.h"

struct test_enclave e;
struct sgx_enclave_run run;
volatile uint64_t shared[2];
volatile int times;
volatile uint64_t seen_rip, seen_rax, seen_fs, seen_rsp;

const struct sgx_tcs *tcs(unsigned int page)
{
	static struct sgx_tcs copy;

	enclave_look(&e, page * SGX_PAGE_SIZE, &copy, sizeof(copy));
	return &copy;
}

void look(const ucontext_t *uc)
{
	times++;
	seen_rip = (uint64_t)uc->uc_mcontext.gregs[REG_RIP];
	seen_rax = (uint64_t)uc->uc_mcontext.gregs[REG_RAX];
	seen_rsp = (uint64_t)uc->uc_mcontext.gregs[REG_RSP];
	seen_fs = (uintptr_t)__builtin_thread_pointer();
}

void catch_with(int sig, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction a = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	sigemptyset(&a.sa_mask);
	NEED(sigaction(sig, &a, NULL) == 0);
}

void start_timer(void)
{
	const struct itimerval t = { .it_interval.tv_usec = 2000, .it_value.tv_usec = 2000 };

	NEED(setitimer(ITIMER_REAL, &t, NULL) == 0);
}

void stop_timer(void)
{
	const struct itimerval t = { 0 };

	setitimer(ITIMER_REAL, &t, NULL);
}

int enter_or_resume(unsigned int leaf, unsigned long op)
{
	return vdso_call(&e, PAGE_TCS0, op, (uintptr_t)shared, 0, leaf, &run);
}

int enter(unsigned long op)
{
	return enter_or_resume(SGX_EENTER, op);
}

void end_after_10(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	look(uc);
	if (seen_rax == SGX_ERESUME && times > 10)
		shared[1] = 1;
}
