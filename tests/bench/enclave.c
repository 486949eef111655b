// SPDX-License-Identifier: Apache-2.0
/*
 * Times a PAL library of version 3 in this process: what pal_init costs against one SHA-256 pass over
 * as much as SGX hashes for the same pages, and what an ecall costs against a signal's round trip.
 * Each pair is measured in turn; the figures are ratios, with the least and the most.  Time is that of
 * the processor, for others work on the machine as well.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "include/liberpal.h"
#include "lib/base/hex.h"
#include "lib/base/io.h"
#include "lib/crypto/crypto.h"
#include "sgx/layout.h"
#include "tests/bench/column.h"

#define ECALLS 1000

/* Per page SGX hashes an EADD record and 16 times an EEXTEND record and 256 bytes. */
#define HASHED_PER_PAGE (64 + 16 * (64 + 256))

struct pal {
	int (*init)(const struct pal_attr_v3 *);
	int (*destroy)(void);
	int (*report)(void *, int, void *, int *);
};

static void *must(void *symbol, const char *name)
{
	if (!symbol) {
		fprintf(stderr, "bench: %s: %s\n", name, dlerror());
		exit(1);
	}
	return symbol;
}

/* Bytes of all pages that the image in the working directory adds. */
static size_t enclave_bytes(void)
{
	struct sgx_layout layout;
	struct err e;
	char *file;
	size_t size, sum = 0;

	if (io_read_file("encl.bin", 1 << 28, &file, &size, &e) < 0 || size < sizeof(layout)) {
		fprintf(stderr, "bench: encl.bin: %s\n", e.text);
		exit(1);
	}
	memcpy(&layout, file, sizeof(layout));
	free(file);
	for (uint32_t i = 0; i < layout.segment_count && i < SGX_LAYOUT_SEGMENTS_MAX; i++)
		sum += layout.segment[i].size;
	return sum;
}

static void nothing(int sig)
{
	(void)sig;
}

static double time_signals(void)
{
	double from = column_cpu();

	for (int i = 0; i < ECALLS; i++)
		syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1);
	return column_cpu() - from;
}

static double time_ecalls(const struct pal *pal)
{
	static uint8_t target[512], report[432];
	double from = column_cpu();

	for (int i = 0; i < ECALLS; i++) {
		int size = sizeof(report);

		if (pal->report(target, sizeof(target), report, &size) != 0) {
			fprintf(stderr, "bench: pal_get_local_report failed\n");
			exit(1);
		}
	}
	return column_cpu() - from;
}

static double time_init(const struct pal *pal)
{
	struct pal_attr_v3 attr = { .args = "debug", .log_level = "error", .fd = -1, .addr = 0 };
	double from = column_cpu();

	if (pal->init(&attr) != 0) {
		fprintf(stderr, "bench: pal_init failed\n");
		exit(1);
	}
	return column_cpu() - from;
}

static double time_sha256(const void *data, size_t size)
{
	uint8_t digest[SHA256_SIZE];
	double from = column_cpu();

	sha256_digest(data, size, digest);
	return column_cpu() - from;
}

int main(int argc, char **argv)
{
	static struct column
		init_ratio = { .name = "pal_init, ratio to a SHA-256 pass over what SGX hashes:" },
		init_ms = { .name = "pal_init, ms per MB of enclave:" },
		ecall_ratio = { .name = "ecall with EREPORT, ratio to a signal's round trip:" },
		ecall_us = { .name = "ecall with EREPORT, microseconds:" };
	struct pal pal;
	struct err e;
	uint64_t rounds;
	size_t bytes, hashed;
	void *lib, *data;

	if (argc != 3 || parse_u64(argv[2], COLUMN_MAX, &rounds) < 0 || rounds == 0) {
		fprintf(stderr, "usage: enclave LIBRARY ROUNDS, where encl.bin and encl.ss are\n");
		return 1;
	}
	if (crypto_load(&e) < 0) {
		fprintf(stderr, "bench: %s\n", e.text);
		return 1;
	}
	lib = must(dlopen(argv[1], RTLD_NOW | RTLD_LOCAL), argv[1]);
	pal.init = must(dlsym(lib, "pal_init"), "pal_init");
	pal.destroy = must(dlsym(lib, "pal_destroy"), "pal_destroy");
	pal.report = must(dlsym(lib, "pal_get_local_report"), "pal_get_local_report");
	bytes = enclave_bytes();
	hashed = bytes / 4096 * HASHED_PER_PAGE;
	data = mmap(NULL, hashed, PROT_READ | PROT_WRITE,
	            MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	signal(SIGUSR1, nothing);
	for (uint64_t i = 0; i <= rounds; i++) { /* round 0 warms up */
		double init = time_init(&pal), sha = time_sha256(data, hashed);
		double ecalls = time_ecalls(&pal), signals = time_signals();

		pal.destroy();
		if (i == 0)
			continue;
		column_add(&init_ratio, init / sha);
		column_add(&init_ms, init * 1e3 / ((double)bytes / 1e6));
		column_add(&ecall_ratio, ecalls / signals);
		column_add(&ecall_us, ecalls * 1e6 / ECALLS);
	}
	column_print(&init_ratio);
	column_print(&init_ms);
	column_print(&ecall_ratio);
	column_print(&ecall_us);
	return 0;
}
