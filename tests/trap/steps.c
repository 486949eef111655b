// SPDX-License-Identifier: Apache-2.0
/*
 * A signal before each single instruction of a round trip, by a debugger's means: it comes before or
 * after EENTER or EEXIT, or interrupts the enclave, and the round trip ends as it would have.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "tests/trap/enclave.h"
#include "tests/trap/harness.h"

#define STEPS_MAX 2000
#define PUSHF     0x9c

/* raw.S */
int vdso_trampoline(void *function, uint64_t args[7]);

static struct test_enclave e;
static volatile unsigned int signals;
static __thread unsigned int mark;

static void on_signal(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	(void)uc;
	signals += mark; /* FS base is the program's */
}

/* Each round trip is between two SIGSTOPs, and little else is. */
static int traced(void)
{
	struct sigaction a = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	void *enter = vdso_symbol(SGX_VDSO_ENTER);
	struct sgx_enclave_run run = { 0 };
	const pid_t self = getpid();

	mark = 1;
	enclave_make(&e);
	NEED(sigaction(SIGUSR1, &a, NULL) == 0);
	NEED(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
	for (unsigned long i = 0;; i++) {
		uint64_t args[7] = { OP_EXIT, 0, i, SGX_EENTER, 0, 0, (uintptr_t)&run };

		for (unsigned int again = 0; again < 3; again++)
			if (vdso_call(&e, PAGE_TCS0, OP_EXIT, 0, i, SGX_EENTER, &run) != 0)
				return 1;
		signals = 0;
		kill(self, SIGSTOP);
		if (vdso_trampoline(enter, args) != 0)
			return 2;
		kill(self, SIGSTOP);
		if (run.function != SGX_EEXIT || args[2] != i || signals != 1)
			return 3;
	}
}

/* Until the next stop of its own, with the program's signals on the way. */
static void run_to_stop(pid_t child, int sig)
{
	int status;

	for (;;) {
		NEED(ptrace(PTRACE_CONT, child, NULL, (void *)(long)sig) == 0);
		NEED(waitpid(child, &status, 0) == child);
		if (!WIFSTOPPED(status))
			test_fail(__FILE__, __LINE__, "it ended with 0x%x", (unsigned int)status);
		sig = WSTOPSIG(status);
		if (sig == SIGSTOP)
			return;
	}
}

/* PUSHF would see that it is being stepped; it is the trampoline's, after the round trip. */
static bool is_pushf(pid_t child)
{
	struct user_regs_struct regs;

	NEED(ptrace(PTRACE_GETREGS, child, NULL, &regs) == 0);
	return (ptrace(PTRACE_PEEKTEXT, child, (void *)regs.rip, NULL) & 0xff) == PUSHF;
}

/* False: the round trip is over before. */
static bool step(pid_t child, unsigned int count)
{
	int status, sig = 0;

	for (unsigned int i = 0; i < count; i++) {
		NEED(ptrace(PTRACE_SINGLESTEP, child, NULL, (void *)(long)sig) == 0);
		NEED(waitpid(child, &status, 0) == child);
		CHECK(WIFSTOPPED(status));
		sig = WSTOPSIG(status);
		if (sig == SIGSTOP)
			return false;
		sig = sig == SIGTRAP ? 0 : sig;
		if (is_pushf(child))
			return false;
	}
	return sig == 0;
}

static void each_step(void)
{
	unsigned int count;
	pid_t child = fork();
	int status;

	NEED(child >= 0);
	if (child == 0)
		_exit(traced());
	NEED(waitpid(child, &status, 0) == child);
	CHECK(WIFSTOPPED(status));
	if (WSTOPSIG(status) != SIGSTOP)
		run_to_stop(child, WSTOPSIG(status));
	for (count = 0; count < STEPS_MAX && step(child, count); count++) {
		run_to_stop(child, SIGUSR1);
		run_to_stop(child, 0);
	}
	printf("# %u instructions\n", count);
	fflush(stdout);
	CHECK(count > 100);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
}

static const struct test tests[] = {
	{ "a signal before each instruction of a round trip leaves it as it is", each_step, 60 },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
