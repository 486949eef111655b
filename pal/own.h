/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an author adds on the untrusted side: own.c, which a runtime of one's own has in its own folder
 * (docs/tutorial.md).  As it comes there is nothing.
 */
#ifndef PAL_OWN_H
#define PAL_OWN_H

#include <stdint.h>

#include "lib/base/err.h"
#include "pal/encl.h"
#include "pal/ocall.h"

/*
 * The enclave has had ENCL_ECALL_INIT and runs no program yet: the place for ecalls that prepare it,
 * with runtime_call.  An error, negative, ends pal_init with e as its line.
 */
int own_start(struct encl *encl, struct err *e);
/*
 * A program's ocall from ENCL_OCALL_OWN on: its result, -ENOSYS for a number that there is not.  The
 * argument is an address of the ocall area: ocall_copy_in takes the structure from there.
 */
int64_t own_ocall(struct ocall_server *server, uint64_t number, uint64_t arg);

#endif
