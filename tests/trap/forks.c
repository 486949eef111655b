// SPDX-License-Identifier: Apache-2.0
/*
 * fork, while the library stands between the program and its signals: neither parent nor child waits
 * for ever, and what a child sets is its own.
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sgx/secinfo.h"
#include "tests/trap/harness.h"
#include "tests/trap/interrupt.h"

#define FORKS 1000

static pthread_t allocating;

static void nothing(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	(void)uc;
}

static void ends_well(pid_t pid)
{
	int status;

	NEED(pid > 0);
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK_EQUAL(status, 0);
}

static void *allocate(void *unused)
{
	void *p[64];

	for (;;) {
		for (size_t i = 0; i < 64; i++)
			p[i] = malloc(i * 37 + 1);
		for (size_t i = 0; i < 64; i++)
			free(p[i]);
	}
	return unused;
}

static void *interrupt(void *unused)
{
	for (;;) {
		pthread_kill(allocating, SIGUSR1);
		usleep(20);
	}
	return unused;
}

static void forks_beside_malloc(void)
{
	pthread_t thread;

	enclave_make(&e);
	catch_with(SIGUSR1, nothing, SA_RESTART);
	NEED(pthread_create(&allocating, NULL, allocate, NULL) == 0);
	NEED(pthread_create(&thread, NULL, interrupt, NULL) == 0);
	for (unsigned int i = 0; i < FORKS; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		ends_well(pid);
	}
}

/* What a library does around fork; run before ours, after it or between. */
static void handler_of_fork(void)
{
	const stack_t none = { .ss_flags = SS_DISABLE };
	void *p = mmap(NULL, SGX_PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	NEED(p != MAP_FAILED);
	CHECK_EQUAL(mprotect(p, SGX_PAGE_SIZE, PROT_NONE), 0);
	CHECK_EQUAL(munmap(p, SGX_PAGE_SIZE), 0);
	CHECK(signal(SIGUSR1, SIG_DFL) != SIG_ERR);
	CHECK_EQUAL(sigaltstack(&none, NULL), 0);
	CHECK_EQUAL(enter(OP_EXIT), 0);
	times++;
}

static void fork_once(void)
{
	pid_t pid;

	times = 0;
	pid = fork();
	if (pid == 0) {
		CHECK_EQUAL(times, 4);
		CHECK_EQUAL(enter(OP_EXIT), 0);
		_exit(0);
	}
	ends_well(pid);
	CHECK_EQUAL(times, 4);
	CHECK_EQUAL(enter(OP_EXIT), 0);
}

static bool is_early;

static void early_handler_of_fork(void)
{
	if (is_early)
		handler_of_fork();
}

/* Before any library's constructor, hence before ours. */
static void register_early(void)
{
	pthread_atfork(early_handler_of_fork, early_handler_of_fork, early_handler_of_fork);
}

static void (*const preinit)(void)
	__attribute__((section(".preinit_array"), used)) = register_early;

static void handlers_of_fork(void)
{
	enclave_make(&e);
	is_early = true;
	NEED(pthread_atfork(handler_of_fork, handler_of_fork, handler_of_fork) == 0);
	fork_once(); /* the handlers are the first that enters */
	fork_once();
}

static void in_vfork_child(void)
{
	const stack_t none = { .ss_flags = SS_DISABLE };

	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	signal(SIGUSR1, SIG_DFL);
	sigaltstack(&none, NULL);
}

static void vfork_child_is_apart(void)
{
	static char stack[65536];
	const stack_t s = { .ss_sp = stack, .ss_size = sizeof(stack) };
	sigset_t mask;
	stack_t now;
	pid_t pid;

	enclave_make(&e);
	CHECK_EQUAL(enter(OP_EXIT), 0);
	CHECK_EQUAL(sigaltstack(&s, NULL), 0);
	catch_with(SIGUSR1, end_after_10, 0);
	pid = vfork();
	if (pid == 0) {
		in_vfork_child();
		_exit(0);
	}
	ends_well(pid);
	CHECK_EQUAL(raise(SIGUSR1), 0);
	CHECK_EQUAL(times, 1);
	CHECK_EQUAL(sigaltstack(NULL, &now), 0);
	CHECK(now.ss_sp == stack);
	CHECK_EQUAL(sigprocmask(SIG_BLOCK, NULL, &mask), 0);
	CHECK(sigismember(&mask, SIGSEGV) == 0);
}

static const struct test tests[] = {
	{ "fork goes on when a signal interrupts another thread's malloc", forks_beside_malloc,
	  60 },
	{ "handlers of fork may do anything, also enter", handlers_of_fork, 0 },
	{ "what a child of vfork sets does not reach its parent", vfork_child_is_apart, 0 },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
