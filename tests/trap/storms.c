// SPDX-License-Identifier: Apache-2.0
/*
 * Signals, each up to 200 microseconds behind the handler of the one before, while an enclave
 * computes: the number it comes to must be the same as without, whatever the handlers do.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "tests/trap/harness.h"
#include "tests/trap/interrupt.h"

#define STEPS       20000000
#define SIGNALS_MAX 400
#define STACK_SIZE  65536

static volatile int inside;
static sigjmp_buf jump;
static uint8_t own_stack[STACK_SIZE];

/* OP_SUM's result, by a processor that nobody interrupts. */
static uint64_t sum_of(uint64_t steps)
{
	uint64_t x = 1, sum = 0;

	while (steps-- > 0) {
		x = x * UINT64_C(6364136223846793005) + 12345;
		sum += x;
	}
	return x + sum;
}

/* One signal: soon, at many distances, or with 0 never. */
static void next_signal(int number)
{
	const struct itimerval t = { .it_value.tv_usec = number == 0 ? 0 : 1 + number * 7 % 200 };

	NEED(setitimer(ITIMER_REAL, &t, NULL) == 0);
}

static volatile bool is_stormy;

static void storm(bool is_on)
{
	is_stormy = is_on;
	next_signal(is_on);
}

/* How often the enclave was interrupted; every handler makes a system call. */
static void count(const ucontext_t *uc)
{
	look(uc);
	NEED(getppid() > 0);
	if (seen_rax == SGX_ERESUME)
		inside++;
	if (is_stormy && times < SIGNALS_MAX)
		next_signal(times);
}

static void counts(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	count(uc);
}

static int sum(unsigned int leaf)
{
	return vdso_call(&e, PAGE_TCS0, OP_SUM, STEPS, 0, leaf, &run);
}

static void check_sum(void)
{
	CHECK_EQUAL(run.function, SGX_EEXIT);
	CHECK_EQUAL(vdso_result, sum_of(STEPS));
	CHECK(inside > 10);
	CHECK_EQUAL(tcs(PAGE_TCS0)->cssa, 0);
}

static void computes(void)
{
	enclave_make(&e);
	catch_with(SIGALRM, counts, SA_RESTART);
	storm(true);
	CHECK_EQUAL(sum(SGX_EENTER), 0);
	storm(false);
	check_sum();
}

static void on_own_stack(int sig, siginfo_t *info, void *uc)
{
	volatile uint8_t room[20000]; /* used, so that it is no other's */

	(void)sig;
	(void)info;
	if ((uintptr_t)room - (uintptr_t)own_stack >= sizeof(own_stack))
		test_fail(__FILE__, __LINE__, "the handler is on another stack");
	for (unsigned int i = 0; i < sizeof(room); i++)
		room[i] = 0xee;
	count(uc);
}

static void own_stack_storm(void)
{
	const stack_t stack = { .ss_sp = own_stack, .ss_size = sizeof(own_stack) };

	enclave_make(&e);
	CHECK_EQUAL(sigaltstack(&stack, NULL), 0);
	catch_with(SIGALRM, on_own_stack, SA_ONSTACK | SA_RESTART);
	storm(true);
	CHECK_EQUAL(sum(SGX_EENTER), 0);
	storm(false);
	check_sum();
}

static void jumps(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	count(uc);
	if (seen_rax == SGX_ERESUME)
		siglongjmp(jump, 1);
}

/* Every interruption is left by a jump, and the thread resumed from where the jump leads. */
static void jumps_and_resumes(void)
{
	volatile unsigned int leaf = SGX_EENTER;

	enclave_make(&e);
	catch_with(SIGALRM, jumps, 0);
	storm(true);
	if (sigsetjmp(jump, 1) != 0 && tcs(PAGE_TCS0)->cssa == 1)
		leaf = SGX_ERESUME;
	CHECK_EQUAL(sum(leaf), 0);
	storm(false);
	check_sum();
}

static void *writer(void *arg)
{
	const struct timespec ms = { .tv_nsec = 1000 * 1000 };

	while (is_stormy && times <= 10)
		nanosleep(&ms, NULL);
	NEED(write(*(int *)arg, "x", 1) == 1);
	return NULL;
}

/* One thread is in read, and only it takes the signals. */
static ssize_t read_in_storm(int flags, int *ret_errno)
{
	sigset_t alarms;
	pthread_t thread;
	int fds[2];
	char byte;
	ssize_t n;

	NEED(pipe(fds) == 0);
	times = 0;
	catch_with(SIGALRM, counts, flags);
	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarms, NULL);
	storm(true);
	NEED(pthread_create(&thread, NULL, writer, &fds[1]) == 0);
	pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
	n = read(fds[0], &byte, 1);
	*ret_errno = errno;
	storm(false);
	pthread_join(thread, NULL);
	return n;
}

static void system_calls_restart(void)
{
	int error;

	enclave_make(&e);
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_EXIT, 0, 0, SGX_EENTER, &run), 0);
	CHECK_EQUAL(read_in_storm(SA_RESTART, &error), 1);
	CHECK(times > 10);
	CHECK_EQUAL(read_in_storm(0, &error), -1);
	CHECK_EQUAL(error, EINTR);
}

static volatile int running = 2;

static void *computing_thread(void *arg)
{
	struct sgx_enclave_run own = { .tcs = 0 };
	unsigned int page = (unsigned int)(uintptr_t)arg;
	int r = vdso_call(&e, page, OP_SUM, STEPS, 0, SGX_EENTER, &own);

	__atomic_fetch_sub(&running, 1, __ATOMIC_ACQ_REL);
	return (void *)(uintptr_t)(r == 0 && own.function == SGX_EEXIT &&
	                           vdso_result == sum_of(STEPS));
}

static __thread volatile int thread_inside;

static void counts_in_thread(int sig, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;

	(void)sig;
	(void)info;
	thread_inside++;
	if (uc->uc_mcontext.gregs[REG_RAX] == SGX_ERESUME)
		__atomic_fetch_add(&inside, 1, __ATOMIC_RELAXED);
}

static void two_threads(void)
{
	static const unsigned int pages[] = { PAGE_TCS0, PAGE_TCS2 };
	const struct timespec interval = { .tv_nsec = 100000 };
	pthread_t thread[2];
	void *ret;

	enclave_make(&e);
	catch_with(SIGUSR1, counts_in_thread, SA_RESTART);
	for (unsigned int i = 0; i < 2; i++)
		NEED(pthread_create(&thread[i], NULL, computing_thread,
		                    (void *)(uintptr_t)pages[i]) == 0);
	for (unsigned int n = 0; n < SIGNALS_MAX && running > 0; n++) {
		pthread_kill(thread[n % 2], SIGUSR1);
		nanosleep(&interval, NULL);
	}
	for (unsigned int i = 0; i < 2; i++) {
		NEED(pthread_join(thread[i], &ret) == 0);
		CHECK(ret != NULL);
	}
	CHECK(inside > 2); /* the sender needs a processor as well */
	CHECK_EQUAL(tcs(PAGE_TCS0)->cssa | tcs(PAGE_TCS2)->cssa, 0);
}

static const struct test tests[] = {
	{ "an enclave computes the same while signals come", computes, 60 },
	{ "and when they are handled on the program's alternate stack", own_stack_storm, 60 },
	{ "and when each is left by siglongjmp and followed by ERESUME", jumps_and_resumes, 60 },
	{ "system calls outside restart with SA_RESTART and only with it", system_calls_restart,
	  60 },
	{ "two threads of one enclave are interrupted each for itself", two_threads, 60 },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
