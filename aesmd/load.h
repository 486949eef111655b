/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading and entering the architectural enclaves: whoever has the kernel's ABI can, on silicon or not.
 * An enclave lives as long as the process.
 */
#ifndef AESMD_LOAD_H
#define AESMD_LOAD_H

#include <stddef.h>
#include <stdint.h>

#include "aesmd/enclave/enclave.h"
#include "aesmd/images.h"
#include "lib/base/err.h"
#include "lib/crypto/crypto.h"

struct arch_enclave {
	const char *name;
	uint64_t tcs; /* 0: none */
};

/*
 * Sign the image with key and load it by the in-tree driver, or by that at /dev/isgx; 0 or -errno,
 * -ENOENT when the driver's node is missing.
 */
int arch_load_intree(const struct arch_image *image, const struct rsa3072_key *key,
                     struct arch_enclave *ret, struct err *e);
int arch_load_isgx(const struct arch_image *image, const struct rsa3072_key *key,
                   struct arch_enclave *ret, struct err *e);

/* Enter it; args->result, or ARCH_FAILED when it has not answered.  One thread at a time. */
enum arch_result arch_enter(const struct arch_enclave *enclave, struct arch_args *args);

#endif
