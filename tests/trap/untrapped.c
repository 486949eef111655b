// SPDX-License-Identifier: Apache-2.0
/*
 * Which round trips take traps.  A debugger sees every signal before the program does, and every ENCLU
 * that is executed is one.  What an enclave meets on its way in and out is the same without.
 */
#include <asm/prctl.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/trap/change.h"
#include "tests/trap/filter.h"
#include "tests/trap/harness.h"

#define TRIPS     50
#define MOV_SIZE  5
#define GS_MARK   UINT64_C(0x123456789000)
#define TRACE_ENV "SWSGX_TRACE"

extern const char code_syscall[], code_start[];

static void trips(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		CHECK_EQUAL(enter(PAGE_TCS0, OP_EXIT, 0, i), i);
		CHECK_EQUAL(run.function, SGX_EEXIT);
	}
}

/* In the child: TRIPS round trips between two SIGSTOPs, after some that have found everything. */
static void traced(void)
{
	NEED(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
	enclave_make(&e);
	trips(5);
	raise(SIGSTOP);
	trips(TRIPS);
	raise(SIGSTOP);
	_exit(0);
}

/* How many signals TRIPS round trips take. */
static unsigned int signals_of_trips(void)
{
	unsigned int signals = 0, stops = 0;
	int status, sig = 0;
	pid_t child = fork();

	NEED(child >= 0);
	if (child == 0)
		traced();
	for (;;) {
		NEED(waitpid(child, &status, 0) == child);
		if (!WIFSTOPPED(status))
			break;
		sig = WSTOPSIG(status);
		if (sig == SIGSTOP)
			stops++;
		else if (stops == 1)
			signals++;
		NEED(ptrace(PTRACE_CONT, child, NULL, (void *)(long)(sig == SIGSTOP ? 0 : sig)) ==
		     0);
	}
	CHECK_EQUAL(status, 0);
	CHECK_EQUAL(stops, 2);
	return signals;
}

static void no_trap(void)
{
	need_untrapped();
	CHECK_EQUAL(signals_of_trips(), 0);
}

static void switched_off(void)
{
	setenv("SWSGX_REWRITE", "0", 1);
	CHECK_EQUAL(signals_of_trips(), 2 * TRIPS);
}

/* This test once more, in a program that is traced from its start. */
static void while_traced(void)
{
	const char *number = "3";

	if (getenv(TRACE_ENV) == NULL) {
		setenv(TRACE_ENV, "/dev/null", 1);
		NEED(freopen("/dev/null", "w", stdout) != NULL);
		execl("/proc/self/exe", "untrapped", number, NULL);
		test_error(__FILE__, __LINE__, "execl: %s", strerror(errno));
	}
	CHECK_EQUAL(signals_of_trips(), 2 * TRIPS);
}

static bool is_rewritten(void)
{
	return memcmp((const void *)page(PAGE_CODE), code_start, SGX_PAGE_SIZE) != 0;
}

static void its_bytes(void)
{
	static const uint8_t mov[MOV_SIZE] = { 0xb8, 4, 0, 0, 0 };
	static uint8_t file[SGX_PAGE_SIZE];
	const uint8_t *now;
	size_t at = 0;

	need_untrapped();
	enclave_make(&e);
	CHECK(!is_rewritten());
	trips(2);
	CHECK(is_rewritten());
	now = (const uint8_t *)page(PAGE_CODE);
	while (now[at] == (uint8_t)code_start[at])
		at++;
	CHECK(memcmp(code_start + at, mov, MOV_SIZE) == 0);
	CHECK(memcmp(now + at + MOV_SIZE, code_start + at + MOV_SIZE,
	             SGX_PAGE_SIZE - at - MOV_SIZE) == 0);
	/* The EPC page is what was measured: an enclave in another view of it runs that. */
	enclave_look(&e, PAGE_CODE * SGX_PAGE_SIZE, file, sizeof(file));
	CHECK(memcmp(file, code_start, sizeof(file)) == 0);
}

static void mapped_again(void)
{
	uint8_t *code;

	need_untrapped();
	enclave_make(&e);
	trips(5);
	CHECK(is_rewritten());
	code = (uint8_t *)page(PAGE_CODE);
	NEED(munmap(code, SGX_PAGE_SIZE) == 0);
	NEED(mmap(code, SGX_PAGE_SIZE, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, e.fd, 0) ==
	     code);
	CHECK(!is_rewritten());
	trips(5);
	CHECK(is_rewritten());
}

static void off_leaves_bytes(void)
{
	setenv("SWSGX_REWRITE", "0", 1);
	enclave_make(&e);
	trips(TRIPS);
	CHECK(!is_rewritten());
}

static void illegal(void)
{
	uint64_t at = (uint64_t)(code_syscall - code_start);

	enclave_make(&e);
	trips(5);
	enter(PAGE_TCS0, OP_JUMP, page(PAGE_CODE) + at, 0);
	CHECK_EQUAL(run.function, SGX_ERESUME);
	CHECK_EQUAL(run.exception_vector, TRAP_UD);
	NEED(getppid() > 0); /* outside, system calls are made */
	CHECK_EQUAL(enter(PAGE_TCS2, OP_EXIT, 0, 7), 7);
}

static uint64_t gs_base(void)
{
	uint64_t base = 0;

	NEED(syscall(SYS_arch_prctl, ARCH_GET_GS, &base) == 0);
	return base;
}

static void bases(void)
{
	static __thread int mark = 5;
	uint64_t seen[2];

	enclave_make(&e);
	trips(5);
	for (uint64_t i = 0; i < 5; i++) {
		NEED(syscall(SYS_arch_prctl, ARCH_SET_GS, GS_MARK + i) == 0);
		enter(PAGE_TCS0, OP_BASES, (uintptr_t)seen, 0);
		CHECK_EQUAL(run.function, SGX_EEXIT);
		CHECK_EQUAL(seen[0], page(PAGE_DATA));
		CHECK_EQUAL(seen[1], page(PAGE_RODATA));
		CHECK_EQUAL(gs_base(), GS_MARK + i);
		CHECK_EQUAL(mark, 5);
	}
}

static void protect(unsigned int n, int prot)
{
	NEED(mprotect((void *)page(n), SGX_PAGE_SIZE, prot) == 0);
}

static void unmapped_between(void)
{
	enclave_make(&e);
	trips(5);
	protect(PAGE_SSA, PROT_READ);
	enter(PAGE_TCS0, OP_EXIT, 0, 0);
	CHECK_EQUAL(run.function, SGX_EENTER);
	CHECK_EQUAL(run.exception_vector, TRAP_PF);
	CHECK_EQUAL(run.exception_addr, page(PAGE_SSA));
	protect(PAGE_SSA, PROT_READ | PROT_WRITE);
	trips(5);
	protect(PAGE_CODE, PROT_READ);
	CHECK(!is_rewritten());
	enter(PAGE_TCS0, OP_EXIT, 0, 0);
	CHECK_EQUAL(run.function, SGX_ERESUME);
	CHECK_EQUAL(run.exception_vector, TRAP_PF);
	protect(PAGE_CODE, PROT_READ | PROT_EXEC);
	CHECK_EQUAL(enter(PAGE_TCS2, OP_EXIT, 0, 7), 7);
	NEED(munmap((void *)page(PAGE_TCS2), SGX_PAGE_SIZE) == 0);
	enter(PAGE_TCS2, OP_EXIT, 0, 0);
	CHECK_EQUAL(run.function, SGX_EENTER);
	CHECK_EQUAL(run.exception_vector, TRAP_PF);
}

static void changed_between(void)
{
	enclave_make(&e);
	trips(5);
	CHECK_EQUAL(restrict_to(PAGE_SSA, 1, SGX_SECINFO_R), 0);
	enter(PAGE_TCS0, OP_EXIT, 0, 0);
	CHECK_EQUAL(run.function, SGX_EENTER);
	CHECK_EQUAL(run.exception_vector, TRAP_PF);
	CHECK_EQUAL(run.exception_addr, page(PAGE_SSA));
	CHECK_EQUAL(enter(PAGE_TCS2, OP_EXIT, 0, 7), 7);
	CHECK_EQUAL(enter(PAGE_TCS2, OP_EXIT, 0, 8), 8);
	CHECK_EQUAL(modify(PAGE_TCS2, 1, SGX_PT_TRIM), 0);
	enter(PAGE_TCS2, OP_EXIT, 0, 0);
	CHECK_EQUAL(run.function, SGX_EENTER);
	CHECK_EQUAL(run.exception_vector, TRAP_PF);
}

static volatile uint64_t spinning[2];

static void *spin(void *unused)
{
	struct sgx_enclave_run inside = { 0 };

	for (unsigned int i = 0; i < 3; i++)
		NEED(vdso_call(&e, PAGE_TCS0, OP_EXIT, 0, 0, SGX_EENTER, &inside) == 0);
	NEED(vdso_call(&e, PAGE_TCS0, OP_SPIN, (uintptr_t)spinning, 0, SGX_EENTER, &inside) == 0);
	CHECK_EQUAL(inside.function, SGX_EEXIT);
	return unused;
}

static void busy(void)
{
	pthread_t thread;

	enclave_make(&e);
	trips(5);
	NEED(pthread_create(&thread, NULL, spin, NULL) == 0);
	while (spinning[0] == 0)
		usleep(1000);
	for (unsigned int i = 0; i < 3; i++) {
		enter(PAGE_TCS0, OP_EXIT, 0, 0);
		CHECK_EQUAL(run.function, SGX_EENTER);
		CHECK_EQUAL(run.exception_vector, TRAP_GP);
	}
	spinning[1] = 1;
	NEED(pthread_join(thread, NULL) == 0);
	trips(5);
}

static volatile uint64_t entries;
static volatile bool is_over;

static void *enter_until_over(void *unused)
{
	struct sgx_enclave_run own = { 0 };

	for (uint64_t i = 0; !is_over; i++) {
		CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_EXIT, 0, i, SGX_EENTER, &own), 0);
		CHECK_EQUAL(own.function, SGX_EEXIT);
		CHECK_EQUAL(vdso_result, i);
		entries = i;
	}
	return unused;
}

/* Both generations change all the time, and ETRACK makes the thread leave. */
static void changes_all_the_time(void)
{
	pthread_t thread;

	enclave_make(&e);
	NEED(pthread_create(&thread, NULL, enter_until_over, NULL) == 0);
	for (unsigned int i = 0; i < 300 || entries < 300; i++) {
		protect(PAGE_STACK, i % 2 ? PROT_READ | PROT_WRITE : PROT_READ);
		CHECK_EQUAL(restrict_to(PAGE_STACK, 1, RW), 0);
	}
	is_over = true;
	NEED(pthread_join(thread, NULL) == 0);
}

static void killing_filter(void)
{
	need_untrapped();
	filter_32_bit(FILTER_KILL);
	CHECK_EQUAL(signals_of_trips(), TRIPS);
}

/* The child that tries the system call first would be its namespace's first process, and end it. */
static void filter_and_namespace(void)
{
	int status = 0;
	pid_t child;

	need_untrapped();
	filter_32_bit(FILTER_REFUSE);
	if (unshare(CLONE_NEWPID) < 0)
		test_skip("no PID namespace may be made");
	enclave_make(&e);
	trips(5);
	child = fork();
	CHECK(child >= 0);
	if (child == 0)
		_exit(getpid() == 1 ? 0 : 1);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
}

static void *enter_filtered(void *unused)
{
	filter_32_bit(FILTER_REFUSE);
	trips(5);
	return unused;
}

static void refusing_filter(void)
{
	pthread_t thread;

	need_untrapped();
	enclave_make(&e);
	trips(5);
	CHECK(is_rewritten());
	NEED(pthread_create(&thread, NULL, enter_filtered, NULL) == 0);
	NEED(pthread_join(thread, NULL) == 0);
	CHECK(!is_rewritten());
	trips(5);
}

static const struct test tests[] = {
	{ "after the first, round trips take no trap", no_trap, 0 },
	{ "with SWSGX_REWRITE=0, two each", switched_off, 0 },
	{ "and two each while leaves are traced", while_traced, 0 },
	{ "a MOV of this process is another, and the enclave's file is as measured", its_bytes, 0 },
	{ "a new mapping of the code has it as measured, until it leaves", mapped_again, 0 },
	{ "with SWSGX_REWRITE=0 no byte is another", off_leaves_bytes, 0 },
	{ "a system call inside is #UD", illegal, 0 },
	{ "the bases are the enclave's inside and the program's outside", bases, 0 },
	{ "what is unmapped or protected between two entries is met by the second",
	  unmapped_between, 0 },
	{ "so is what the driver has changed", changed_between, 0 },
	{ "a thread goes on entering while all of it changes", changes_all_the_time, 0 },
	{ "a TCS that another thread is in is #GP", busy, 0 },
	{ "where a filter kills for 32-bit system calls, only the exit traps", killing_filter, 0 },
	{ "a thread whose filter refuses them has nothing rewritten", refusing_filter, 0 },
	{ "where a filter has to be tried out, no first process of a PID namespace tries it",
	  filter_and_namespace, 0 },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
