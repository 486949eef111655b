// SPDX-License-Identifier: Apache-2.0
/*
 * One enclave, several threads and processes: a thread for each TCS, fork, exec, a descriptor that
 * is passed on, closed or duplicated.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "swsgx/cpu/trap.h"
#include "tests/trap/enclave.h"
#include "tests/trap/harness.h"

static struct test_enclave e;
static uint64_t spin[2][2];

static uint64_t data(unsigned int offset)
{
	return (uintptr_t)e.base + PAGE_DATA * SGX_PAGE_SIZE + offset;
}

static uint64_t peek(unsigned int offset)
{
	struct sgx_enclave_run run = { 0 };

	CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_PEEK, data(offset), 0, SGX_EENTER, &run), 0);
	CHECK_EQUAL(run.function, SGX_EEXIT);
	return vdso_result;
}

static void poke(unsigned int offset, uint64_t value)
{
	struct sgx_enclave_run run = { 0 };

	CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_POKE, data(offset), value, SGX_EENTER, &run), 0);
	CHECK_EQUAL(run.function, SGX_EEXIT);
}

static void *spinner(void *arg)
{
	uint64_t *mine = arg;
	struct sgx_enclave_run run = { 0 };
	unsigned int tcs = mine == spin[0] ? PAGE_TCS0 : PAGE_TCS2;

	vdso_call(&e, tcs, OP_SPIN, (uintptr_t)mine, 0, SGX_EENTER, &run);
	return (void *)(uintptr_t)run.function;
}

static void wait_until(const uint64_t *counter)
{
	const struct timespec ms = { .tv_nsec = 1000000 };

	while (__atomic_load_n(counter, __ATOMIC_SEQ_CST) == 0)
		nanosleep(&ms, NULL);
}

static void end(uint64_t *mine)
{
	__atomic_store_n(&mine[1], 1, __ATOMIC_SEQ_CST);
}

static void two_threads(void)
{
	pthread_t thread[2];
	void *function;

	enclave_make(&e);
	for (int i = 0; i < 2; i++)
		NEED(pthread_create(&thread[i], NULL, spinner, spin[i]) == 0);
	for (int i = 0; i < 2; i++)
		wait_until(&spin[i][0]);
	for (int i = 0; i < 2; i++)
		end(spin[i]);
	for (int i = 0; i < 2; i++) {
		NEED(pthread_join(thread[i], &function) == 0);
		CHECK_EQUAL((uintptr_t)function, SGX_EEXIT);
	}
}

static void busy_tcs(void)
{
	struct sgx_enclave_run run = { 0 };
	pthread_t thread;

	enclave_make(&e);
	NEED(pthread_create(&thread, NULL, spinner, spin[0]) == 0);
	wait_until(&spin[0][0]);
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_EXIT, 0, 0, SGX_EENTER, &run), 0);
	CHECK_EQUAL(run.function, SGX_EENTER);
	CHECK_EQUAL(run.exception_vector, TRAP_GP);
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS2, OP_EXIT, 0, 5, SGX_EENTER, &run), 0);
	CHECK_EQUAL(vdso_result, 5);
	end(spin[0]);
	pthread_join(thread, NULL);
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_EXIT, 0, 6, SGX_EENTER, &run), 0);
	CHECK_EQUAL(vdso_result, 6);
}

static void *short_visit(void *arg)
{
	struct sgx_enclave_run run = { 0 };

	(void)arg;
	vdso_call(&e, PAGE_TCS0, OP_EXIT, 0, 0, SGX_EENTER, &run);
	return (void *)(uintptr_t)run.function;
}

static void many_threads(void)
{
	pthread_t thread;
	void *function;

	enclave_make(&e);
	for (int i = 0; i < 300; i++) {
		NEED(pthread_create(&thread, NULL, short_visit, NULL) == 0);
		NEED(pthread_join(thread, &function) == 0);
		CHECK_EQUAL((uintptr_t)function, SGX_EEXIT);
	}
}

static void in_child(void (*f)(void))
{
	int status;
	pid_t pid = fork();

	NEED(pid >= 0);
	if (pid == 0) {
		f();
		_exit(0);
	}
	NEED(waitpid(pid, &status, 0) == pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

static void child_uses_it(void)
{
	CHECK_EQUAL(peek(0), 11);
	poke(8, 22);
}

static void forks(void)
{
	enclave_make(&e);
	poke(0, 11);
	in_child(child_uses_it);
	CHECK_EQUAL(peek(8), 22); /* shared, not copied */
}

static void forks_before_entry(void)
{
	enclave_make(&e);
	in_child(forks);
}

static void child_finishes(void)
{
	enclave_add(&e);
	enclave_sign(&e);
	enclave_init(&e);
	enclave_map(&e);
	poke(0, 11);
}

static void child_builds(void)
{
	enclave_reserve(&e);
	enclave_open_node(&e);
	enclave_create(&e);
	in_child(child_finishes);
	enclave_map(&e);
	CHECK_EQUAL(peek(0), 11);
}

static void forks_while_inside(void)
{
	pthread_t thread;

	enclave_make(&e);
	NEED(pthread_create(&thread, NULL, spinner, spin[1]) == 0);
	wait_until(&spin[1][0]);
	poke(0, 11);
	in_child(child_uses_it);
	end(spin[1]);
	NEED(pthread_join(thread, NULL) == 0);
}

static void closed(void)
{
	enclave_make(&e);
	poke(0, 33);
	CHECK_EQUAL(close(e.fd), 0);
	CHECK_EQUAL(peek(0), 33);
	CHECK_EQUAL(mprotect(e.base + PAGE_DATA * SGX_PAGE_SIZE, SGX_PAGE_SIZE, PROT_READ), 0);
	CHECK_EQUAL(peek(0), 33);
}

static void duplicated(void)
{
	int other;

	enclave_reserve(&e);
	enclave_open_node(&e);
	other = dup(e.fd);
	enclave_create(&e);
	close(e.fd);
	e.fd = other;
	enclave_add(&e);
	enclave_sign(&e);
	enclave_init(&e);
	enclave_map(&e);
	poke(0, 1);
}

static void send_fd(int socket, int fd)
{
	char byte = 0;
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .bytes = { 0 } };
	struct iovec io = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr m = { .msg_iov = &io,
		            .msg_iovlen = 1,
		            .msg_control = control.bytes,
		            .msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	NEED(sendmsg(socket, &m, 0) == 1);
}

static int receive_fd(int socket)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec io = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr m = { .msg_iov = &io,
		            .msg_iovlen = 1,
		            .msg_control = control,
		            .msg_controllen = sizeof(control) };
	int fd;

	NEED(recvmsg(socket, &m, 0) == 1 && CMSG_FIRSTHDR(&m) != NULL);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

/* In a process that has never seen an enclave: the address has to be free, the file is enough. */
static void receiver(int socket)
{
	uint8_t byte = 1;

	NEED(read(socket, &e, sizeof(e)) == sizeof(e));
	e.fd = receive_fd(socket);
	enclave_map(&e);
	CHECK_EQUAL(peek(0), 44);
	poke(8, 55);
	NEED(write(socket, &byte, 1) == 1);
	_exit(0);
}

static void passed_on(void)
{
	int sockets[2], status;
	uint8_t byte;
	pid_t pid;

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
	pid = fork();
	if (pid == 0) {
		close(sockets[0]);
		receiver(sockets[1]);
	}
	close(sockets[1]);
	enclave_make(&e);
	poke(0, 44);
	NEED(write(sockets[0], &e, sizeof(e)) == sizeof(e));
	send_fd(sockets[0], e.fd);
	if (read(sockets[0], &byte, 1) == 1)
		CHECK_EQUAL(peek(8), 55);
	NEED(waitpid(pid, &status, 0) == pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		exit(WEXITSTATUS(status));
}

static void two_enclaves(void)
{
	struct test_enclave first;
	uint64_t address;

	enclave_make(&e);
	poke(0, 1);
	first = e;
	enclave_make(&e);
	poke(0, 2);
	address = data(0);
	CHECK_EQUAL(peek(0), 2);
	e = first;
	CHECK_EQUAL(peek(0), 1);
	CHECK(address != data(0));
}

static void two_inside_each_other(void)
{
	struct sgx_enclave_run run = { 0 };
	struct test_enclave first;

	enclave_make(&e);
	first = e;
	enclave_make(&e);
	/* The other enclave's TCS is not this one's: EENTER goes by the address. */
	CHECK_EQUAL(vdso_call(&first, PAGE_TCS0, OP_EXIT, 0, 9, SGX_EENTER, &run), 0);
	CHECK_EQUAL(vdso_result, 9);
}

static void environment_of_a_child(char *const envp[])
{
	char *const argv[] = { "sh", "-c", "exec 9</dev/sgx_enclave", NULL };
	int status;
	pid_t pid = fork();

	NEED(pid >= 0);
	if (pid == 0) {
		execve("/bin/sh", argv, envp);
		_exit(99);
	}
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status));
	CHECK_EQUAL(WEXITSTATUS(status), 0);
}

static void executes(void)
{
	char *const none[] = { NULL };
	char *const other[] = { "LD_PRELOAD=libm.so.6", "A=b", NULL };

	environment_of_a_child(none);
	environment_of_a_child(other);
	environment_of_a_child(environ);
}

static const struct test tests[] = {
	{ "two threads are in the enclave at once", two_threads, 0 },
	{ "a busy TCS is #GP, another one is not", busy_tcs, 0 },
	{ "threads come and go", many_threads, 0 },
	{ "a child of fork uses the same enclave", forks, 0 },
	{ "and its child does", forks_before_entry, 0 },
	{ "an enclave can be finished by a child", child_builds, 0 },
	{ "fork while a thread is inside leaves it there", forks_while_inside, 0 },
	{ "an enclave whose descriptor is closed lives with its mappings", closed, 0 },
	{ "a duplicate of the descriptor is as good", duplicated, 0 },
	{ "a descriptor that is passed to another process is the enclave", passed_on, 0 },
	{ "two enclaves are two", two_enclaves, 0 },
	{ "EENTER finds the enclave by its TCS", two_inside_each_other, 0 },
	{ "programs that are executed have software SGX, whatever their environment", executes, 0 },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
