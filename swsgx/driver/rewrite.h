/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An enclave's EEXIT made a jump, in this process's view of the page alone: the enclave's file stays
 * what was measured.  Everything here is called under the address space's lock.
 */
#ifndef SWSGX_DRIVER_REWRITE_H
#define SWSGX_DRIVER_REWRITE_H

#include <stdbool.h>
#include <stdint.h>

/* Rewritten MOVs go to exit, with the address of the ENCLU << 16 in RAX.  Until then nothing is. */
void rewrite_enable(const void *exit);
/* An EEXIT has been executed by the ENCLU at la. */
void rewrite_found(uint64_t la);
/* The pages in [start, end) may have changed: those that may no longer be rewritten are not. */
void rewrite_check(uint64_t start, uint64_t end);
/* [start, end) shows no enclave any more. */
void rewrite_forget(uint64_t start, uint64_t end);
/* Is la between a rewritten MOV and its jump's target?  Then the address of the ENCLU. */
bool rewrite_is_stub(uint64_t la, uint64_t *ret_enclu);
/* Is la in the middle of a rewritten MOV?  Then it is one no longer. */
bool rewrite_undo(uint64_t la);
/* From now on there are none. */
void rewrite_disable(void);
/* Is there any?  Without the lock. */
bool rewrite_is_any(void);

#endif
