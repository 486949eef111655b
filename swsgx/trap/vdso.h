/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's part of __vdso_sgx_enter_enclave: an exception whose RIP is the function's ENCLU is
 * no signal, but a jump to its exception label with the exception in registers.
 */
#ifndef SWSGX_TRAP_VDSO_H
#define SWSGX_TRAP_VDSO_H

#include <stdint.h>

/* Where the ENCLU is, and the label: RDI vector, RSI error code, RDX address.  Once, at start. */
void trap_set_vdso(const void *enclu, const void *exception);

#endif
