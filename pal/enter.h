/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One EENTER or ERESUME and what ends it, with the C calling convention kept whatever the enclave
 * leaves in the registers (enter.S).
 */
#ifndef PAL_ENTER_H
#define PAL_ENTER_H

#define ENTER_REGS_RDI 0
#define ENTER_REGS_RSI 8
#define ENTER_REGS_RDX 16

#define ENTER_RUN_TCS      0
#define ENTER_RUN_FUNCTION 8
#define ENTER_RUN_VECTOR   12
#define ENTER_RUN_ERROR    14
#define ENTER_RUN_ADDR     16

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

#include "sgx/uapi/vdso.h"

/* In: what the enclave gets.  Out, after an EEXIT: what it left. */
struct enter_regs {
	uint64_t rdi;
	uint64_t rsi;
	uint64_t rdx;
};

/* Through the kernel's function: its result, 0 or -EINVAL. */
int enter_vdso(struct enter_regs *regs, unsigned int leaf, struct sgx_enclave_run *run,
               sgx_vdso_enter_fn *enter);
/*
 * By an ENCLU of our own: 0.  A fault at it, or in the enclave, is a signal; its handler moves RIP
 * from enter_aep to enter_fault, with RDI the vector, RSI the error code, RDX the address, which
 * then fills run as the kernel's function does.
 */
int enter_enclu(struct enter_regs *regs, unsigned int leaf, struct sgx_enclave_run *run);
extern const unsigned char enter_aep[], enter_fault[];

_Static_assert(offsetof(struct enter_regs, rdi) == ENTER_REGS_RDI, "rdi");
_Static_assert(offsetof(struct enter_regs, rsi) == ENTER_REGS_RSI, "rsi");
_Static_assert(offsetof(struct enter_regs, rdx) == ENTER_REGS_RDX, "rdx");
_Static_assert(offsetof(struct sgx_enclave_run, tcs) == ENTER_RUN_TCS, "tcs");
_Static_assert(offsetof(struct sgx_enclave_run, function) == ENTER_RUN_FUNCTION, "function");
_Static_assert(offsetof(struct sgx_enclave_run, exception_vector) == ENTER_RUN_VECTOR, "vector");
_Static_assert(offsetof(struct sgx_enclave_run, exception_error_code) == ENTER_RUN_ERROR, "error");
_Static_assert(offsetof(struct sgx_enclave_run, exception_addr) == ENTER_RUN_ADDR, "addr");

#endif

#endif
