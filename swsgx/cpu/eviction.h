/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What EWB, ELDU and ELDB have in common: operands, and the seal on a page that is outside the EPC
 * (SDM vol. 3D, EPC paging).  The layout of the sealed header and the paging key are not published;
 * ours are here.
 */
#ifndef SWSGX_CPU_EVICTION_H
#define SWSGX_CPU_EVICTION_H

#include <stdbool.h>
#include <stdint.h>

#include "sgx/secinfo.h"
#include "swsgx/cpu/cpu.h"

/* Sealed with the page, so that each of it is as it was or the page is not loaded. */
struct eviction_header {
	struct sgx_secinfo secinfo;
	uint64_t eid; /* of the owner; 0 of a SECS or VA page */
	uint64_t linaddr;
	uint8_t reserved[40]; /* PCMD's */
	uint8_t zero[8];
};
_Static_assert(sizeof(struct eviction_header) == 128, "a hole would be sealed");

/* RBX, RCX and RDX. */
struct eviction {
	struct sgx_pageinfo pageinfo;
	uint32_t page, va; /* EPC pages */
	uint64_t *slot;    /* in the VA page */
};

/* RCX and RDX: aligned and in the EPC; nothing of the EPCM. */
struct trap eviction_pages(struct cpu *cpu, struct eviction *ret);
/* RBX: read the PAGEINFO. */
struct trap eviction_pageinfo(struct cpu *cpu, struct eviction *ret);
/* Is the page at RDX a VA page? */
struct trap eviction_va(struct cpu *cpu, const struct eviction *op);

/* Is the page one of an enclave that has an owner: neither SECS nor VA? */
static inline bool eviction_owned(uint8_t pt)
{
	return pt == SGX_PT_REG || pt == SGX_PT_TCS || pt == SGX_PT_TRIM;
}

void eviction_seal(const struct platform *p, uint64_t version, const struct eviction_header *header,
                   const void *page, void *ret_cipher, uint8_t ret_mac[16]);
/* False, and page is as it was, when it is not what was sealed with this version. */
bool eviction_open(const struct platform *p, uint64_t version, const struct eviction_header *header,
                   const void *cipher, const uint8_t mac[16], void *page);

#endif
