// SPDX-License-Identifier: Apache-2.0
/*
 * ADD_PAGES with a writer beside, which the program must not notice: neither in what is added, nor as a
 * child, nor when it is not to be had.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sgx/secinfo.h"
#include "sgx/uapi/intree.h"
#include "tests/trap/adding.h"
#include "tests/trap/harness.h"

#define LARGE 300 /* enough for a writer; no multiple of what it takes at once, which is UNIT */
#define UNIT  48
#define TIMES 100

/* How often children that were waited for have left a processor: a writer has once at least. */
static long children_switches(void)
{
	struct rusage u;

	NEED(getrusage(RUSAGE_CHILDREN, &u) == 0);
	return u.ru_nvcsw + u.ru_nivcsw;
}

/* All of LARGE pages, and then nothing of a writer is left. */
static void add_large(void)
{
	size_t done;

	prepare(LARGE);
	CHECK_EQUAL(add(0, 0, LARGE, &done), 0);
	CHECK_EQUAL(done, LARGE);
	check_content(0, 0, LARGE);
	CHECK(waitpid(-1, NULL, WNOHANG | __WALL) < 0 && errno == ECHILD);
}

static void forget(void)
{
	close(e.fd);
	munmap(source, LARGE * SGX_PAGE_SIZE);
}

static void a_writer_changes_nothing(void)
{
	const long before = children_switches();

	setenv("SWSGX_WRITER", "1", 1);
	add_large();
	CHECK(children_switches() > before);
	sign(LARGE);
	enclave_init(&e);
}

static void there_is_none_when_it_is_off(void)
{
	const long before = children_switches();

	setenv("SWSGX_WRITER", "0", 1);
	add_large();
	CHECK_EQUAL(children_switches(), before);
	sign(LARGE);
	enclave_init(&e);
}

static void errors_stop_a_writer_at_their_page(void)
{
	static const size_t at[] = { 0, 1, UNIT - 1, UNIT, UNIT + 1, 2 * UNIT + 5, LARGE - 1 };
	const struct sgx_secinfo secinfo = { .flags = SGX_SECINFO_REG | SGX_SECINFO_W };
	struct sgx_enclave_add_pages arg = { .length = LARGE * SGX_PAGE_SIZE,
		                             .secinfo = (uintptr_t)&secinfo,
		                             .flags = SGX_PAGE_MEASURE };
	size_t done;

	setenv("SWSGX_WRITER", "1", 1);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		stop_at_unreadable(at[i], LARGE);
		stop_at_taken(at[i], LARGE);
	}
	for (size_t taken = UNIT; taken < UNIT + 3; taken++) {
		prepare(LARGE);
		CHECK_EQUAL(add(taken, 0, 1, &done), 0);
		mprotect(source + (UNIT + 1) * SGX_PAGE_SIZE, SGX_PAGE_SIZE, PROT_NONE);
		CHECK_EQUAL(add(0, 0, LARGE, &done), taken <= UNIT + 1 ? EBUSY : EFAULT);
		CHECK_EQUAL(done, taken <= UNIT + 1 ? taken : UNIT + 1);
		forget();
	}
	prepare(LARGE);
	arg.src = (uintptr_t)source;
	CHECK(ioctl(e.fd, SGX_IOC_ENCLAVE_ADD_PAGES, &arg) < 0 && errno == EINVAL);
	CHECK_EQUAL(arg.count, 0);
}

static void without_processes_there_is_none(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	setenv("SWSGX_WRITER", "1", 1);
	NEED(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	NEED(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
	add_large();
	sign(LARGE);
	enclave_init(&e);
}

static volatile sig_atomic_t signals, children;

static void count(int signal)
{
	if (signal == SIGCHLD)
		children++;
	else
		signals++;
}

static int waiting, disturbed;

static void *wait_for_any(void *unused)
{
	(void)unused;
	while (__atomic_load_n(&waiting, __ATOMIC_ACQUIRE)) {
		CHECK(waitpid(-1, NULL, 0) < 0 && errno == ECHILD);
		sched_yield();
	}
	return NULL;
}

/* Signals that come all the time, a thread that waits for children, and many requests. */
static void the_program_does_not_see_it(void)
{
	const struct itimerval often = { { 0, 500 }, { 0, 500 } };
	const struct sigaction act = { .sa_handler = count, .sa_flags = SA_RESTART };
	pthread_t waiter;

	setenv("SWSGX_WRITER", "1", 1);
	NEED(sigaction(SIGCHLD, &act, NULL) == 0 && sigaction(SIGALRM, &act, NULL) == 0);
	waiting = 1;
	NEED(pthread_create(&waiter, NULL, wait_for_any, NULL) == 0);
	NEED(setitimer(ITIMER_REAL, &often, NULL) == 0);
	for (int i = 0; i < TIMES; i++) {
		add_large();
		forget();
	}
	__atomic_store_n(&waiting, 0, __ATOMIC_RELEASE);
	NEED(pthread_join(waiter, NULL) == 0);
	CHECK(signals > 0);
	CHECK_EQUAL(children, 0);
}

/* The writer shares the descriptors, so the pipe is open as long as it lives. */
static void it_dies_with_the_program(void)
{
	for (int i = 0; i < 10; i++) {
		struct pollfd end = { .events = POLLIN };
		int fds[2];
		pid_t child;
		char byte;

		NEED(pipe(fds) == 0);
		child = fork();
		NEED(child >= 0);
		if (child == 0) {
			setenv("SWSGX_WRITER", "1", 1);
			prepare(LARGE);
			forget();
			for (;;) {
				size_t done;

				prepare(LARGE);
				NEED(write(fds[1], "", 1) == 1);
				add(0, 0, LARGE, &done);
				forget();
			}
		}
		close(fds[1]);
		NEED(read(fds[0], &byte, 1) == 1);
		usleep(200u * (unsigned int)i);
		NEED(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
		end.fd = fds[0];
		while (poll(&end, 1, -1) == 1 && read(fds[0], &byte, 1) == 1)
			;
		close(fds[0]);
	}
}

/* As an administrator may, who takes it for something that hangs: each writer there is. */
static void *disturb(void *unused)
{
	char path[64], text[32];
	int number = 0;

	(void)unused;
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	while (__atomic_load_n(&waiting, __ATOMIC_ACQUIRE)) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

		close(fd);
		text[n > 0 ? n : 0] = '\0';
		if (n > 0 && kill(atoi(text), number++ % 2 ? SIGSTOP : SIGKILL) == 0)
			__atomic_fetch_add(&disturbed, 1, __ATOMIC_RELAXED);
		usleep(300);
	}
	return NULL;
}

static void a_writer_is_stopped_or_killed(void)
{
	pthread_t other;

	setenv("SWSGX_WRITER", "1", 1);
	if (access("/proc/thread-self/children", F_OK) < 0)
		test_skip("this kernel does not list children");
	waiting = 1;
	NEED(pthread_create(&other, NULL, disturb, NULL) == 0);
	for (int i = 0; i < TIMES || __atomic_load_n(&disturbed, __ATOMIC_RELAXED) < 2; i++) {
		add_large();
		forget();
	}
	__atomic_store_n(&waiting, 0, __ATOMIC_RELEASE);
	NEED(pthread_join(other, NULL) == 0);
	add_large();
	sign(LARGE);
	enclave_init(&e);
}

static void it_is_not_the_first_of_a_namespace(void)
{
	int status = 0;
	pid_t child;

	if (unshare(CLONE_NEWPID) < 0)
		test_skip("no PID namespace may be made");
	setenv("SWSGX_WRITER", "1", 1);
	add_large();
	child = fork();
	CHECK(child >= 0);
	if (child == 0)
		_exit(getpid() == 1 ? 0 : 1);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
}

static void handlers_jump_out(void)
{
	setenv("SWSGX_WRITER", "1", 1);
	jump_out_of_requests();
}

int main(int argc, char **argv)
{
	static const struct test tests[] = {
		{ "many pages measure the same with a writer beside", a_writer_changes_nothing, 0 },
		{ "with SWSGX_WRITER=0 there is none", there_is_none_when_it_is_off, 0 },
		{ "what is wrong stops a request with a writer at its page, with count",
		  errors_stop_a_writer_at_their_page, 0 },
		{ "where no process may be made there is no writer, and all the same",
		  without_processes_there_is_none, 0 },
		{ "a program that waits for children and takes signals sees no writer",
		  the_program_does_not_see_it, 0 },
		{ "a request that a handler leaves by siglongjmp leaves nothing behind, no writer either",
		  handlers_jump_out, 60 },
		{ "a writer dies with the program", it_dies_with_the_program, 0 },
		{ "a writer that is stopped or killed costs time only",
		  a_writer_is_stopped_or_killed, 60 },
		{ "a writer is not the first process of a PID namespace",
		  it_is_not_the_first_of_a_namespace, 0 },
	};

	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
