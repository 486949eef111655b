/* SPDX-License-Identifier: Apache-2.0 */
/* An enclave that is played by a test (fake.S). */
#ifndef TESTS_UNIT_PAL_FAKE_H
#define TESTS_UNIT_PAL_FAKE_H

#include "pal/enter.h"

/* What the registers hold when fake_enter returns. */
extern struct fake_exit {
	uint64_t rdi, rsi, rdx;
	int64_t rax;
} fake_exit;

/* The test's: called for each entry; sets fake_exit and run. */
void fake_enclave(uint64_t rdi, uint64_t rsi, uint64_t rdx, unsigned int leaf,
                  struct sgx_enclave_run *run);
sgx_vdso_enter_fn fake_enter;
int kept_call(void *function, void *a, unsigned long b, void *c, void *d);

#endif
