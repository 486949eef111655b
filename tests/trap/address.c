// SPDX-License-Identifier: Apache-2.0
/*
 * Enclaves that are found by their address (/dev/isgx, /dev/sgx): where they are mapped, that they
 * live as long as their mapping and no longer, and that a child of fork has none.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "sgx/uapi/intree.h"
#include "tests/trap/harness.h"
#include "tests/trap/isgx.h"

#define RWX (PROT_READ | PROT_WRITE | PROT_EXEC)

static struct test_enclave e;
static sigjmp_buf jump;
static const _Alignas(SGX_PAGE_SIZE) uint8_t zeros[SGX_PAGE_SIZE];
static const struct sgx_secinfo rw = { .flags = SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_W };

#define CHECK_ERRNO(call, wanted)           \
	do {                                \
		errno = 0;                  \
		CHECK_EQUAL(call, -1);      \
		CHECK_EQUAL(errno, wanted); \
	} while (0)

/* errno of a mapping, or 0. */
static int map(void *addr, size_t len, int flags)
{
	errno = 0;
	return mmap(addr, len, PROT_READ, flags, e.fd, 0) == MAP_FAILED ? errno : 0;
}

static void mmap_refuses(void)
{
	const size_t page = SGX_PAGE_SIZE;

	isgx_map(&e);
	CHECK_EQUAL(map(NULL, 0, MAP_SHARED), EINVAL);
	CHECK_EQUAL(map(NULL, page, MAP_SHARED), EINVAL);
	CHECK_EQUAL(map(NULL, 3 * page, MAP_SHARED), EINVAL);
	CHECK_EQUAL(map(NULL, 4 * page + 1, MAP_SHARED), EINVAL);
	CHECK_EQUAL(map(NULL, (size_t)1 << 37, MAP_SHARED), EINVAL);
	CHECK_EQUAL(map(NULL, (size_t)1 << 45, MAP_SHARED), EINVAL);
	CHECK_EQUAL(map(NULL, (size_t)-1, MAP_SHARED), ENOMEM);
	CHECK_EQUAL(map(NULL, 4 * page, MAP_PRIVATE), EINVAL);
	CHECK_EQUAL(map(NULL, 4 * page, MAP_SHARED_VALIDATE), EINVAL);
	CHECK_EQUAL(map(NULL, 4 * page, 0), EINVAL);
	CHECK_EQUAL(map(e.base, 4 * page, MAP_SHARED | MAP_FIXED_NOREPLACE), EEXIST);
	CHECK_EQUAL(map(NULL, 4 * page - 1, MAP_SHARED), 0);
}

static void is_aligned(void)
{
	isgx_map(&e);
	for (size_t len = 2 * SGX_PAGE_SIZE; len <= (size_t)1 << 36; len *= 2) {
		uint8_t *at = mmap(NULL, len, PROT_NONE, MAP_SHARED, e.fd, 0);

		CHECK(at != MAP_FAILED);
		CHECK_EQUAL((uintptr_t)at % len, 0);
		CHECK_EQUAL(munmap(at, len), 0);
	}
}

/* More of them than the address space holds: nothing is left of the search. */
static void is_given_back(void)
{
	const size_t len = (size_t)1 << 36;

	isgx_map(&e);
	for (unsigned int i = 0; i < 2100; i++) {
		void *at = mmap(NULL, len, PROT_NONE, MAP_SHARED, e.fd, 0);

		CHECK(at != MAP_FAILED);
		CHECK_EQUAL(munmap(at, len), 0);
	}
}

static void rounds_hints(void)
{
	const size_t len = 16 * SGX_PAGE_SIZE;
	uint8_t *free_at, *base;

	isgx_map(&e);
	free_at = mmap(NULL, 16 * len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	NEED(free_at != MAP_FAILED && munmap(free_at, 16 * len) == 0);
	base = (uint8_t *)(((uintptr_t)free_at + 4 * len) & ~(uintptr_t)(len - 1));
	CHECK(mmap(base, len, PROT_NONE, MAP_SHARED, e.fd, 0) == base);
	CHECK(mmap(base + len + SGX_PAGE_SIZE, len, PROT_NONE, MAP_SHARED, e.fd, 0) ==
	      base + 2 * len);
	CHECK(mmap(base + 3 * len + SGX_PAGE_SIZE, len, PROT_NONE, MAP_SHARED | MAP_FIXED, e.fd,
	           0) == base + 4 * len);
}

static void one_descriptor(void)
{
	struct test_enclave second;
	int fd;

	isgx_make(&e);
	fd = e.fd;
	isgx_build(&second);
	CHECK_EQUAL(close(second.fd), 0);
	second.fd = fd; /* it leads there as well */
	CHECK_EQUAL(isgx_init(&second, &second.sigstruct, NULL), 0);
	CHECK_EQUAL(close(fd), 0);
	CHECK_EQUAL(isgx_enter(&e, OP_EXIT, 0, 1), 1);
	CHECK_EQUAL(isgx_enter(&second, OP_EXIT, 0, 2), 2);
}

/* Only its own driver knows it. */
static void other_driver(void)
{
	struct isgx_add_page add = { .src = (uintptr_t)zeros, .secinfo = (uintptr_t)&rw };

	isgx_map(&e);
	CHECK_EQUAL(isgx_create(&e, &e.secs), 0);
	add.addr = (uintptr_t)e.base;
	e.fd = open(SGX_DEV_DCAP_OLD_ENCLAVE, O_RDWR);
	CHECK(e.fd >= 0);
	CHECK_ERRNO(ioctl(e.fd, ISGX_IOC_ADD_PAGE, &add), EINVAL);
	CHECK_ERRNO(isgx_create(&e, &e.secs), EINVAL);
}

static void enter(void)
{
	CHECK_EQUAL(isgx_enter(&e, OP_EXIT, 0, 3), 3);
}

static void drivers_together(void)
{
	struct sgx_enclave_run run = { 0 };
	struct test_enclave kernels;

	isgx_make(&e);
	enclave_make(&kernels);
	enter();
	CHECK_EQUAL(vdso_call(&kernels, PAGE_TCS0, OP_EXIT, 0, 5, SGX_EENTER, &run), 0);
	CHECK_EQUAL(vdso_result, 5);
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_EXIT, 0, 6, SGX_EENTER, &run), 0);
	CHECK_EQUAL(vdso_result, 6);
	/* The number means what the node says. */
	CHECK_ERRNO(ioctl(e.fd, SGX_IOC_ENCLAVE_INIT, &run), ENOTTY);
	CHECK_ERRNO(ioctl(kernels.fd, ISGX_IOC_INIT, &run), ENOTTY);
	CHECK_ERRNO(isgx_create(&kernels, &kernels.secs), EINVAL);
	kernels.base += SGX_PAGE_SIZE; /* its address is not /dev/isgx's */
	kernels.fd = e.fd;
	CHECK_ERRNO(isgx_add(&kernels, 0, zeros, &rw), EINVAL);
}

static void mprotect_is_free(void)
{
	uint64_t value = 7;

	isgx_make(&e);
	for (unsigned int page = 0; page < PAGES; page++) /* every page its own mapping */
		CHECK_EQUAL(mprotect(e.base + page * SGX_PAGE_SIZE, SGX_PAGE_SIZE,
		                     page % 2 ? RWX : PROT_READ | PROT_WRITE),
		            0);
	CHECK_EQUAL(
		mprotect(e.base + PAGE_CODE * SGX_PAGE_SIZE, SGX_PAGE_SIZE, PROT_READ | PROT_EXEC),
		0);
	CHECK_EQUAL(isgx_enter(&e, OP_PEEK, (uintptr_t)&value, 0), 7);
}

static void jump_back(int sig)
{
	siglongjmp(jump, sig);
}

/* The signal that an access raises, or 0. */
static int signal_of(void (*access)(void))
{
	const int sigs[] = { SIGBUS, SIGSEGV };
	struct sigaction a = { .sa_handler = jump_back };
	int sig;

	for (unsigned int i = 0; i < 2; i++)
		NEED(sigaction(sigs[i], &a, NULL) == 0);
	sig = sigsetjmp(jump, 1);
	if (sig == 0)
		access();
	return sig;
}

static void read_data(void)
{
	(void)*(volatile uint8_t *)(e.base + PAGE_DATA * SGX_PAGE_SIZE);
}

static void is_dead(void)
{
	CHECK_EQUAL(signal_of(enter), SIGBUS);
	CHECK_EQUAL(signal_of(read_data), SIGBUS);
	CHECK_ERRNO(isgx_add(&e, PAGE_TCS0, zeros, &rw), EINVAL);
}

static void before_create(void)
{
	isgx_map(&e);
	CHECK_EQUAL(signal_of(read_data), SIGBUS);
}

static void dies_of_munmap(void)
{
	isgx_make(&e);
	CHECK_EQUAL(signal_of(enter), 0);
	CHECK_EQUAL(signal_of(read_data), 0);
	CHECK_EQUAL(munmap(e.base + (PAGES - 1) * SGX_PAGE_SIZE, SGX_PAGE_SIZE), 0);
	is_dead();
	isgx_build(&e); /* before INIT too */
	CHECK_EQUAL(munmap(e.base + PAGE_HOLE * SGX_PAGE_SIZE, SGX_PAGE_SIZE), 0);
	is_dead();
}

static void dies_of_mmap(void)
{
	struct test_enclave old;
	void *last;

	isgx_make(&e);
	last = e.base + (PAGES - 1) * SGX_PAGE_SIZE;
	CHECK(mmap(last, SGX_PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
	           0) == last);
	is_dead();
	isgx_make(&e);
	old = e;
	/* A new one in the place of its second half. */
	e.base = mmap(old.base + old.size / 2, old.size / 2, RWX, MAP_SHARED | MAP_FIXED, e.fd, 0);
	CHECK(e.base == old.base + old.size / 2);
	e.secs.baseaddr = (uintptr_t)e.base;
	e.secs.size = old.size / 2;
	CHECK_EQUAL(isgx_create(&e, &e.secs), 0);
	CHECK_EQUAL(isgx_add(&e, 0, zeros, &rw), 0);
	e = old;
	is_dead();
}

static void *spin(void *arg)
{
	isgx_enter(&e, OP_SPIN, (uintptr_t)arg, 0);
	return NULL;
}

/* The thread that was inside gets the signal of its next access. */
static void dies_with_thread(void)
{
	static volatile uint64_t shared[2];
	pthread_t thread;
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		isgx_make(&e);
		NEED(pthread_create(&thread, NULL, spin, (void *)shared) == 0);
		while (shared[0] == 0)
			usleep(1000);
		munmap(e.base + (PAGES - 1) * SGX_PAGE_SIZE, SGX_PAGE_SIZE);
		pthread_join(thread, NULL);
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status));
	CHECK_EQUAL(WTERMSIG(status), SIGBUS);
}

static void stays_behind(void)
{
	int status;
	pid_t pid;

	isgx_make(&e);
	pid = fork();
	if (pid == 0) {
		CHECK_EQUAL(signal_of(read_data), SIGSEGV);
		CHECK_EQUAL(signal_of(enter), SIGSEGV);
		CHECK_ERRNO(isgx_init(&e, &e.sigstruct, NULL), EINVAL);
		isgx_make(&e); /* its own */
		enter();
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK_EQUAL(status, 0);
	enter();
}

static void ends_with_mapping(void)
{
	isgx_map(&e);
	for (unsigned int i = 0; i < 1500; i++) {
		uint8_t *at = mmap(NULL, 2 * SGX_PAGE_SIZE, RWX, MAP_SHARED, e.fd, 0);

		CHECK(at != MAP_FAILED);
		if (i % 2 == 0) {
			e.secs.baseaddr = (uintptr_t)at;
			e.secs.size = 2 * SGX_PAGE_SIZE;
			CHECK_EQUAL(isgx_create(&e, &e.secs), 0);
		}
		CHECK_EQUAL(munmap(at, 2 * SGX_PAGE_SIZE), 0);
	}
}

static const struct test tests[] = {
	{ "mmap refuses sizes and kinds that the driver refuses", mmap_refuses, 0 },
	{ "a range is at a multiple of its size", is_aligned, 0 },
	{ "munmap gives back all that mmap has taken", is_given_back, 60 },
	{ "hints and fixed addresses are rounded up", rounds_hints, 0 },
	{ "one descriptor leads to many enclaves, and close ends none", one_descriptor, 0 },
	{ "a driver does not know another's enclave", other_driver, 0 },
	{ "the kernel's driver and an older one serve one process", drivers_together, 0 },
	{ "mprotect is not held to anything and may cut the mapping", mprotect_is_free, 0 },
	{ "a mapping without an enclave is SIGBUS", before_create, 0 },
	{ "an enclave that loses a page is dead: SIGBUS", dies_of_munmap, 0 },
	{ "so is one that something else is mapped over", dies_of_mmap, 0 },
	{ "a thread inside a dying enclave gets SIGBUS", dies_with_thread, 0 },
	{ "a child of fork has no enclave, its parent still has", stays_behind, 0 },
	{ "an enclave ends with its mapping: there may be 1500, one after the other",
	  ends_with_mapping, 60 },
};

int main(int argc, char **argv)
{
	setenv("SWSGX_LAUNCH", "any", 1);
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]),
	                    "intree,legacy,dcap-old");
}
