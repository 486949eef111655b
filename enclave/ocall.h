/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the host, by a structure or with what it answers checked. */
#ifndef ENCLAVE_OCALL_H
#define ENCLAVE_OCALL_H

#include <stddef.h>
#include <stdint.h>

/*
 * The host's answer to an ocall that may do up to asked of something: that much, or -errno; what is
 * neither is -EIO.  Does not return when the program was killed meanwhile.
 */
int64_t ocall_result(uint64_t result, uint64_t asked);
/*
 * An ocall of one's own whose argument is one structure, a multiple of 8 bytes without padding: copied
 * out, and after a success copied in again.  0 or -errno.  What the structure then says is the host's
 * word.
 */
int64_t encl_request(uint64_t number, void *structure, size_t size);

#endif
