/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of linux-sgx-driver 2.x that name an enclave by an address in it. */
#ifndef SWSGX_DRIVER_LEGACY_H
#define SWSGX_DRIVER_LEGACY_H

#include "swsgx/driver/abi.h"

/*
 * The enclave with a page at addr: 0, -EINVAL without a mapping or for the middle of a page, -ENOENT
 * when there is none yet.  Its view stays until legacy_unpin.
 */
int legacy_find(const struct request_context *c, uint64_t addr, struct enclave **ret);
void legacy_unpin(struct enclave *e);

/* SGX2. */
int isgx_emodpr(struct request_context *c, void *arg);
int isgx_mktcs(struct request_context *c, void *arg);
int isgx_trim(struct request_context *c, void *arg);
int isgx_notify_accept(struct request_context *c, void *arg);
int isgx_page_remove(struct request_context *c, void *arg);

#endif
