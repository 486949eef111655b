/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A processor with a tiny EPC for the tests: page tables that are a list, ordinary pages for the
 * operands of ENCLS, a signer.  Faults are compared whole, and whatever faults must have changed
 * nothing: not a register, not a byte of the EPC, the EPCM or the extended state.
 */
#ifndef TESTS_UNIT_SWSGX_CPU_FIXTURE_H
#define TESTS_UNIT_SWSGX_CPU_FIXTURE_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdarg.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "lib/sgx/sigstruct.h"
#include "sgx/key.h"
#include "sgx/leaf.h"
#include "sgx/report.h"
#include "sgx/token.h"
#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/ssa.h"

#define FIX_EPC_PAGES 40
#define FIX_RAM_PAGES 8
#define FIX_MAPS      128
#define FIX_XSAVE     12288

/* Where things are: the EPC for ENCLS, ordinary pages, the enclave. */
#define FIX_EPC_LA  UINT64_C(0xffff880000000000)
#define FIX_RAM_LA  UINT64_C(0x7f0000000000)
#define FIX_BASE    UINT64_C(0x200000)
#define FIX_SIZE    UINT64_C(0x40000)
#define FIX_NOWHERE UINT64_C(0x666000)
#define FIX_ODD     UINT64_C(0x800000000000) /* not canonical */

/* The pages of the enclave that fix_enclave makes: EPC page and offset in the enclave by number. */
enum fix_page {
	FIX_SECS = 37, /* not 0, which an index is before it is set */
	FIX_TCS = 1,
	FIX_TCS2,
	FIX_SSA,   /* frame 0 of FIX_TCS */
	FIX_SSA1,  /* frame 1 of FIX_TCS */
	FIX_SSA2,  /* frame 0 of FIX_TCS2 */
	FIX_CODE,  /* R X */
	FIX_DATA,  /* R W */
	FIX_DATA1, /* R W */
	FIX_CONST, /* R */
	FIX_COUNT,
	FIX_FREE = FIX_COUNT, /* EPC pages from here on are free */
};

struct fix_map {
	uint64_t la;
	struct mapping to; /* host: the page */
};

/* What ENCLS operands point to, one page each. */
enum fix_ram { RAM_PAGEINFO, RAM_SECINFO, RAM_SOURCE, RAM_SIGSTRUCT, RAM_TOKEN, RAM_OTHER };

struct fixture {
	struct cpu cpu;
	struct platform platform;
	struct epc epc;
	struct epcm_entry epcm[FIX_EPC_PAGES];
	struct fix_map map[FIX_MAPS];
	size_t maps;
	uint8_t *ram; /* FIX_RAM_PAGES pages */
	_Alignas(64) uint8_t xsave[FIX_XSAVE];
	struct sgx_secs secs;            /* what fix_ecreate creates */
	struct sgx_tcs tcs;              /* what FIX_TCS is made of; FIX_TCS2 with another OSSA */
	const struct row_test *row_test; /* rows.h */
};

/* For cmocka: *state is a struct fixture; the key is made once a program. */
int fix_group_setup(void **state);
int fix_group_teardown(void **state);
int fix_setup(void **state);
int fix_teardown(void **state);

/* Register contents no test uses by chance. */
void fix_regs(struct fixture *f);
void fix_map_page(struct fixture *f, uint64_t la, uint32_t epc_index, uint8_t *host);
/* The page's map, which the test may change. */
struct mapping *fix_find(struct fixture *f, uint64_t la);

static inline uint64_t fix_epc_la(uint32_t index)
{
	return FIX_EPC_LA + (uint64_t)index * SGX_PAGE_SIZE;
}

static inline uint64_t fix_ram_la(uint32_t index)
{
	return FIX_RAM_LA + (uint64_t)index * SGX_PAGE_SIZE;
}

/* Where the enclave has this page of its own. */
static inline uint64_t fix_la(enum fix_page page)
{
	return FIX_BASE + (uint64_t)page * SGX_PAGE_SIZE;
}

static inline void *fix_ram(const struct fixture *f, enum fix_ram page)
{
	return f->ram + (size_t)page * SGX_PAGE_SIZE;
}

static inline void *fix_epc(const struct fixture *f, uint32_t index)
{
	return epc_page(&f->epc, index);
}

/* Set the registers and operands of a leaf as for a success, without executing it. */
void fix_prepare_ecreate(struct fixture *f, uint32_t page);
void fix_prepare_eadd(struct fixture *f, uint32_t page, uint64_t la, uint64_t flags,
                      const void *content);
/* Signs what was measured so far with the group's key; the token is not valid. */
void fix_prepare_einit(struct fixture *f);
/* Sign RAM_SIGSTRUCT anew after a change. */
void fix_sign(struct fixture *f);
/* A leaf with these registers. */
struct trap fix_encls(struct fixture *f, uint32_t leaf, uint64_t rbx, uint64_t rcx, uint64_t rdx);
struct trap fix_enclu(struct fixture *f, uint32_t leaf, uint64_t rbx, uint64_t rcx, uint64_t rdx);

/* An enclave up to, but without, EINIT; then with it; then with FIX_TCS entered. */
void fix_build(struct fixture *f);
void fix_enclave(struct fixture *f);
void fix_enter(struct fixture *f);

void fix_assert_trap(struct trap got, struct trap want);
void fix_assert_code(const struct fixture *f, struct trap got, uint64_t code);

/* All state, to be compared. */
struct snapshot;
struct snapshot *fix_snapshot(const struct fixture *f);
/* Also frees it.  code: registers RAX and RFLAGS may differ. */
void fix_assert_same(const struct fixture *f, struct snapshot *s, bool code);

#endif
