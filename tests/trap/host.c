// SPDX-License-Identifier: Apache-2.0
/*
 * A program with an enclave, for tests that look at it from outside: "host sum" prints a number that
 * the enclave computes, "host spin" stays in the enclave from the line "inside" until SIGUSR1.
 */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "sgx/leaf.h"
#include "tests/trap/harness.h"
#include "tests/trap/interrupt.h"

#define STEPS 1000000

/* For breakpoints. */
void host_checkpoint(void);

__attribute__((noinline)) void host_checkpoint(void)
{
	__asm__ volatile("");
}

static void on_usr1(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	(void)uc;
	shared[1] = 1;
}

static int sum(void)
{
	host_checkpoint();
	if (vdso_call(&e, PAGE_TCS0, OP_SUM, STEPS, 0, SGX_EENTER, &run) != 0)
		return 1;
	host_checkpoint();
	printf("%llx\n", (unsigned long long)vdso_result);
	return run.function == SGX_EEXIT ? 0 : 1;
}

static int spin(void)
{
	catch_with(SIGUSR1, on_usr1, SA_RESTART);
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	puts("inside");
	fflush(stdout);
	if (enter(OP_SPIN) != 0 || run.function != SGX_EEXIT)
		return 1;
	puts(vdso_result == shared[0] ? "outside" : "lost");
	return 0;
}

int main(int argc, char **argv)
{
	enclave_make(&e);
	if (argc == 2 && strcmp(argv[1], "sum") == 0)
		return sum();
	if (argc == 2 && strcmp(argv[1], "spin") == 0)
		return spin();
	fputs("usage: host sum|spin\n", stderr);
	return 1;
}
