// SPDX-License-Identifier: Apache-2.0
/* See adding.h. */
#include "tests/trap/adding.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/crypto/crypto.h"
#include "lib/sgx/measure.h"
#include "lib/sgx/sigstruct.h"
#include "sgx/secinfo.h"
#include "sgx/uapi/intree.h"
#include "tests/trap/harness.h"

#define JUMPS 20
#define LONG  500 /* pages; of a request that takes longer than the timer */
#define SIZE  (UINT64_C(512) * SGX_PAGE_SIZE)
#define FLAGS (SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_W)

struct test_enclave e;
uint8_t *source;

void prepare(size_t pages)
{
	uint32_t seed = 7;

	enclave_reserve(&e);
	e.secs.size = SIZE;
	e.secs.baseaddr = UINT64_C(1) << 40;
	enclave_open_node(&e);
	enclave_create(&e);
	source = mmap(NULL, pages * SGX_PAGE_SIZE, PROT_READ | PROT_WRITE,
	              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	NEED(source != MAP_FAILED);
	for (size_t i = 0; i < pages * SGX_PAGE_SIZE; i++)
		source[i] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
}

int add(size_t page, size_t first, size_t count, size_t *ret_pages)
{
	const struct sgx_secinfo secinfo = { .flags = FLAGS };
	struct sgx_enclave_add_pages arg = {
		.src = (uintptr_t)source + first * SGX_PAGE_SIZE,
		.offset = page * SGX_PAGE_SIZE,
		.length = count * SGX_PAGE_SIZE,
		.secinfo = (uintptr_t)&secinfo,
		.flags = SGX_PAGE_MEASURE,
	};
	int r = ioctl(e.fd, SGX_IOC_ENCLAVE_ADD_PAGES, &arg) < 0 ? errno : 0;

	CHECK_EQUAL(arg.count % SGX_PAGE_SIZE, 0);
	*ret_pages = arg.count / SGX_PAGE_SIZE;
	return r;
}

void check_content(size_t page, size_t first, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t found[SGX_PAGE_SIZE];

		enclave_look(&e, (page + i) * SGX_PAGE_SIZE, found, sizeof(found));
		CHECK_EQUAL(memcmp(found, source + (first + i) * SGX_PAGE_SIZE, sizeof(found)), 0);
	}
}

void sign(size_t count)
{
	struct rsa3072_key *key;
	struct sha256 s;
	char path[PATH_MAX];
	struct err err;
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 16);

	NEED(n > 0);
	path[n] = '\0';
	strcpy(strrchr(path, '/'), "/key.pem");
	enclave_sign(&e);
	measure_ecreate(&s, e.secs.ssaframesize, SIZE, 0);
	for (uint64_t at = 0; at < count * SGX_PAGE_SIZE; at += SGX_PAGE_SIZE) {
		measure_eadd(&s, at, FLAGS);
		for (uint64_t chunk = at; chunk < at + SGX_PAGE_SIZE; chunk += MEASURE_CHUNK)
			measure_eextend(&s, chunk, source + chunk);
	}
	sha256_final(&s, e.sigstruct.enclavehash);
	NEED(rsa3072_key_load(path, &key, &err) == 0);
	NEED(sigstruct_sign(&e.sigstruct, key, &err) == 0);
	rsa3072_key_free(key);
}

void stop_at_unreadable(size_t bad, size_t pages)
{
	size_t done;

	prepare(pages);
	mprotect(source + bad * SGX_PAGE_SIZE, SGX_PAGE_SIZE, PROT_NONE);
	CHECK_EQUAL(add(0, 0, pages, &done), EFAULT);
	CHECK_EQUAL(done, bad);
	/* The rest can follow, and all is measured once. */
	mprotect(source + bad * SGX_PAGE_SIZE, SGX_PAGE_SIZE, PROT_READ);
	CHECK_EQUAL(add(bad, bad, pages - bad, &done), 0);
	check_content(0, 0, pages);
	sign(pages);
	enclave_init(&e);
	close(e.fd);
	munmap(source, pages * SGX_PAGE_SIZE);
}

void stop_at_taken(size_t taken, size_t pages)
{
	size_t done;

	prepare(pages);
	CHECK_EQUAL(add(taken, pages - 1, 1, &done), 0);
	CHECK_EQUAL(add(0, 0, pages, &done), EBUSY);
	CHECK_EQUAL(done, taken);
	check_content(0, 0, taken);
	check_content(taken, pages - 1, 1);
	close(e.fd);
	munmap(source, pages * SGX_PAGE_SIZE);
}

static sigjmp_buf jump;
static volatile sig_atomic_t may_jump;

static void jump_out(int sig)
{
	(void)sig;
	if (!may_jump)
		return;
	may_jump = 0;
	siglongjmp(jump, 1);
}

static int lowest_free(void)
{
	int fd = dup(STDIN_FILENO);

	NEED(fd >= 0 && close(fd) == 0);
	return fd;
}

/* True: a handler has left it. */
static bool leave_request(size_t *ret_pages)
{
	if (sigsetjmp(jump, 1) != 0)
		return true;
	may_jump = 1;
	CHECK_EQUAL(add(0, 0, LONG, ret_pages), 0);
	may_jump = 0;
	CHECK_EQUAL(*ret_pages, LONG);
	return false;
}

void jump_out_of_requests(void)
{
	const struct itimerval often = { { 0, 700 }, { 0, 700 } };
	int jumps = 0;

	NEED(signal(SIGALRM, jump_out) != SIG_ERR);
	NEED(setitimer(ITIMER_REAL, &often, NULL) == 0);
	while (jumps < JUMPS) {
		size_t done;
		int fd;

		prepare(LONG + 1);
		fd = lowest_free();
		if (leave_request(&done)) {
			jumps++;
			CHECK_EQUAL(add(LONG, LONG, 1, &done), 0);
			CHECK_EQUAL(lowest_free(), fd);
			CHECK(waitpid(-1, NULL, WNOHANG | __WALL) < 0 && errno == ECHILD);
			check_content(LONG, LONG, 1);
		}
		close(e.fd);
		munmap(source, (LONG + 1) * SGX_PAGE_SIZE);
	}
}
