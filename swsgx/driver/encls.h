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
#include "swsgx/driver/enclave.h"

struct trap encls_ecreate(struct enclave *e, const struct sgx_secs *secs);
struct trap encls_eadd(struct enclave *e, uint64_t offset, uint64_t secinfo_flags,
                       const void *page);
/* All 16 chunks of a page. */
struct trap encls_eextend(struct enclave *e, uint64_t offset);
/*
 * With the signer's hash in IA32_SGXLEPUBKEYHASH, as the driver writes it there first, and no
 * token.  *ret_code: the SGX error code.
 */
struct trap encls_einit(struct enclave *e, const struct sgx_sigstruct *sig,
                        const uint8_t mrsigner[32], uint64_t *ret_code);

#endif
