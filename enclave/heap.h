/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for the program on this thread.
 */
#ifndef ENCLAVE_HEAP_H
#define ENCLAVE_HEAP_H

#include <stddef.h>

/*
 * size bytes of zeros, 16-aligned, until enclave_main has returned or was ended; null if there is no
 * room for them.  There is no free: a program is short, and what is never given back is never given
 * back twice.
 */
void *encl_alloc(size_t size);

/* Wipe and give back all that this thread has. */
void heap_release(void);

#endif
