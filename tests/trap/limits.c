// SPDX-License-Identifier: Apache-2.0
/* What a process may have a low limit of, although a driver would not ask. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "sgx/uapi/intree.h"
#include "tests/trap/adding.h"
#include "tests/trap/harness.h"

#define SMALL 4096 /* of the files */
#define LARGE 300  /* pages; enough for a writer */

static struct rlimit limit;

static void limit_files(bool is_hard)
{
	NEED(getrlimit(RLIMIT_FSIZE, &limit) == 0);
	limit.rlim_cur = SMALL;
	if (is_hard)
		limit.rlim_max = SMALL;
	NEED(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

static void limit_is_as_it_was(void)
{
	struct rlimit now;

	NEED(getrlimit(RLIMIT_FSIZE, &now) == 0);
	CHECK_EQUAL(now.rlim_cur, limit.rlim_cur);
	CHECK_EQUAL(now.rlim_max, limit.rlim_max);
}

static void small_files(void)
{
	struct sgx_enclave_run run = { .tcs = 0 };
	int provision;

	limit_files(false);
	enclave_make(&e);
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_EXIT, 0, 0, SGX_EENTER, &run), 0);
	CHECK_EQUAL(run.function, SGX_EEXIT);
	provision = open(SGX_DEV_PROVISION, O_RDONLY);
	CHECK(provision >= 0);
	limit_is_as_it_was();
}

static void small_files_and_many_pages(void)
{
	size_t done;

	limit_files(false);
	setenv("SWSGX_WRITER", "1", 1);
	prepare(LARGE);
	CHECK_EQUAL(add(0, 0, LARGE, &done), 0);
	CHECK_EQUAL(done, LARGE);
	check_content(0, 0, LARGE);
	sign(LARGE);
	enclave_init(&e);
}

static void small_files_and_the_list_of_mappings(void)
{
	static char list[256 * SMALL];
	size_t size = 0;
	ssize_t n;
	int fd;

	limit_files(false);
	enclave_make(&e);
	for (unsigned int i = 0; i < 100; i++) /* the list is long */
		NEED(mmap(NULL, SGX_PAGE_SIZE, i % 2 ? PROT_READ : PROT_NONE,
		          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
	fd = open("/proc/self/maps", O_RDONLY);
	CHECK(fd >= 0);
	while ((n = read(fd, list + size, sizeof(list) - 1 - size)) > 0)
		size += (size_t)n;
	CHECK(size > SMALL);
	CHECK(strstr(list, SGX_DEV_ENCLAVE) != NULL);
	limit_is_as_it_was();
}

/* What f has said on standard error. */
static void listen(void (*f)(void), char *ret, size_t room)
{
	int fds[2], was = dup(STDERR_FILENO);
	ssize_t n;

	NEED(was >= 0 && pipe(fds) == 0 && dup2(fds[1], STDERR_FILENO) == STDERR_FILENO);
	close(fds[1]);
	f();
	NEED(dup2(was, STDERR_FILENO) == STDERR_FILENO);
	NEED(fcntl(fds[0], F_SETFL, O_NONBLOCK) == 0);
	n = read(fds[0], ret, room - 1);
	CHECK(n > 0);
	ret[n] = '\0';
}

static void open_in_vain(void)
{
	CHECK(open(SGX_DEV_ENCLAVE, O_RDWR) == -1);
	CHECK_EQUAL(errno, EFBIG);
	CHECK(open(SGX_DEV_PROVISION, O_RDONLY) == -1);
	CHECK_EQUAL(errno, EFBIG);
}

static void small_files_only(void)
{
	char said[1000];

	enclave_open_node(&e);
	if (getuid() == 0) /* who may raise what is hard */
		NEED(setresuid(65534, 65534, 65534) == 0);
	limit_files(true);
	listen(open_in_vain, said, sizeof(said));
	CHECK(strstr(said, "ulimit -Hf") != NULL);
	CHECK(strchr(said, '\n') == said + strlen(said) - 1);
	limit_is_as_it_was();
}

#define MAPPINGS_MAX 300000 /* more of them take too long */

static unsigned int allowed_mappings(void)
{
	FILE *file = fopen("/proc/sys/vm/max_map_count", "r");
	unsigned int count;

	NEED(file != NULL && fscanf(file, "%u", &count) == 1);
	fclose(file);
	return count;
}

/* Every second page of a large range is a mapping, until the kernel allows no more. */
static void use_all_mappings(void)
{
	const unsigned int count = allowed_mappings();
	char *at;

	if (count > MAPPINGS_MAX)
		test_skip("vm.max_map_count is high");
	at = mmap(NULL, 2 * (size_t)count * SMALL, PROT_NONE,
	          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	NEED(at != MAP_FAILED);
	for (unsigned int i = 0; mprotect(at + 2 * (size_t)i * SMALL, SMALL, PROT_READ) == 0; i++)
		NEED(i < count);
	NEED(errno == ENOMEM);
}

/* Pages in the middle of others like them. */
static void split(void)
{
	mprotect(e.base + (PAGE_SSA + 1) * SMALL, SMALL, PROT_READ);
	mprotect(e.base + (PAGE_SSA + 3) * SMALL, SMALL, PROT_READ);
}

static void few_mappings(void)
{
	char said[1000];

	enclave_make(&e);
	use_all_mappings();
	listen(split, said, sizeof(said));
	CHECK(strstr(said, "vm.max_map_count") != NULL);
	CHECK(strchr(said, '\n') == said + strlen(said) - 1);
}

static const struct test tests[] = {
	{ "where files may not be large, an enclave's may, and the limit stays what it is",
	  small_files, 0 },
	{ "many pages are added to it", small_files_and_many_pages, 0 },
	{ "the list of mappings can be read", small_files_and_the_list_of_mappings, 0 },
	{ "where nobody may raise that limit the nodes are EFBIG, and one line says so",
	  small_files_only, 0 },
	{ "where the kernel allows no more mappings one line says so, and what to do", few_mappings,
	  60 },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
