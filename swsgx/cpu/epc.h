/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the leaves share: the EPC's pages by type, what a linear address leads to, and the checks of
 * operands.  Nothing that gives a trap changes state.
 */
#ifndef SWSGX_CPU_EPC_H
#define SWSGX_CPU_EPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/crypto/crypto.h"
#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "sgx/secs.h"
#include "sgx/tcs.h"
#include "swsgx/cpu/cpu.h"

#define CPU_LEAF_SIZE 3 /* bytes of an ENCLS or ENCLU */

#define KEY_PADDING_SIZE 352 /* what SECS.PADDING keeps of the signature's encoded message */

/*
 * Tracking (SDM vol. 3D, ETRACK) counts processors by the parity of the epoch they entered in, so
 * that entry and exit need no lock: ETRACK starts an epoch only when the one before the present
 * one is empty, hence two epochs never share a counter.
 */
struct secs_hidden {
	struct sha256 measurement; /* MRENCLAVE until EINIT */
	uint64_t records;          /* 64-byte records measured */
	uint64_t eid;
	uint64_t children; /* EPC pages whose owner this is */
	uint64_t epoch;
	uint64_t inside[2]; /* processors inside, by parity of their entry's epoch; atomic */
	uint8_t isvfamilyid[16];
	uint8_t isvextprodid[16];
	uint8_t padding[KEY_PADDING_SIZE];
};

/* ECREATE demands zeros there of the source, so that nothing of it can come from outside. */
#define SECS_HIDDEN_OFFSET 2048
_Static_assert(SECS_HIDDEN_OFFSET >= offsetof(struct sgx_secs, reserved4) &&
                       SECS_HIDDEN_OFFSET + sizeof(struct secs_hidden) <= SGX_PAGE_SIZE,
               "in the reserved tail");

/* The same of a TCS, whose reserved tail EADD and EACCEPT want to be 0. */
struct tcs_hidden {
	uint64_t owner; /* whose STATE is, as cpu->owner has it, or 0: who knows; atomic */
};
#define TCS_HIDDEN_OFFSET 2048
_Static_assert(TCS_HIDDEN_OFFSET >= offsetof(struct sgx_tcs, reserved), "in the reserved tail");

static inline void *epc_page(const struct epc *epc, uint32_t index)
{
	return epc->page + (size_t)index * SGX_PAGE_SIZE;
}

/* Where the content of a regular page is read best. */
static inline const uint8_t *epc_content(const struct epc *epc, uint32_t index)
{
	const struct epc_staged *s = &epc->staged;
	uint32_t in_staged = index - s->first;

	return in_staged < s->count ? s->content + (size_t)in_staged * SGX_PAGE_SIZE
	                            : epc_page(epc, index);
}

static inline struct sgx_secs *epc_secs(const struct epc *epc, uint32_t index)
{
	return epc_page(epc, index);
}

static inline struct sgx_tcs *epc_tcs(const struct epc *epc, uint32_t index)
{
	return epc_page(epc, index);
}

static inline struct secs_hidden *epc_hidden(const struct epc *epc, uint32_t index)
{
	return (void *)(epc->page + (size_t)index * SGX_PAGE_SIZE + SECS_HIDDEN_OFFSET);
}

static inline bool la_aligned(uint64_t la, uint64_t align)
{
	return (la & (align - 1)) == 0;
}

static inline bool la_canonical(uint64_t la)
{
	return (uint64_t)((int64_t)(la << 16) >> 16) == la;
}

static inline uint64_t la_page(uint64_t la)
{
	return la & ~(uint64_t)(SGX_PAGE_SIZE - 1);
}

/* Is la inside [base, base + size)?  No sum, so nothing can wrap. */
static inline bool la_inside(uint64_t la, uint64_t base, uint64_t size)
{
	return la - base < size;
}

/* A page fault that SGX raises in ENCLS: from CPL 0; injected as a write, as hypervisors do. */
static inline struct trap encls_pf(uint64_t la)
{
	return (struct trap){ .vector = TRAP_PF, .errcd = PF_SGX | PF_P | PF_W, .addr = la };
}

bool bytes_zero(const void *bytes, size_t size);

/* The result of a leaf that has one: RAX, ZF as it is an error, the other status flags 0. */
void cpu_set_code(struct cpu *cpu, enum sgx_code code);
/* The same for what is information and no error: CF instead of ZF. */
void cpu_set_info(struct cpu *cpu, enum sgx_code code);

/*
 * Ordinary paging.  access: 0, PF_W, PF_I, with PF_U for what runs at CPL 3.  #GP when la is not
 * canonical, the ordinary #PF at la when the page is absent or does not allow the access.
 */
struct trap epc_walk(struct cpu *cpu, uint64_t la, uint32_t access, struct mapping *ret);

/* An EPC page that ENCLS is given: #PF(la) when the page at la is in no EPC. */
struct trap epc_find(struct cpu *cpu, uint64_t la, uint32_t access, uint32_t *ret_index);

/* The same for ENCLU. */
struct trap epc_find_user(struct cpu *cpu, uint64_t la, uint32_t access, uint32_t *ret_index);

/*
 * Read an operand of ENCLS outside the EPC, which lies within a page.  In the EPC it would read the
 * abort page: all ones.
 */
struct trap epc_read(struct cpu *cpu, uint64_t la, void *ret, size_t size);
/* The same from where epc_walk led. */
void epc_copy(const struct mapping *from, void *ret, size_t size);

/* Write there; what goes to the abort page is dropped. */
void epc_store(const struct mapping *to, const void *from, size_t size);

/*
 * An operand of ENCLU inside the enclave: aligned and in ELRANGE, else #GP; paging; EPCM, else
 * #PF(la).  perm: SGX_SECINFO_R or SGX_SECINFO_W.
 */
struct trap epc_operand(struct cpu *cpu, uint64_t la, uint64_t align, uint64_t perm, void **ret);

/*
 * May the enclave of SECS page secs use the page at page (a multiple of 4096) for perm (all of it)?
 */
bool epcm_permits(const struct epcm_entry *e, uint32_t secs, uint64_t page, uint64_t perm);

/* SECINFO without a reserved bit or byte set. */
bool epcm_secinfo_valid(const struct sgx_secinfo *secinfo);

static inline uint8_t secinfo_pt(const struct sgx_secinfo *secinfo)
{
	return (uint8_t)((secinfo->flags & SGX_SECINFO_PT_MASK) >> SGX_SECINFO_PT_SHIFT);
}

/* May this processor's enclave read a SECINFO at la, in this EPC page? */
bool epcm_permits_secinfo(const struct cpu *cpu, uint32_t index, uint64_t la);

/* The entry of a page that becomes valid; everything that is not said is 0. */
void epcm_set(struct epcm_entry *e, uint8_t pt, uint64_t perm, uint32_t secs, uint64_t address);

/*
 * A processor comes into the enclave of SECS page secs, or leaves it.  Needs no lock, neither
 * against other processors nor against ETRACK.
 */
void epc_enter(struct cpu *cpu, uint32_t secs);
void epc_leave(struct cpu *cpu);
/* A change to the page waits for an ETRACK from now on. */
void epcm_start_tracking(const struct epc *epc, struct epcm_entry *e);
/* Have all processors left that were inside when the page was last changed? */
bool epcm_tracked(const struct epc *epc, const struct epcm_entry *e);
/* ETRACK: false while processors of the cycle before are inside. */
bool epc_track(struct secs_hidden *hidden);
/* Processors inside. */
uint64_t epc_inside(const struct secs_hidden *hidden);

/* What EADD and EACCEPT demand of a TCS beyond its reserved area: limits of a 32-bit enclave. */
bool tcs_limits_valid(const struct sgx_tcs *tcs, const struct sgx_secs *secs);
/* TCS.STATE belongs to one processor at a time. */
bool tcs_claim(struct sgx_tcs *tcs, uint64_t owner);
void tcs_release(struct sgx_tcs *tcs);
uint64_t tcs_owner(const struct sgx_tcs *tcs);
/* Release what is this owner's, which does not exist any more.  False: it is not, by now. */
bool tcs_take_away(struct sgx_tcs *tcs, uint64_t owner);
/* CSSA belongs to the owner of STATE, but who tries to enter looks at it before. */
static inline uint32_t tcs_cssa(const struct sgx_tcs *tcs)
{
	return __atomic_load_n(&tcs->cssa, __ATOMIC_ACQUIRE);
}

static inline void tcs_set_cssa(struct sgx_tcs *tcs, uint32_t cssa)
{
	__atomic_store_n(&tcs->cssa, cssa, __ATOMIC_RELEASE);
}

#endif
