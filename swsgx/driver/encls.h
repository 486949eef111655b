/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ENCLS as the driver executes it: each leaf a typed function on an enclave's own EPC.  Under the
 * enclave's lock.  offset: of a page from BASEADDR.
 */
#ifndef SWSGX_DRIVER_ENCLS_H
#define SWSGX_DRIVER_ENCLS_H

#include <stdint.h>

#include "sgx/secinfo.h"
#include "sgx/secs.h"
#include "sgx/sigstruct.h"
#include "sgx/token.h"
#include "swsgx/driver/enclave.h"

struct trap encls_ecreate(struct enclave *e, const struct sgx_secs *secs);
/* Pages that will be added soon: memory for all of them at once costs less than a fault for each. */
void encls_populate(struct enclave *e, uint64_t offset, uint64_t size);
/*
 * Free EPC pages were written to the enclave's file ahead of the EADD of the same pages, regular ones,
 * from the same memory: a write of several pages costs less than to clear, map and fill each.  What
 * the write has left out EADD copies.  Until encls_unstage.
 */
void encls_stage(struct enclave *e, uint64_t offset, const void *pages, size_t written);
void encls_unstage(struct enclave *e);
struct trap encls_eadd(struct enclave *e, uint64_t offset, uint64_t secinfo_flags,
                       const void *page);
/* All 16 chunks of a page. */
struct trap encls_eextend(struct enclave *e, uint64_t offset);
/* Those whose bit is set in chunks, the first is bit 0. */
struct trap encls_eextend_chunks(struct enclave *e, uint64_t offset, uint16_t chunks);
/*
 * With the signer's hash in IA32_SGXLEPUBKEYHASH, as the driver writes it there first, and no
 * token.  *ret_code: the SGX error code.
 */
struct trap encls_einit(struct enclave *e, const struct sgx_sigstruct *sig,
                        const uint8_t mrsigner[32], uint64_t *ret_code);
/* With lepubkeyhash in IA32_SGXLEPUBKEYHASH. */
struct trap encls_einit_token(struct enclave *e, const struct sgx_sigstruct *sig,
                              const struct sgx_einittoken *token, const uint8_t lepubkeyhash[32],
                              uint64_t *ret_code);

/* A page of zeros that the enclave has to accept. */
struct trap encls_eaug(struct enclave *e, uint64_t offset);
/* Leaves whose *ret_code is the SGX error code, if they retire. */
struct trap encls_emodpr(struct enclave *e, uint64_t offset, uint64_t secinfo_flags,
                         uint64_t *ret_code);
struct trap encls_emodt(struct enclave *e, uint64_t offset, uint64_t secinfo_flags,
                        uint64_t *ret_code);
struct trap encls_etrack(struct enclave *e, uint64_t *ret_code);
struct trap encls_eremove(struct enclave *e, uint64_t offset, uint64_t *ret_code);

#endif
