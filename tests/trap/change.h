/* SPDX-License-Identifier: Apache-2.0 */
/* Both sides of a change to a running enclave: the host asks, the enclave (OP_SGX2) agrees. */
#ifndef TESTS_TRAP_CHANGE_H
#define TESTS_TRAP_CHANGE_H

#include <stdint.h>

#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "swsgx/cpu/trap.h"
#include "tests/trap/enclave.h"

#define PF_READ  (PF_SGX | PF_P | PF_U)
#define PF_WRITE (PF_SGX | PF_P | PF_U | PF_W)

#define RW       (SGX_SECINFO_R | SGX_SECINFO_W)
#define NEW_PAGE (SGX_SECINFO_REG | SGX_SECINFO_PENDING | RW)
#define NEW_TCS  (SGX_SECINFO_TCS | SGX_SECINFO_MODIFIED)
#define TRIMMED  ((uint64_t)SGX_PT_TRIM << SGX_SECINFO_PT_SHIFT | SGX_SECINFO_MODIFIED)

extern struct test_enclave e;
extern struct sgx_enclave_run run; /* of the last entry */
extern uint64_t result, count;     /* as the last request left them */

uint64_t page(unsigned int n);
/* An operation on a TCS: its result. */
uint64_t enter(unsigned int tcs, uint64_t op, uint64_t rsi, uint64_t rdx);
/* By this leaf: an ERESUME has to be called at the same depth of the stack as its EENTER. */
uint64_t enter_by(unsigned int leaf, unsigned int tcs, uint64_t op, uint64_t rsi, uint64_t rdx);
uint64_t peek(unsigned int n);
void poke(unsigned int n, uint64_t value);
/* The last entry ended with a page fault on page n. */
void check_refused(unsigned int n, unsigned int error);
/* An access to page n ends so; the thread stays inside. */
void refused(unsigned int tcs, uint64_t op, unsigned int n, unsigned int error);
/* A leaf with a SECINFO and a page: its code. */
uint64_t sgx2(unsigned int leaf, unsigned int n, uint64_t secinfo_flags);
uint64_t accept_page(unsigned int n, uint64_t secinfo_flags);

/* The requests: 0 or errno. */
int restrict_to(unsigned int n, unsigned int pages, uint64_t permissions);
int modify(unsigned int n, unsigned int pages, uint64_t type);
int remove_pages(unsigned int n, unsigned int pages);
void map(unsigned int n, unsigned int pages, int prot);

#endif
