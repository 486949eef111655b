/* SPDX-License-Identifier: Apache-2.0 */
/* The test enclave as the drivers before the kernel's build it: by its address. */
#ifndef TESTS_TRAP_ISGX_H
#define TESTS_TRAP_ISGX_H

#include "sgx/token.h"
#include "sgx/uapi/legacy.h"
#include "tests/trap/enclave.h"

/* SGX_DEV_ISGX at first; or SGX_DEV_DCAP_OLD_ENCLAVE. */
extern const char *isgx_node;

/* Open the node, map a range for the enclave, with all rights, and fill in its SECS. */
void isgx_map(struct test_enclave *e);
/* What ioctl returns. */
int isgx_create(const struct test_enclave *e, const void *secs);
int isgx_add(const struct test_enclave *e, unsigned int page, const void *content,
             const void *secinfo);
/* token: NULL for one of zeros; the old DCAP driver takes none. */
int isgx_init(const struct test_enclave *e, const void *sigstruct, const void *token);
/* All pages. */
void isgx_add_all(const struct test_enclave *e);
/* All of it but INIT, and with it. */
void isgx_build(struct test_enclave *e);
void isgx_make(struct test_enclave *e);
/* By a plain ENCLU: the result of the operation. */
uint64_t isgx_enter(const struct test_enclave *e, uint64_t op, uint64_t rsi, uint64_t rdx);

#endif
