/* SPDX-License-Identifier: Apache-2.0 */
/* A vDSO that also has __vdso_sgx_enter_enclave. */
#ifndef SWSGX_VDSO_VDSO_H
#define SWSGX_VDSO_VDSO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VDSO_IMAGE_SIZE 16384

/*
 * Make an image at memory (VDSO_IMAGE_SIZE bytes, zero, page-aligned) whose symbols are those of
 * the vDSO at real, or none when real is NULL, with our __vdso_sgx_enter_enclave or without any: the
 * kernel's own would keep the faults at its ENCLU from us.  0, or -E2BIG when real has too many.
 */
int vdso_make(void *memory, const void *real, bool has_function);
/* Tell the fault handler about our function. */
void vdso_register(void);

#endif
