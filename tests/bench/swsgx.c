// SPDX-License-Identifier: Apache-2.0
/*
 * Times software SGX itself, below any runtime: pages added against hashing or copying as many bytes,
 * and an entry with its exit against a signal's round trip.  Runs preloaded; each pair is measured in
 * turn, and the figures are ratios with the least and the most.  Time is that of the processor, for
 * others work on the machine as well.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/hex.h"
#include "lib/crypto/crypto.h"
#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "sgx/uapi/intree.h"
#include "sgx/uapi/vdso.h"
#include "tests/bench/column.h"
#include "tests/trap/enclave.h"
#include "tests/trap/harness.h"

#define BYTES   (16u << 20)
#define PAGES_  (BYTES / SGX_PAGE_SIZE)
#define ENTRIES 1000

/* Per page SGX hashes an EADD record and 16 times an EEXTEND record and 256 bytes. */
#define HASHED (PAGES_ * (64 + 16 * (64 + 256)))

/* What tests/trap/enclave.c says when something is missing. */
__attribute__((noreturn, format(printf, 3, 0))) static void fail(const char *file, int line,
                                                                 const char *fmt, va_list ap)
{
	fprintf(stderr, "bench: %s:%d: ", file, line);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	exit(1);
}

void test_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail(file, line, fmt, ap);
}

void test_error(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail(file, line, fmt, ap);
}

static void *memory(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
	                MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	NEED(at != MAP_FAILED);
	memset(at, 0x5a, size);
	return at;
}

/* By the wall's clock or the thread's, which does not count a writer beside it. */
static double time_add(const void *pages, uint64_t flags, double (*clock_now)(void))
{
	struct sgx_secinfo secinfo = { .flags = SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_W };
	struct sgx_enclave_add_pages add = {
		.src = (uintptr_t)pages,
		.length = BYTES,
		.secinfo = (uintptr_t)&secinfo,
		.flags = flags,
	};
	struct test_enclave e;
	double from, took;

	enclave_reserve(&e);
	munmap(e.base, e.size);
	e.secs.size = 2 * BYTES;
	e.secs.baseaddr = UINT64_C(1) << 40;
	enclave_open_node(&e);
	enclave_create(&e);
	from = clock_now();
	NEED(ioctl(e.fd, SGX_IOC_ENCLAVE_ADD_PAGES, &add) == 0);
	took = clock_now() - from;
	NEED(add.count == BYTES);
	close(e.fd);
	return took;
}

/* By write, which takes the kernel less than page faults do. */
static double time_memfd(const void *pages)
{
	double from = column_cpu(), took;
	int fd = memfd_create("bench", MFD_CLOEXEC);

	NEED(fd >= 0 && write(fd, pages, BYTES) == (ssize_t)BYTES);
	took = column_cpu() - from;
	close(fd);
	return took;
}

static double time_sha256(const void *data, double (*clock_now)(void))
{
	uint8_t digest[SHA256_SIZE];
	double from = clock_now();

	sha256_digest(data, HASHED, digest);
	return clock_now() - from;
}

static void nothing(int sig)
{
	(void)sig;
}

static double time_signals(void)
{
	double from = column_cpu();

	for (int i = 0; i < ENTRIES; i++)
		syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1);
	return (column_cpu() - from) / ENTRIES;
}

static double time_entries(struct test_enclave *e, sgx_vdso_enter_fn *enter)
{
	struct sgx_enclave_run run = { .tcs = (uintptr_t)e->base + PAGE_TCS0 * SGX_PAGE_SIZE };
	double from = column_cpu();

	/* The code of OP_EXIT leaves alone what a C function has to keep. */
	for (int i = 0; i < ENTRIES; i++)
		NEED(enter(OP_EXIT, 0, 0, SGX_EENTER, 0, 0, &run) == 0 &&
		     run.function == SGX_EEXIT);
	return (column_cpu() - from) / ENTRIES;
}

int main(int argc, char **argv)
{
	static struct column
		measured = { .name = "ADD_PAGES, measured, ratio to a SHA-256 pass:" },
		least = { .name = "the same, to that pass and a memfd's write:" },
		on_wall = { .name = "the same, on the wall:" },
		measured_ms = { .name = "ADD_PAGES, measured, ms per MB:" },
		unmeasured = { .name = "ADD_PAGES, unmeasured, ratio to a memfd's write:" },
		entry = { .name = "EENTER and EEXIT, ratio to a signal's round trip:" },
		entry_us = { .name = "EENTER and EEXIT, microseconds:" };
	struct test_enclave e;
	uint64_t rounds;
	void *pages, *data;
	sgx_vdso_enter_fn *enter;
	struct err err;

	if (argc != 2 || parse_u64(argv[1], COLUMN_MAX, &rounds) < 0 || rounds == 0) {
		fprintf(stderr, "usage: swsgx ROUNDS\n");
		return 1;
	}
	NEED(crypto_load(&err) == 0);
	pages = memory(BYTES);
	data = memory(HASHED);
	enclave_make(&e);
	enter = (sgx_vdso_enter_fn *)vdso_symbol(SGX_VDSO_ENTER);
	NEED(enter != NULL);
	signal(SIGUSR1, nothing);
	time_entries(&e, enter);
	for (uint64_t i = 0; i <= rounds; i++) { /* round 0 warms up */
		double add = time_add(pages, SGX_PAGE_MEASURE, column_cpu);
		double sha = time_sha256(data, column_cpu);
		double wall = time_add(pages, SGX_PAGE_MEASURE, column_wall) /
		              time_sha256(data, column_wall);
		double plain = time_add(pages, 0, column_cpu), copy = time_memfd(pages);
		double entries = time_entries(&e, enter), signals = time_signals();

		if (i == 0)
			continue;
		column_add(&measured, add / sha);
		column_add(&on_wall, wall);
		column_add(&least, add / (sha + copy));
		column_add(&measured_ms, add * 1e3 / (BYTES / 1e6));
		column_add(&unmeasured, plain / copy);
		column_add(&entry, entries / signals);
		column_add(&entry_us, entries * 1e6);
	}
	column_print(&measured);
	column_print(&on_wall);
	column_print(&least);
	column_print(&measured_ms);
	column_print(&unmeasured);
	column_print(&entry);
	column_print(&entry_us);
	return 0;
}
