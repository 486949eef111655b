/* SPDX-License-Identifier: Apache-2.0 */
/* A small enclave image for the tests: layout page, two TCSs, code, then 1 MiB of zeros and a hole. */
#ifndef TESTS_UNIT_PAL_SAMPLE_H
#define TESTS_UNIT_PAL_SAMPLE_H

#include "pal/encl.h"
#include "sgx/secinfo.h"

#define SAMPLE_RX (SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_X)
#define SAMPLE_RW (SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_W)

#define SAMPLE_SIZE  (1 << 22) /* SECS.SIZE */
#define SAMPLE_PAGES (6 + 256)

extern uint8_t sample[6 * 4096];

/* Loaded, with a SIGSTRUCT of zeros. */
void sample_files(struct encl_files *ret);
/* And with one that is signed, for debug enclaves and others. */
void sample_sign(struct encl_files *files);

#endif
