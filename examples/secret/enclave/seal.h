/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealing: bytes that only this enclave (this MRENCLAVE, in this mode, debug or not) on this processor can
 * read again.  It keeps them secret and whole, but not new: the host may bring back an older one.
 */
#ifndef ENCLAVE_SEAL_H
#define ENCLAVE_SEAL_H

#include <stddef.h>
#include <stdint.h>

#define SEAL_MORE 88 /* a sealed thing is so many bytes longer */

/* ret: size + SEAL_MORE bytes.  0 or -EIO. */
int seal(uint8_t *ret, const void *bytes, size_t size);
/*
 * bytes: sealed, and changed on the way.  ret: room bytes, *ret_size of them are used.  -EINVAL: not sealed
 * by this enclave on this processor, or changed since.
 */
int unseal(void *ret, size_t room, size_t *ret_size, uint8_t *bytes, size_t size);

#endif
