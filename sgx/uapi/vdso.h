/* SPDX-License-Identifier: Apache-2.0 */
/*
 * __vdso_sgx_enter_enclave, the kernel's way into an enclave since Linux 5.11: EENTER or ERESUME
 * with the six register arguments as they are; a fault in the enclave comes back as a record in
 * struct sgx_enclave_run.  Names as in the kernel's uapi header.
 */
#ifndef SGX_UAPI_VDSO_H
#define SGX_UAPI_VDSO_H

#include <stddef.h>
#include <stdint.h>

#define SGX_VDSO_ENTER "__vdso_sgx_enter_enclave"

struct sgx_enclave_run {
	uint64_t tcs;              /* address of the TCS */
	uint32_t function;         /* out: last leaf, EEXIT after a normal exit */
	uint16_t exception_vector; /* out, with function EENTER or ERESUME */
	uint16_t exception_error_code;
	uint64_t exception_addr; /* 0 but for #PF */
	uint64_t user_handler;   /* called at every exit, or 0 */
	uint64_t user_data;      /* not looked at */
	uint8_t reserved[216];   /* 0, else -EINVAL */
};

typedef int sgx_vdso_enter_fn(unsigned long rdi, unsigned long rsi, unsigned long rdx,
                              unsigned int function, unsigned long r8, unsigned long r9,
                              struct sgx_enclave_run *run);

_Static_assert(sizeof(struct sgx_enclave_run) == 256, "sgx_enclave_run");
_Static_assert(offsetof(struct sgx_enclave_run, function) == 8, "function");
_Static_assert(offsetof(struct sgx_enclave_run, exception_addr) == 16, "exception_addr");
_Static_assert(offsetof(struct sgx_enclave_run, user_handler) == 24, "user_handler");
_Static_assert(offsetof(struct sgx_enclave_run, reserved) == 40, "reserved");

#endif
