/* SPDX-License-Identifier: Apache-2.0 */
/* The launch enclave's service: tokens for /dev/isgx. */
#ifndef AESMD_LAUNCH_H
#define AESMD_LAUNCH_H

#include <stdint.h>

#include "aesm/message.h"
#include "aesmd/load.h"
#include "aesmd/platform.h"
#include "sgx/sigstruct.h"
#include "sgx/token.h"

struct launch {
	struct arch_enclave enclave; /* its tcs is 0 on a machine without /dev/isgx */
	uint8_t signer[ARCH_SIGNERS_MAX][32];
	uint32_t signer_count; /* may sign what is not for debugging */
};

/* Without /dev/isgx it succeeds: then there is nothing to launch.  The signers are set by the caller. */
int launch_open(const struct platform *platform, struct launch *ret, struct err *e);
/* SHA-256 of the modulus of the launch enclave's signer: what IA32_SGXLEPUBKEYHASH must be. */
void launch_signer(const struct platform *platform, uint8_t ret[32]);

enum aesm_error launch_token(const struct launch *l, const uint8_t mrenclave[32],
                             const uint8_t modulus[SGX_RSA_BYTES],
                             const struct sgx_attributes *attributes, struct sgx_einittoken *ret);

#endif
