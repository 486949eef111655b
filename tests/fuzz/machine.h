/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tiny machine for the fuzzers: an EPC, some ordinary pages, two processors, page tables that can
 * say anything, and what must hold whatever happens.  A broken promise ends the process.
 */
#ifndef TESTS_FUZZ_MACHINE_H
#define TESTS_FUZZ_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "sgx/leaf.h"
#include "swsgx/cpu/epc.h"
#include "tests/fuzz/input.h"

#define EPC_PAGES    16
#define RAM_PAGES    5
#define WINDOW_PAGES 64 /* of linear addresses, where enclaves are mapped */
#define CPUS         2
#define XSAVE_SIZE   2752

#define EPC_LA UINT64_C(0xffff880000000000)
#define RAM_LA UINT64_C(0x7f0000000000)
#define BASE   UINT64_C(0x200000) /* where the window is, unless said otherwise */
#define SIZE   UINT64_C(0x20000)  /* of an enclave: half of the window */

/* Ordinary pages. */
enum ram { RAM_OPERANDS, RAM_SOURCE, RAM_BLOB, RAM_BLOB2, RAM_PCMD };

/* In RAM_OPERANDS. */
#define PAGEINFO_LA RAM_LA
#define SECINFO_LA  (RAM_LA + 64)

struct machine {
	struct cpu cpu[CPUS];
	struct platform platform;
	struct epc epc;
	struct epcm_entry epcm[EPC_PAGES];
	struct mapping window[WINDOW_PAGES]; /* host: the page */
	uint64_t window_base;
	_Alignas(64) uint8_t xsave[CPUS][XSAVE_SIZE];
	_Alignas(4096) uint8_t page[EPC_PAGES][SGX_PAGE_SIZE];
	_Alignas(4096) uint8_t ram[RAM_PAGES][SGX_PAGE_SIZE];
};

/* libcrypto, once a program. */
void machine_load(void);
void machine_init(struct machine *m);
/* Pointers into m after it was copied. */
void machine_moved(struct machine *m);
/* Window page number to an EPC page, to ordinary memory (EPC_NONE), or away (absent). */
void machine_map(struct machine *m, uint32_t number, uint32_t epc_index, uint8_t rights);

static inline uint64_t epc_la(uint32_t page)
{
	return EPC_LA + (uint64_t)page * SGX_PAGE_SIZE;
}

static inline uint64_t ram_la(enum ram page)
{
	return RAM_LA + (uint64_t)page * SGX_PAGE_SIZE;
}

static inline uint64_t window_la(const struct machine *m, uint32_t number)
{
	return m->window_base + (uint64_t)number * SGX_PAGE_SIZE;
}

static inline struct sgx_pageinfo *operand_pageinfo(struct machine *m)
{
	return (void *)m->ram[RAM_OPERANDS];
}

static inline struct sgx_secinfo *operand_secinfo(struct machine *m)
{
	return (void *)(m->ram[RAM_OPERANDS] + 64);
}

/* A leaf on a processor; what it must not change, it has not. */
struct trap machine_encls(struct machine *m, uint32_t leaf, uint64_t rbx, uint64_t rcx,
                          uint64_t rdx);
struct trap machine_enclu(struct machine *m, uint32_t cpu, uint32_t leaf, uint64_t rbx,
                          uint64_t rcx, uint64_t rdx);

/* Operands of a SECS and a page that would be accepted; then the leaf. */
struct trap machine_ecreate(struct machine *m, uint32_t page, const struct sgx_secs *secs);
struct trap machine_eadd(struct machine *m, uint32_t page, uint32_t secs, uint64_t la,
                         uint64_t secinfo_flags, const void *content);
/* What EINIT does to an enclave; signatures are another fuzzer's. */
void machine_initialise(struct machine *m, uint32_t secs);
/*
 * SECS in page 0, TCSs in 1 and 2, REG pages in 3 to 9, of which 6 is R X and 9 R, at the same numbers
 * of the window; initialised.
 */
void machine_enclave(struct machine *m);
struct sgx_secs machine_secs(const struct machine *m);

/* Event: any vector; only while the processor is in an enclave. */
void machine_aex(struct machine *m, uint32_t cpu, struct trap event);
/* The EPCM is consistent, and processors are where the SECSs say they are. */
void machine_check(const struct machine *m);

#define PROMISE(condition) promise(condition, #condition, __FILE__, __LINE__)
void promise(bool held, const char *text, const char *file, int line);

#endif
