/* SPDX-License-Identifier: Apache-2.0 */
/* The leaves of EPC paging with their operands: a VA page in EVICT_VA, ciphertext and PCMD in RAM. */
#ifndef TESTS_UNIT_SWSGX_CPU_EVICT_H
#define TESTS_UNIT_SWSGX_CPU_EVICT_H

#include "tests/unit/swsgx/cpu/fixture.h"

#define EVICT_VA   FIX_FREE       /* the VA page */
#define EVICT_PAGE (FIX_FREE + 1) /* free: where pages are loaded */
#define EVICT_SLOT 3              /* the slot that is used, unless said otherwise */

/* Linear address of a slot. */
#define EVICT_SLOT_LA(slot) (FIX_EPC_LA + EVICT_VA * UINT64_C(0x1000) + (slot)*UINT64_C(8))

static inline struct sgx_pcmd *evict_pcmd(const struct fixture *f)
{
	return fix_ram(f, RAM_OTHER);
}

static inline uint64_t *evict_slot(const struct fixture *f, uint32_t slot)
{
	return (uint64_t *)fix_epc(f, EVICT_VA) + slot;
}

/* EPA in EVICT_VA. */
void evict_epa(struct fixture *f);
/* EBLOCK, then ETRACK: nobody may be inside. */
void evict_block(struct fixture *f, uint32_t page);
/* EWB's registers and operands, not executed. */
void evict_prepare(struct fixture *f, uint32_t page, uint32_t slot);
/* All that a page of the enclave needs to be taken out, then EWB. */
void evict(struct fixture *f, uint32_t page, uint32_t slot);
/* ELDU or ELDB of what evict left in RAM. */
struct trap evict_load(struct fixture *f, uint32_t leaf, uint32_t page, uint32_t slot);

#endif
