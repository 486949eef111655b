/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SGXS, the stream that an enclave's measurement is the SHA-256 of: the records of ECREATE, EADD and
 * EEXTEND, each EEXTEND followed by its 256 bytes.  Other tools of the field read and write it.  Its
 * extension (ESGXS) has chunks that are loaded but not measured, UNMEASRD, which the hash leaves out;
 * an UNSIZED enclave has no measurement.
 */
#ifndef LIB_SGX_SGXS_H
#define LIB_SGX_SGXS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/sgx/image.h"

/* Does it begin as a stream does? */
bool sgxs_is_stream(const void *bytes, size_t size);
/*
 * The MRENCLAVE of a stream, whose name is for messages.  -EINVAL with the place and the cause: cut
 * short, a record that does not exist, an ECREATE that is not the first, a SIZE that is no power of 2,
 * a page outside the enclave, a chunk that is not of the page before it, reserved bytes.  The order of
 * the pages is part of the measurement, and free.  Needs crypto_load.
 */
int sgxs_measure(const char *name, const void *bytes, size_t size, uint8_t mrenclave[SHA256_SIZE],
                 struct err *e);
/* Bytes of the stream that an image makes. */
uint64_t sgxs_size(const struct image *image);
/* Write it: sgxs_size bytes, all of which the loader measures. */
void sgxs_write(const struct image *image, uint8_t *ret);

#endif
