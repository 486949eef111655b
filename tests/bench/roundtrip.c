// SPDX-License-Identifier: Apache-2.0
/*
 * The time of one EENTER and EEXIT through the vDSO's function, which SWSGX_REWRITE=0 makes two traps.
 * Runs preloaded.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/hex.h"
#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "sgx/uapi/vdso.h"
#include "tests/bench/column.h"
#include "tests/trap/enclave.h"
#include "tests/trap/harness.h"

#define PER_ROUND 10000

__attribute__((noreturn, format(printf, 3, 0))) static void fail(const char *file, int line,
                                                                 const char *fmt, va_list ap)
{
	fprintf(stderr, "roundtrip: %s:%d: ", file, line);
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

static double one_round(sgx_vdso_enter_fn *enter, struct sgx_enclave_run *run)
{
	double from = column_cpu();

	/* The code of OP_EXIT leaves alone what a C function has to keep. */
	for (int i = 0; i < PER_ROUND; i++)
		NEED(enter(OP_EXIT, 0, 0, SGX_EENTER, 0, 0, run) == 0 &&
		     run->function == SGX_EEXIT);
	return (column_cpu() - from) / PER_ROUND;
}

int main(int argc, char **argv)
{
	static struct column ns = { .name = "EENTER and EEXIT without a trap, nanoseconds:" };
	sgx_vdso_enter_fn *enter = (sgx_vdso_enter_fn *)vdso_symbol(SGX_VDSO_ENTER);
	const char *rewrite = getenv("SWSGX_REWRITE");
	struct sgx_enclave_run run = { 0 };
	struct test_enclave e;
	uint64_t rounds;

	if (argc != 2 || parse_u64(argv[1], COLUMN_MAX, &rounds) < 0 || rounds == 0) {
		fprintf(stderr, "usage: roundtrip ROUNDS\n");
		return 1;
	}
	if (rewrite != NULL && strcmp(rewrite, "0") == 0)
		ns.name = "EENTER and EEXIT with SWSGX_REWRITE=0, nanoseconds:";
	NEED(enter != NULL);
	enclave_make(&e);
	run.tcs = (uintptr_t)e.base + PAGE_TCS0 * SGX_PAGE_SIZE;
	one_round(enter, &run);
	for (uint64_t i = 0; i < rounds; i++)
		column_add(&ns, one_round(enter, &run) * 1e9);
	column_print(&ns);
	return 0;
}
