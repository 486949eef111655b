// SPDX-License-Identifier: Apache-2.0
/* /proc/self/maps of a process with enclaves, as programs read it through libc. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sgx/secinfo.h"
#include "tests/trap/enclave.h"
#include "tests/trap/harness.h"

static struct test_enclave e;

struct line {
	uint64_t start, end;
	char prot[5];
	unsigned int major, minor;
	unsigned long inode;
	char name[256];
};

static bool next(FILE *f, struct line *ret)
{
	char text[8192];

	if (fgets(text, sizeof(text), f) == NULL)
		return false;
	ret->name[0] = '\0';
	CHECK(strchr(text, '\n') != NULL);
	CHECK(sscanf(text, "%" SCNx64 "-%" SCNx64 " %4s %*x %x:%x %lu %255[^\n]", &ret->start,
	             &ret->end, ret->prot, &ret->major, &ret->minor, &ret->inode, ret->name) >= 6);
	return true;
}

static void check_enclave_lines(FILE *f)
{
	unsigned int pages = 0;
	uint64_t before = 0;
	struct line l;
	struct stat s;

	NEED(fstat(e.fd, &s) == 0);
	while (next(f, &l)) {
		uint64_t page = (l.start - (uintptr_t)e.base) / SGX_PAGE_SIZE;

		CHECK(l.start >= before);
		CHECK(l.end > l.start);
		before = l.end;
		if (l.start - (uintptr_t)e.base >= e.size) {
			CHECK(strcmp(l.name, enclave_node()) != 0);
			continue;
		}
		if (page == PAGES - 1) /* not mapped */
			continue;
		CHECK(strcmp(l.name, enclave_node()) == 0);
		CHECK_EQUAL(l.inode, s.st_ino);
		CHECK(l.major == major(s.st_dev) && l.minor == minor(s.st_dev));
		if (page <= PAGE_CODE && l.start <= (uintptr_t)e.base + PAGE_CODE * SGX_PAGE_SIZE &&
		    l.end > (uintptr_t)e.base + PAGE_CODE * SGX_PAGE_SIZE)
			CHECK(strcmp(l.prot, "r-xs") == 0);
		pages += (unsigned int)((l.end - l.start) / SGX_PAGE_SIZE);
	}
	CHECK_EQUAL(pages, PAGES - 1);
}

static void names_the_node(void)
{
	char own[64];
	FILE *f;

	enclave_make(&e);
	snprintf(own, sizeof(own), "/proc/%d/maps", (int)getpid());
	for (unsigned int i = 0; i < 3; i++) {
		if (i == 2) {
			int fd = open(own, O_RDONLY | O_CLOEXEC);

			CHECK(fd >= 0);
			CHECK_EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
			f = fdopen(fd, "r");
		} else {
			f = fopen(i == 0 ? "/proc/self/maps" : own, "re");
		}
		CHECK(f != NULL);
		check_enclave_lines(f);
		fclose(f);
	}
}

/* All that is no enclave's is as the kernel says. */
static void rest_is_the_kernels(void)
{
	FILE *ours, *theirs;
	struct line a, b;

	enclave_make(&e);
	theirs = fopen("/proc/self/task/../maps", "r"); /* a path that is not taken over */
	NEED(theirs != NULL);
	setvbuf(theirs, malloc(1 << 20), _IOFBF, 1 << 20);
	ours = fopen("/proc/self/maps", "r");
	CHECK(ours != NULL);
	for (;;) {
		bool more, more_theirs;

		do
			more = next(ours, &a);
		while (more && a.start - (uintptr_t)e.base < e.size);
		do
			more_theirs = next(theirs, &b);
		while (more_theirs && b.start - (uintptr_t)e.base < e.size);
		CHECK_EQUAL(more, more_theirs);
		if (!more)
			break;
		CHECK_EQUAL(a.start, b.start);
		CHECK_EQUAL(a.end, b.end);
		CHECK(strcmp(a.prot, b.prot) == 0);
		CHECK(strcmp(a.name, b.name) == 0);
	}
}

static void follows_mprotect(void)
{
	uint8_t *data;
	struct line l;
	FILE *f;

	enclave_make(&e);
	data = e.base + PAGE_DATA * SGX_PAGE_SIZE;
	CHECK_EQUAL(mprotect(data, SGX_PAGE_SIZE, PROT_READ), 0);
	f = fopen("/proc/self/maps", "r");
	CHECK(f != NULL);
	do
		CHECK(next(f, &l));
	while (l.start != (uintptr_t)data);
	CHECK(strcmp(l.prot, "r--s") == 0);
	CHECK_EQUAL(l.end, l.start + SGX_PAGE_SIZE);
}

static void others_are_theirs(void)
{
	char other[64];
	struct line l;
	pid_t pid;
	FILE *f;
	int fds[2];
	char byte;

	enclave_make(&e);
	NEED(pipe(fds) == 0);
	pid = fork();
	if (pid == 0) {
		close(fds[1]);
		_exit(read(fds[0], &byte, 1) == 0 ? 0 : 1);
	}
	snprintf(other, sizeof(other), "/proc/%d/maps", (int)pid);
	f = fopen(other, "r");
	CHECK(f != NULL);
	for (bool is_seen = false; !is_seen;) {
		CHECK(next(f, &l));
		is_seen = l.start == (uintptr_t)e.base && strstr(l.name, "memfd") != NULL;
	}
	close(fds[1]);
	waitpid(pid, NULL, 0);
}

static void no_path_is_no_file(void)
{
	int (*volatile any)(const char *, int, ...) = open; /* whose argument may be anything */

	enclave_make(&e);
	errno = 0;
	CHECK(any(NULL, O_RDONLY) == -1 && errno == EFAULT);
}

static const struct test tests[] = {
	{ "an enclave's mappings have the node's name, in order and whole", names_the_node, 0 },
	{ "all other lines are the kernel's", rest_is_the_kernels, 0 },
	{ "the protection is the one that was asked for", follows_mprotect, 0 },
	{ "another process's list is the kernel's", others_are_theirs, 0 },
	{ "no path at all is EFAULT", no_path_is_no_file, 0 },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
