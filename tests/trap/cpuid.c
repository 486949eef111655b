// SPDX-License-Identifier: Apache-2.0
/*
 * CPUID as the program meets it: SGX where SGX is told of, the hardware's own answers otherwise,
 * whatever else the program does with signals, threads and processes.
 */
#include <asm/prctl.h>
#include <cpuid.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "sgx/ssa.h"
#include "swsgx/cpu/trap.h"
#include "tests/trap/enclave.h"
#include "tests/trap/harness.h"

#define PRINT_EPC "TESTS_TRAP_PRINT_EPC"

struct answer {
	uint32_t a, b, c, d;
};

static struct answer ask(uint32_t leaf, uint32_t subleaf)
{
	struct answer r;

	__cpuid_count(leaf, subleaf, r.a, r.b, r.c, r.d);
	return r;
}

static void need_faulting(void)
{
	if (syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0) != 0)
		test_skip("this processor cannot fault CPUID");
}

/* What the hardware says. */
static struct answer ask_hardware(uint32_t leaf, uint32_t subleaf)
{
	struct answer r;

	NEED(syscall(SYS_arch_prctl, ARCH_SET_CPUID, 1) == 0);
	r = ask(leaf, subleaf);
	NEED(syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0) == 0);
	return r;
}

static uint64_t epc_size(void)
{
	struct answer r = ask(0x12, 2);

	return (r.c & 0xfffff000) | (uint64_t)(r.d & 0xfffff) << 32;
}

static void tells_of_sgx(void)
{
	struct answer r;

	need_faulting();
	CHECK(ask(0, 0).a >= 0x12);
	r = ask(7, 0);
	CHECK(r.b & 1U << 2);  /* SGX */
	CHECK(r.c & 1U << 30); /* launch control */
	r = ask(0x12, 0);
	CHECK_EQUAL(r.a, 1 | 1 << 1 | 1 << 11); /* SGX1, SGX2, EDECCSSA */
	CHECK_EQUAL(r.b, SGX_MISC_EXINFO);
	CHECK_EQUAL(r.c, 0);
	CHECK_EQUAL(r.d, 36 << 8 | 31);
	r = ask(0x12, 1);
	CHECK_EQUAL(r.a, SGX_ATTR_DEBUG | SGX_ATTR_MODE64BIT | SGX_ATTR_PROVISIONKEY |
	                         SGX_ATTR_EINITTOKENKEY | SGX_ATTR_KSS | SGX_ATTR_AEXNOTIFY);
	CHECK_EQUAL(r.b, 0);
	CHECK_EQUAL(r.c & SGX_XFRM_LEGACY, SGX_XFRM_LEGACY);
	r = ask(0x12, 2);
	CHECK_EQUAL(r.a & 0xfff, 1); /* an EPC section */
	CHECK_EQUAL(r.c & 0xfff, 1); /* with integrity */
	CHECK_EQUAL(r.b >> 20 | r.d >> 20, 0);
	CHECK_EQUAL(epc_size(), 128 << 20);
	for (uint32_t i = 3; i < 6; i++) {
		r = ask(0x12, i);
		CHECK_EQUAL(r.a | r.b | r.c | r.d, 0);
	}
}

/* An enclave with all that CPUID tells of can be made. */
static void tells_the_truth(void)
{
	struct test_enclave e;

	need_faulting();
	enclave_reserve(&e);
	enclave_open_node(&e);
	e.secs.attributes.flags = ask(0x12, 1).a;
	e.secs.attributes.xfrm = ask(0x12, 1).c | (uint64_t)ask(0x12, 1).d << 32;
	e.secs.miscselect = ask(0x12, 0).b;
	e.secs.ssaframesize = 4;
	enclave_create(&e);
}

static void hardware_otherwise(void)
{
	static const uint32_t leaves[] = { 0,          1,          2,          4,
		                           6,          7,          0xb,        0xd,
		                           0x14,       0x15,       0x16,       0x40000000,
		                           0x80000000, 0x80000001, 0x80000002, 0x80000006,
		                           0x80000008, 0xffffffff };
	cpu_set_t one;

	need_faulting();
	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	NEED(sched_setaffinity(0, sizeof(one), &one) ==
	     0); /* leaves 1 and 0xb name the processor */
	for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
		for (uint32_t subleaf = 0; subleaf < 4; subleaf++) {
			struct answer got = ask(leaves[i], subleaf);
			struct answer wanted = ask_hardware(leaves[i], subleaf);

			if (leaves[i] == 0 && wanted.a < 0x12)
				wanted.a = 0x12;
			if (leaves[i] == 7 && subleaf == 0) {
				wanted.b |= 1U << 2;
				wanted.c |= 1U << 30;
			}
			if (memcmp(&got, &wanted, sizeof(got)) != 0)
				test_fail(__FILE__, __LINE__, "leaf 0x%x, subleaf %u", leaves[i],
				          subleaf);
		}
	}
}

/* Only four registers change, and of those the upper halves are cleared. */
static void registers(void)
{
	uint64_t a = UINT64_C(0xaaaaaaaa00000007), b = ~UINT64_C(0),
		 c = UINT64_C(0xcccccccc00000000);
	uint64_t d = ~UINT64_C(0), flags_before, flags_after, sp_before, sp_after;
	register uint64_t r8 __asm__("r8");
	register uint64_t r15 __asm__("r15");

	need_faulting();
	r8 = 0x88;
	r15 = 0xff;
	__asm__ volatile("mov %%rsp, %[sp_before]\n\t"
	                 "sub $256, %%rsp\n\t" /* past the red zone */
	                 "stc\n\tpushfq\n\tpop %[flags_before]\n\t"
	                 "cpuid\n\t"
	                 "pushfq\n\tpop %[flags_after]\n\t"
	                 "add $256, %%rsp\n\t"
	                 "mov %%rsp, %[sp_after]"
	                 : "+a"(a), "+b"(b), "+c"(c), "+d"(d), "+r"(r8),
	                   "+r"(r15), [sp_before] "=&r"(sp_before), [sp_after] "=&r"(sp_after),
	                   [flags_before] "=&r"(flags_before), [flags_after] "=&r"(flags_after)
	                 :
	                 : "cc", "memory");
	CHECK_EQUAL(a >> 32 | b >> 32 | c >> 32 | d >> 32, 0);
	CHECK(b & 1U << 2);
	CHECK_EQUAL(r8, 0x88);
	CHECK_EQUAL(r15, 0xff);
	CHECK_EQUAL(sp_after, sp_before);
	CHECK_EQUAL(flags_after & ~UINT64_C(0x10000), flags_before); /* but RF */
}

static void *in_thread(void *unused)
{
	(void)unused;
	return (void *)epc_size();
}

static uint64_t size_in_thread(void)
{
	pthread_t thread;
	void *size;

	NEED(pthread_create(&thread, NULL, in_thread, NULL) == 0);
	NEED(pthread_join(thread, &size) == 0);
	return (uintptr_t)size;
}

static void threads_and_children(void)
{
	int status;
	pid_t pid;

	need_faulting();
	CHECK_EQUAL(size_in_thread(), 128 << 20);
	pid = fork();
	NEED(pid >= 0);
	if (pid == 0)
		_exit(epc_size() == 128 << 20 && size_in_thread() == 128 << 20 ? 0 : 1);
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK_EQUAL(status, 0);
}

/* The EPC that a new program is told of, in bytes. */
static uint64_t size_in_program(const char *name, const char *setting)
{
	char text[64] = "";
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	NEED(pipe(fds) == 0);
	pid = fork();
	NEED(pid >= 0);
	if (pid == 0) {
		dup2(fds[1], 1);
		setenv(PRINT_EPC, "1", 1);
		setenv(name, setting, 1);
		execl("/proc/self/exe", "cpuid", NULL);
		_exit(1);
	}
	close(fds[1]);
	n = read(fds[0], text, sizeof(text) - 1);
	close(fds[0]);
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK_EQUAL(status, 0);
	CHECK(n > 0);
	return strtoull(text, NULL, 10);
}

static uint64_t size_of_setting(const char *setting)
{
	return size_in_program("SWSGX_EPC_SIZE", setting);
}

static void size_is_told(void)
{
	need_faulting();
	CHECK_EQUAL(size_of_setting(""), 128 << 20);
	CHECK_EQUAL(size_of_setting("64M"), 64 << 20);
	CHECK_EQUAL(size_of_setting("6G"), UINT64_C(6) << 30);
	CHECK_EQUAL(size_of_setting("4K"), 4096);
	CHECK_EQUAL(size_of_setting("0x10000000"), 256 << 20);
	/* What is no size changes nothing, and a line says so. */
	CHECK_EQUAL(size_of_setting("100"), 128 << 20);
	CHECK_EQUAL(size_of_setting("0"), 128 << 20);
	CHECK_EQUAL(size_of_setting("M"), 128 << 20);
	CHECK_EQUAL(size_of_setting("-4K"), 128 << 20);
	CHECK_EQUAL(size_of_setting("99999999999999999999G"), 128 << 20);
}

static void can_be_left_alone(void)
{
	struct answer real;

	need_faulting();
	real = ask_hardware(0x12, 2);
	CHECK_EQUAL(size_in_program("SWSGX_CPUID", "0"),
	            (real.c & 0xfffff000) | (uint64_t)(real.d & 0xfffff) << 32);
	CHECK_EQUAL(size_in_program("SWSGX_CPUID", "1"), 128 << 20);
}

static volatile sig_atomic_t segv_signals;
static uint64_t size_in_handler;
static siginfo_t seen;

static void on_signal(int sig, siginfo_t *info, void *uc)
{
	(void)uc;
	size_in_handler = epc_size();
	if (sig != SIGSEGV)
		return;
	segv_signals++;
	seen = *info;
	signal(SIGSEGV, SIG_DFL);
	_exit(info->si_code == SEGV_MAPERR && info->si_addr == (void *)0x1008 &&
	                      size_in_handler == 128 << 20
	              ? 0
	              : 1);
}

static void program_has_sigsegv(void)
{
	const struct sigaction a = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	struct sigaction old;
	sigset_t all;

	need_faulting();
	NEED(sigaction(SIGSEGV, &a, NULL) == 0 && sigaction(SIGUSR1, &a, NULL) == 0);
	CHECK_EQUAL(epc_size(), 128 << 20);
	CHECK_EQUAL(segv_signals, 0);
	CHECK_EQUAL(sigaction(SIGSEGV, NULL, &old), 0);
	CHECK(old.sa_sigaction == on_signal);
	raise(SIGUSR1);
	CHECK_EQUAL(size_in_handler, 128 << 20);
	sigfillset(&all);
	NEED(sigprocmask(SIG_BLOCK, &all, NULL) == 0);
	CHECK_EQUAL(epc_size(), 128 << 20);
	NEED(sigprocmask(SIG_UNBLOCK, &all, NULL) == 0);
	*(volatile int *)0x1008 = 1; /* on_signal ends the test */
	CHECK(false);
}

static void default_still_kills(void)
{
	int status;
	pid_t pid = fork();

	NEED(pid >= 0);
	if (pid == 0) {
		*(volatile int *)0x1008 = 1;
		_exit(0);
	}
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status));
	CHECK_EQUAL(WTERMSIG(status), SIGSEGV);
}

static void undefined_inside(void)
{
	struct sgx_enclave_run run = { 0 };
	struct test_enclave e;
	uint64_t la;

	need_faulting();
	enclave_make(&e);
	la = (uintptr_t)e.base + PAGE_CODE * SGX_PAGE_SIZE + (uint64_t)(code_cpuid - code_start);
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_JUMP, la, 0, SGX_EENTER, &run), 0);
	CHECK_EQUAL(run.function, SGX_ERESUME);
	CHECK_EQUAL(run.exception_vector, TRAP_UD);
	CHECK_EQUAL(epc_size(), 128 << 20); /* outside it goes on to answer */
}

/* The library itself lets CPUID be while it gets ready for the first enclave. */
static void the_first_enclave_leaves_it_as_it_was(void)
{
	struct test_enclave e;
	sigset_t before, after;

	need_faulting();
	NEED(sigprocmask(SIG_SETMASK, NULL, &before) == 0);
	enclave_make(&e);
	CHECK_EQUAL(epc_size(), 128 << 20);
	NEED(sigprocmask(SIG_SETMASK, NULL, &after) == 0);
	CHECK_EQUAL(memcmp(&before, &after, sizeof(before)), 0);
}

static void the_first_enclave_leaves_it_off(void)
{
	struct test_enclave e;

	need_faulting();
	NEED(syscall(SYS_arch_prctl, ARCH_SET_CPUID, 1) == 0);
	enclave_make(&e);
	CHECK_EQUAL(syscall(SYS_arch_prctl, ARCH_GET_CPUID), 1);
}

static const struct test tests[] = {
	{ "leaves 7 and 12H tell of SGX1, SGX2, launch control and 128 MiB of EPC", tells_of_sgx,
	  0 },
	{ "an enclave may have all that leaf 12H tells of", tells_the_truth, 0 },
	{ "other leaves say what the hardware says", hardware_otherwise, 0 },
	{ "CPUID changes its four registers and nothing else", registers, 0 },
	{ "threads and children of fork are told the same", threads_and_children, 0 },
	{ "SWSGX_EPC_SIZE is the size of the EPC", size_is_told, 0 },
	{ "with SWSGX_CPUID=0 CPUID is the hardware's", can_be_left_alone, 0 },
	{ "a program's own SIGSEGV handler sees its faults and no CPUID", program_has_sigsegv, 0 },
	{ "a fault without a handler kills", default_still_kills, 0 },
	{ "in an enclave CPUID is #UD", undefined_inside, 0 },
	{ "CPUID tells of SGX before the first enclave and after it",
	  the_first_enclave_leaves_it_as_it_was, 0 },
	{ "a thread that has turned the faults off keeps them off", the_first_enclave_leaves_it_off,
	  0 },
};

int main(int argc, char **argv)
{
	if (getenv(PRINT_EPC) != NULL) {
		printf("%llu\n", (unsigned long long)epc_size());
		return 0;
	}
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
