/* SPDX-License-Identifier: Apache-2.0 */
/* What EENTER and ERESUME have in common: the checks of the TCS and the way in. */
#ifndef SWSGX_CPU_ENTRY_H
#define SWSGX_CPU_ENTRY_H

#include <stdint.h>

#include "swsgx/cpu/cpu.h"
#include "swsgx/cpu/ssa.h"

/* The operands of an entry, found and checked. */
struct entry {
	uint32_t tcs_index, secs_index;
	struct sgx_tcs *tcs;
	const struct sgx_secs *secs;
	uint32_t cssa;  /* as it was when the checks were made */
	uint64_t owner; /* who enters */
};

/* RBX and RCX, the TCS and its enclave; all checks before those of the frames. */
struct trap entry_check(struct cpu *cpu, struct entry *ret);
/* BASEADDR plus an offset of the TCS: canonical, or #GP. */
struct trap entry_address(const struct entry *entry, uint64_t offset, uint64_t *ret);
/*
 * Take the TCS for this processor.  False when it is another's.  *ret_again is set, and the TCS not
 * taken, when it changed since entry_check.
 */
bool entry_claim(const struct entry *entry, bool *ret_again);
/* Into the enclave, with AEP := RCX; the frame is the one an AEX goes to. */
void entry_commit(struct cpu *cpu, const struct entry *entry, const struct ssa_frame *frame,
                  uint64_t fsbase, uint64_t gsbase);

#endif
