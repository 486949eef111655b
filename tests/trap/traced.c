// SPDX-License-Identifier: Apache-2.0
/*
 * What tests/integration/trace.bats traces: each argument is one thing that is done with the test
 * enclave, in the order they are given.  Runs under swsgx; ends with the first that goes wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sgx/leaf.h"
#include "sgx/report.h"
#include "sgx/secinfo.h"
#include "sgx/uapi/intree.h"
#include "tests/trap/enclave.h"
#include "tests/trap/harness.h"

static struct test_enclave e;
static struct sgx_enclave_run run;
static char **arguments;

static int call(unsigned int op, void *rsi)
{
	return vdso_call(&e, PAGE_TCS0, op, (uintptr_t)rsi, 0, SGX_EENTER, &run);
}

static void enter(void)
{
	CHECK_EQUAL(call(OP_EXIT, NULL), 0);
	CHECK_EQUAL(run.function, SGX_EEXIT);
}

static void make(void)
{
	enclave_make(&e);
}

static void report(void)
{
	struct sgx_report report;
	uint8_t key[16];

	CHECK_EQUAL(call(OP_REPORT, &report), 0);
	CHECK_EQUAL(call(OP_KEY, key), 0);
}

static void fault(void)
{
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_POKE, (uintptr_t)e.base + PAGE_TCS2 * SGX_PAGE_SIZE,
	                      0, SGX_EENTER, &run),
	            0);
	CHECK_EQUAL(run.function, SGX_ERESUME);
}

static uint64_t spin[2];

static void stop(int sig)
{
	(void)sig;
	__atomic_store_n(&spin[1], 1, __ATOMIC_RELEASE);
}

static void interrupt(void)
{
	const struct itimerval soon = { .it_value.tv_usec = 20000 };

	signal(SIGALRM, stop);
	setitimer(ITIMER_REAL, &soon, NULL);
	CHECK_EQUAL(call(OP_SPIN, spin), 0);
	CHECK_EQUAL(run.function, SGX_EEXIT);
}

/* Signed for another SSAFRAMESIZE than it has. */
static void refuse(void)
{
	struct sgx_enclave_init init = { .sigstruct = (uintptr_t)&e.sigstruct };

	enclave_reserve(&e);
	enclave_open_node(&e);
	enclave_create(&e);
	enclave_add(&e);
	e.secs.ssaframesize++;
	enclave_sign(&e);
	CHECK(ioctl(e.fd, SGX_IOC_ENCLAVE_INIT, &init) < 0 && errno == EPERM);
	e.sigstruct.signature[0] ^= 1;
	CHECK(ioctl(e.fd, SGX_IOC_ENCLAVE_INIT, &init) < 0 && errno == EPERM);
}

static void wrong(void)
{
	struct sgx_enclave_create create = { .src = 0 };

	enclave_open_node(&e);
	CHECK(ioctl(e.fd, SGX_IOC_ENCLAVE_CREATE, &create) < 0 && errno == EFAULT);
	CHECK(ioctl(e.fd, SGX_IOC_ENCLAVE_INIT, NULL) < 0 && errno == EINVAL);
	CHECK(ioctl(e.fd, 0xa4ff, NULL) < 0 && errno == ENOTTY);
	CHECK(mmap(NULL, SGX_PAGE_SIZE, PROT_READ, MAP_PRIVATE, e.fd, 0) == MAP_FAILED);
	close(e.fd);
}

static void map(void)
{
	CHECK_EQUAL(mprotect(e.base + PAGE_DATA * SGX_PAGE_SIZE, SGX_PAGE_SIZE, PROT_READ), 0);
	CHECK_EQUAL(munmap(e.base + PAGE_RODATA * SGX_PAGE_SIZE, SGX_PAGE_SIZE), 0);
}

static void *in_thread(void *unused)
{
	enter();
	return unused;
}

static void thread(void)
{
	pthread_t t;

	NEED(pthread_create(&t, NULL, in_thread, NULL) == 0);
	NEED(pthread_join(t, NULL) == 0);
}

static void wait_for(pid_t pid)
{
	int status;

	NEED(pid > 0 && waitpid(pid, &status, 0) == pid);
	CHECK_EQUAL(status, 0);
}

static void child(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		enclave_make(&e);
		enter();
		exit(0);
	}
	wait_for(pid);
}

/* This program anew, in an environment that knows nothing. */
static void exec(void)
{
	char *argv[] = { arguments[0], "make", "enter", NULL }, *envp[] = { NULL };
	pid_t pid = fork();

	if (pid == 0) {
		execve("/proc/self/exe", argv, envp);
		_exit(1);
	}
	wait_for(pid);
}

/* Every descriptor is closed, and all numbers get another file. */
static void take(void)
{
	int fd;

	for (fd = 3; fd < 2000; fd++)
		close(fd);
	fd = open("taken", O_RDWR | O_CREAT | O_TRUNC, 0600);
	NEED(fd >= 0);
	for (int other = fd + 1; other < 1024; other++)
		NEED(dup2(fd, other) == other);
}

static const struct {
	const char *name;
	void (*run)(void);
} things[] = {
	{ "make", make },     { "enter", enter },         { "report", report }, { "fault", fault },
	{ "refuse", refuse }, { "interrupt", interrupt }, { "wrong", wrong },   { "map", map },
	{ "thread", thread }, { "child", child },         { "exec", exec },     { "take", take },
};

int main(int argc, char **argv)
{
	arguments = argv;
	for (int i = 1; i < argc; i++) {
		size_t at = 0;

		while (at < sizeof(things) / sizeof(things[0]) &&
		       strcmp(things[at].name, argv[i]) != 0)
			at++;
		if (at == sizeof(things) / sizeof(things[0])) {
			fprintf(stderr, "traced: %s: unknown\n", argv[i]);
			return 1;
		}
		things[at].run();
	}
	return 0;
}
