// SPDX-License-Identifier: Apache-2.0
/*
 * EENTER and EEXIT over and over, with signals at every point of them: what comes back is what one
 * trapped round trip gives, and a handler sees the one or the other side of an instruction.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "swsgx/cpu/trap.h"
#include "tests/trap/enclave.h"
#include "tests/trap/harness.h"

#define TRIPS        300000
#define TCSS         3
#define SIGNALS      5000
#define RFLAGS_AC    UINT64_C(0x40000)
#define RFLAGS_ALL   UINT64_C(0x40ffd) /* status, TF, IF, DF, AC */
#define MXCSR_POISON 0x7fa5

struct roundtrip {
	uint64_t rdi, rsi, rdx, r8_to_r15[8];
	uint8_t ymm[16][32];
};

/* full.S */
int roundtrip(void *function, struct roundtrip *r, struct sgx_enclave_run *run);

static const unsigned int tcs_pages[TCSS] = { PAGE_TCS0, PAGE_TCS1, PAGE_TCS2 };

static struct test_enclave e;
static void *function;
static uint64_t aep; /* found by the first interruption */
static pthread_t target;
static volatile bool is_over;
static volatile uint64_t seen, seen_before, seen_inside, seen_wrong;
static bool enters_again;
static __thread uint64_t thread_mark;

/* A handler is outside: its thread is its own, and at the AEP there is nothing in between. */
static void on_signal(int sig, siginfo_t *info, void *context)
{
	const greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	struct sgx_enclave_run run = { 0 };

	(void)sig;
	(void)info;
	seen++;
	if (thread_mark != 0x5a5a)
		seen_wrong++;
	if (regs[REG_RAX] == SGX_ERESUME && regs[REG_RIP] == regs[REG_RCX]) {
		seen_inside++;
		aep = (uint64_t)regs[REG_RIP];
		if (regs[REG_RDX] != 0 || regs[REG_R12] != 0)
			seen_wrong++;
	} else if (aep != 0 && (uint64_t)regs[REG_RIP] == aep) {
		seen_before++;
		if (regs[REG_RAX] != SGX_EENTER || (uint64_t)regs[REG_RCX] != aep)
			seen_wrong++;
	} else if (aep != 0 && (uint64_t)regs[REG_RIP] == aep + 3 && regs[REG_RAX] != SGX_EEXIT) {
		seen_wrong++;
	}
	if (enters_again && vdso_call(&e, PAGE_TCS2, OP_EXIT, 0, 7, SGX_EENTER, &run) != 0)
		seen_wrong++;
}

static void *storm(void *unused)
{
	const struct timespec pause = { .tv_nsec = 1 };

	(void)unused;
	while (!is_over) {
		pthread_kill(target, SIGUSR1);
		nanosleep(&pause, NULL);
	}
	return NULL;
}

static pthread_t start_storm(void)
{
	struct sigaction a = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART };
	pthread_t thread;

	thread_mark = 0x5a5a;
	target = pthread_self();
	sigemptyset(&a.sa_mask);
	NEED(sigaction(SIGUSR1, &a, NULL) == 0);
	NEED(pthread_create(&thread, NULL, storm, NULL) == 0);
	return thread;
}

static void end_storm(pthread_t thread)
{
	is_over = true;
	pthread_join(thread, NULL);
	CHECK_EQUAL(seen_wrong, 0);
	CHECK(seen > 100);
}

static void make(void)
{
	function = vdso_symbol(SGX_VDSO_ENTER);
	NEED(function != NULL);
	enclave_make(&e);
}

static uint64_t data(unsigned int index)
{
	return ((const uint64_t *)(e.base + PAGE_DATA * SGX_PAGE_SIZE + 3584))[index];
}

static void trips(unsigned int count)
{
	struct sgx_enclave_run run = { .tcs = (uintptr_t)e.base + PAGE_TCS1 * SGX_PAGE_SIZE };
	struct roundtrip r, was;

	memset(&r, 0xa5, sizeof(r));
	for (unsigned int i = 0; i < sizeof(r); i += 8)
		((uint8_t *)&r)[i] = (uint8_t)i;
	was = r;
	for (unsigned int i = 0; i < count; i++) {
		CHECK_EQUAL(roundtrip(function, &r, &run), 0);
		CHECK_EQUAL(run.function, SGX_EEXIT);
		CHECK(memcmp(&r, &was, sizeof(r)) == 0);
		CHECK_EQUAL(data(0), 0);
		CHECK_EQUAL(data(1), run.tcs);
	}
}

static void registers_in_a_storm(void)
{
	pthread_t thread;

	make();
	thread = start_storm();
	while (seen < SIGNALS)
		trips(1000);
	end_storm(thread);
	CHECK(seen_before + seen_inside > 0);
	printf("# %lu signals: %lu before EENTER, %lu inside\n", (unsigned long)seen,
	       (unsigned long)seen_before, (unsigned long)seen_inside);
}

static void handler_enters(void)
{
	pthread_t thread;

	make();
	enters_again = true;
	thread = start_storm();
	while (seen < SIGNALS)
		trips(1000);
	end_storm(thread);
}

/* A plain ENCLU, which traps; the way out need not. */
static void flags_of(unsigned int count, unsigned int bit_count)
{
	static const uint64_t bits[] = { 0x1, 0x4, 0x10, 0x40, 0x80, 0x800, 0x400, RFLAGS_AC };
	struct raw r = { .mxcsr = MXCSR_POISON, .fcw = 0x0c7f };

	for (unsigned int i = 0; i < count; i++) {
		uint64_t wanted = 0x202;

		for (unsigned int b = 0; b < bit_count; b++)
			wanted |= i >> b & 1 ? bits[b] : 0;
		r.rflags = wanted;
		r.rax = SGX_EENTER;
		r.rbx = (uintptr_t)e.base + PAGE_TCS1 * SGX_PAGE_SIZE;
		r.rcx = (uintptr_t)raw_aep;
		r.rdx = ~(uint64_t)i;
		raw_enclu(&r);
		CHECK_EQUAL(r.rax, SGX_EEXIT);
		CHECK_EQUAL(r.rcx, (uintptr_t)raw_aep);
		CHECK_EQUAL(r.rdx, ~(uint64_t)i);
		CHECK_EQUAL(r.rflags & RFLAGS_ALL, wanted & RFLAGS_ALL);
		CHECK_EQUAL(r.mxcsr, MXCSR_POISON);
		CHECK_EQUAL(r.fs, (uintptr_t)__builtin_thread_pointer());
	}
}

static void flags(void)
{
	make();
	flags_of(512, 8);
}

/* Without AC, which handlers start with, and which C cannot bear. */
static void flags_in_a_storm(void)
{
	pthread_t thread;

	make();
	thread = start_storm();
	flags_of(20000, 7);
	end_storm(thread);
}

static void *enter_often(void *arg)
{
	const unsigned int tcs = tcs_pages[(uintptr_t)arg];
	struct sgx_enclave_run run = { 0 };

	for (unsigned long i = 0; i < TRIPS / 3; i++)
		if (vdso_call(&e, tcs, OP_EXIT, 0, i, SGX_EENTER, &run) != 0 ||
		    run.function != SGX_EEXIT || (tcs != PAGE_TCS1 && vdso_result != i))
			return (void *)1;
	return NULL;
}

static void threads(void)
{
	pthread_t thread[TCSS];
	void *result;

	make();
	for (uintptr_t i = 0; i < TCSS; i++)
		NEED(pthread_create(&thread[i], NULL, enter_often, (void *)i) == 0);
	/* libc's own signal, to threads that are inside or not. */
	for (unsigned int i = 0; i < 200; i++)
		CHECK(setuid(getuid()) == 0);
	for (unsigned int i = 0; i < TCSS; i++) {
		pthread_join(thread[i], &result);
		CHECK(result == NULL);
	}
}

/* Two threads that want one TCS: one has it, for the other it is #GP. */
static void *contend(void *ret)
{
	struct sgx_enclave_run run = { 0 };

	for (unsigned long i = 0; i < TRIPS / 30; i++) {
		memset(&run, 0, sizeof(run));
		if (vdso_call(&e, PAGE_TCS0, OP_EXIT, 0, i, SGX_EENTER, &run) != 0)
			return (void *)1;
		if (run.function == SGX_EEXIT
		            ? vdso_result != i
		            : run.function != SGX_EENTER || run.exception_vector != TRAP_GP)
			return (void *)1;
	}
	(void)ret;
	return NULL;
}

static void *pass(void *unused)
{
	(void)unused;
	for (;;) {
		enter_often((void *)0);
		pthread_testcancel();
	}
	return NULL;
}

/* The first pthread_cancel of all installs libc's handler, while a thread comes and goes. */
static void cancel(void)
{
	const struct timespec ms = { .tv_nsec = 20000000 };
	pthread_t thread;
	void *result;

	make();
	for (unsigned int i = 0; i < 3; i++) {
		NEED(pthread_create(&thread, NULL, pass, NULL) == 0);
		nanosleep(&ms, NULL);
		CHECK_EQUAL(pthread_cancel(thread), 0);
		pthread_join(thread, &result);
		CHECK(result == PTHREAD_CANCELED);
	}
}

static void one_tcs(void)
{
	pthread_t thread[2];
	void *result;

	make();
	for (unsigned int i = 0; i < 2; i++)
		NEED(pthread_create(&thread[i], NULL, contend, NULL) == 0);
	for (unsigned int i = 0; i < 2; i++) {
		pthread_join(thread[i], &result);
		CHECK(result == NULL);
	}
}

static void forks(void)
{
	pthread_t thread;
	int status;
	pid_t child;

	make();
	thread = start_storm();
	trips(1000);
	for (unsigned int i = 0; i < 20; i++) {
		child = fork();
		NEED(child >= 0);
		if (child == 0) {
			trips(1000);
			_exit(seen_wrong != 0);
		}
		while (waitpid(child, &status, 0) < 0)
			;
		CHECK_EQUAL(status, 0);
		trips(1000);
	}
	while (seen < SIGNALS / 10)
		trips(1000);
	end_storm(thread);
}

/* Where an EEXIT's MOV begins, as it was measured. */
static uint64_t find_exit(void)
{
	static const uint8_t bytes[] = { 0xb8, 4, 0, 0, 0, 0x0f, 0x01, 0xd7 };
	const uint8_t *at =
		memmem(code_start, (size_t)(code_end - code_start), bytes, sizeof(bytes));

	NEED(at != NULL);
	return (uint64_t)(at - (const uint8_t *)code_start);
}

/* The MOV's second byte begins ADD $0, %al; ADD %al, (%rax): a page fault at 0. */
static void middle_of_the_mov(void)
{
	struct sgx_enclave_run run = { 0 };

	make();
	trips(10);
	for (unsigned int i = 0; i < 10; i++)
		CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_EXIT, 0, 0, SGX_EENTER, &run), 0);
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_JUMP,
	                      (uintptr_t)e.base + PAGE_CODE * SGX_PAGE_SIZE + find_exit() + 1, 0,
	                      SGX_EENTER, &run),
	            0);
	CHECK_EQUAL(run.function, SGX_ERESUME);
	CHECK_EQUAL(run.exception_vector, TRAP_PF);
	CHECK_EQUAL(run.exception_addr, 0);
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS2, OP_EXIT, 0, 9, SGX_EENTER, &run), 0);
	CHECK_EQUAL(vdso_result, 9);
}

static void trapped_threads(void)
{
	setenv("SWSGX_REWRITE", "0", 1);
	threads();
}

static void trapped_storm(void)
{
	setenv("SWSGX_REWRITE", "0", 1);
	registers_in_a_storm();
}

static const struct test tests[] = {
	{ "registers flow through many round trips, in a storm of signals, whose handlers see one side or the other",
	  registers_in_a_storm, 0 },
	{ "and with handlers that enter themselves", handler_enters, 0 },
	{ "EEXIT leaves all flags as they are", flags, 0 },
	{ "and in a storm of signals", flags_in_a_storm, 0 },
	{ "three threads enter at once, and libc's own signals reach them", threads, 0 },
	{ "a thread that enters all the time can be cancelled", cancel, 0 },
	{ "two threads that enter one TCS: one does, or #GP", one_tcs, 0 },
	{ "a child of fork goes on entering", forks, 0 },
	{ "a jump into the middle of EEXIT's MOV meets the enclave's own bytes", middle_of_the_mov,
	  0 },
	{ "with SWSGX_REWRITE=0, registers flow through a storm", trapped_storm, 0 },
	{ "and libc's own signals reach threads", trapped_threads, 0 },
};

int main(int argc, char **argv)
{
	__builtin_cpu_init();
	if (!__builtin_cpu_supports("avx")) {
		fprintf(stdout, "1..1\nok 1 - roundtrips # SKIP no AVX\n");
		return 0;
	}
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
