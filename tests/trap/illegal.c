// SPDX-License-Identifier: Apache-2.0
/*
 * Instructions that an enclave may not execute, and system calls, which are one of them: what
 * happens inside must not change what happens outside.
 */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "sgx/ssa.h"
#include "swsgx/cpu/trap.h"
#include "tests/trap/enclave.h"
#include "tests/trap/harness.h"

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif

#define CODE(label)  ((uintptr_t)e.base + PAGE_CODE * SGX_PAGE_SIZE + (size_t)((label)-code_start))
#define DATA(offset) ((uintptr_t)e.base + PAGE_DATA * SGX_PAGE_SIZE + (offset))
#define FRAME_END    ((PAGE_SSA + 1) * SGX_PAGE_SIZE)
#define RFLAGS_RF    UINT64_C(0x10000)
#define NOT_MADE     0x7e57
#define BAD_SELECTOR 0x27 /* of a local table that is empty */

/* Labels of code.S. */
#define FOR_EACH_ILLEGAL(X) \
	X(int80)            \
	X(int20)            \
	X(int3)             \
	X(int4)             \
	X(int_rex)          \
	X(in_imm)           \
	X(in_dx)            \
	X(out_imm)          \
	X(out_dx)           \
	X(ins)              \
	X(outs)             \
	X(rdpmc)            \
	X(getsec)           \
	X(encls)            \
	X(enclv)            \
	X(vmfunc)           \
	X(retf)             \
	X(iret)             \
	X(far_call)         \
	X(far_jmp)          \
	X(mov_ds)           \
	X(lss)              \
	X(lfs)              \
	X(lgs)              \
	X(pop_fs)           \
	X(pop_gs)
#define FOR_EACH_PRIVILEGED(X) X(hlt) X(cli) X(mov_cr) X(lgdt) X(xsetbv)

#define X(name) extern const char code_##name[];
FOR_EACH_ILLEGAL(X)
FOR_EACH_PRIVILEGED(X)
X(syscall)
X(sysenter)
#undef X

static struct test_enclave e;
static struct sgx_enclave_run run;

struct row {
	const char *name, *label;
};

static struct sgx_gprsgx gprsgx(void)
{
	struct sgx_gprsgx g;

	enclave_look(&e, FRAME_END - sizeof(g), &g, sizeof(g));
	return g;
}

static int call(unsigned int leaf, unsigned long op, const struct sgx_gprsgx *g)
{
	memset(&run, 0, sizeof(run));
	return vdso_call(&e, PAGE_TCS0, op, (uintptr_t)g, 0, leaf, &run);
}

/* Operands that are valid where they are memory, and selectors and ports that are not allowed. */
static struct sgx_gprsgx operands(const char *label)
{
	return (struct sgx_gprsgx){ .rax = BAD_SELECTOR,
		                    .rcx = 1,
		                    .rdx = 0x80,
		                    .rsp = DATA(2048),
		                    .rsi = DATA(1024),
		                    .rdi = DATA(1536),
		                    .rflags = 0x202,
		                    .rip = CODE(label) };
}

static void check_row(const struct row *row, uint8_t vector)
{
	struct sgx_gprsgx g, saved;

	enclave_make(&e);
	g = operands(row->label);
	/* Far pointers and the stack: a selector of no segment; for LFS, which has REX.W, 16:64. */
	*(uint64_t *)g.rsi = (uint64_t)BAD_SELECTOR << 32;
	*(uint64_t *)(g.rsi + 8) = BAD_SELECTOR;
	*(uint64_t *)g.rsp = BAD_SELECTOR;
	CHECK_EQUAL(call(SGX_EENTER, OP_LOAD, &g), 0);
	saved = gprsgx();
	if (run.exception_vector != vector || saved.rip != g.rip)
		test_fail(__FILE__, __LINE__, "%s: vector %u, RIP + %lld", row->name,
		          run.exception_vector, (long long)(saved.rip - g.rip));
	CHECK(memcmp(&saved, &g, offsetof(struct sgx_gprsgx, rflags)) == 0);
	CHECK_EQUAL(saved.rflags, g.rflags | RFLAGS_RF);
	CHECK_EQUAL(saved.exitinfo, SGX_EXITINFO_VALID | SGX_EXITINFO_HARDWARE | vector);
	CHECK_EQUAL(run.exception_error_code, 0);
}

#define X(name) { #name, code_##name },
static void illegal(void)
{
	static const struct row rows[] = { FOR_EACH_ILLEGAL(X) };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i], TRAP_UD);
}

static void privileged(void)
{
	static const struct row rows[] = { FOR_EACH_PRIVILEGED(X) };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i], TRAP_GP);
}
#undef X

/* The kernel has lost where it was, but not that it was inside. */
static void sysenter(void)
{
	struct sgx_gprsgx g;

	enclave_make(&e);
	g = operands(code_sysenter);
	CHECK_EQUAL(call(SGX_EENTER, OP_LOAD, &g), 0);
	CHECK_EQUAL(run.function, SGX_ERESUME);
	CHECK(run.exception_vector == TRAP_UD || run.exception_vector == TRAP_GP);
	CHECK_EQUAL(call(SGX_EENTER, OP_EXIT, NULL), 0); /* at CSSA 1 */
	CHECK_EQUAL(vdso_result, 0x55);
}

/* Needs the kernel's help. */
static void need_dispatch(void)
{
	if (syscall(SYS_prctl, PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0) != 0)
		test_skip("no Syscall User Dispatch");
}

static void check_system_call(void)
{
	struct sgx_gprsgx g = operands(code_syscall), saved;

	g.rax = SYS_getpid;
	CHECK_EQUAL(call(SGX_EENTER, OP_LOAD, &g), 0);
	CHECK_EQUAL(run.exception_vector, TRAP_UD);
	saved = gprsgx();
	CHECK_EQUAL(saved.rip, g.rip);
	CHECK_EQUAL(saved.rax, SYS_getpid);
	/* As the enclave's exception handler would: the next entry finds the thread free. */
	saved.rip += 2;
	saved.r8 = (uintptr_t)raw_instruction;
	enclave_change(&e, FRAME_END - sizeof(saved), &saved, sizeof(saved));
}

static void system_call(void)
{
	need_dispatch();
	enclave_make(&e);
	check_system_call();
	CHECK_EQUAL(syscall(SYS_getppid), getppid());
	CHECK_EQUAL(call(SGX_EENTER, OP_EXIT, NULL), 0); /* at CSSA 1 */
	CHECK_EQUAL(vdso_result, 0x55);
}

static void *other_thread(void *arg)
{
	(void)arg;
	enclave_make(&e);
	check_system_call();
	return (void *)(uintptr_t)(syscall(SYS_getppid) == getppid());
}

static void threads(void)
{
	need_dispatch();
	for (unsigned int i = 0; i < 3; i++) { /* in one slot after the other */
		pthread_t thread;
		void *ret;

		NEED(pthread_create(&thread, NULL, other_thread, NULL) == 0);
		NEED(pthread_join(thread, &ret) == 0);
		CHECK(ret != NULL);
	}
	enclave_make(&e);
	check_system_call();
}

static void child(void)
{
	int status;
	pid_t pid;

	need_dispatch();
	enclave_make(&e);
	CHECK_EQUAL(call(SGX_EENTER, OP_EXIT, NULL), 0);
	pid = fork();
	if (pid == 0) {
		enclave_make(&e);
		check_system_call();
		_exit(0);
	}
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK_EQUAL(status, 0);
	check_system_call();
}

static volatile char selector;
static volatile int seen_code, times;

static void not_made(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)sig;
	selector = 0;
	seen_code = info->si_code;
	times++;
	if (info->si_code > 0)
		uc->uc_mcontext.gregs[REG_RAX] = NOT_MADE;
}

static void catch_sigsys(void)
{
	struct sigaction a = { .sa_sigaction = not_made, .sa_flags = SA_SIGINFO };

	NEED(sigaction(SIGSYS, &a, NULL) == 0);
}

static void program_sigsys(void)
{
	need_dispatch();
	enclave_make(&e);
	catch_sigsys();
	check_system_call();
	CHECK_EQUAL(times, 0);
	CHECK_EQUAL(raise(SIGSYS), 0);
	CHECK_EQUAL(times, 1);
	CHECK(seen_code <= 0);
}

static void program_dispatch(void)
{
	need_dispatch();
	enclave_make(&e);
	catch_sigsys();
	for (unsigned int i = 0; i < 2; i++) {
		enclave_make(&e);
		CHECK_EQUAL(prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, &selector), 0);
		CHECK_EQUAL(call(SGX_EENTER, OP_EXIT, NULL), 0);
		selector = 1;
		CHECK_EQUAL(syscall(SYS_getpid), NOT_MADE);
		CHECK_EQUAL(times, i + 1);
		CHECK_EQUAL(seen_code, 2); /* SYS_USER_DISPATCH */
		CHECK_EQUAL(prctl(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0), 0);
		check_system_call(); /* ours again */
	}
	CHECK_EQUAL(times, 2);
}

static void no_handler(void)
{
	int status;
	pid_t pid;

	need_dispatch();
	enclave_make(&e);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, &selector);
		selector = 1;
		syscall(SYS_getpid);
		_exit(0);
	}
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status));
}

static const struct test tests[] = {
	{ "instructions that are illegal in an enclave are #UD at themselves", illegal, 0 },
	{ "privileged instructions stay #GP", privileged, 0 },
	{ "SYSENTER is an exit", sysenter, 0 },
	{ "SYSCALL is #UD, and is not made; outside it is", system_call, 0 },
	{ "in each thread, and in those that come after it", threads, 0 },
	{ "in a child of fork as well", child, 0 },
	{ "a program's handler of SIGSYS gets its signals, and none of the enclave's",
	  program_sigsys, 0 },
	{ "a program can have Syscall User Dispatch itself", program_dispatch, 0 },
	{ "a program that is refused a system call and does not handle it dies", no_handler, 0 },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
