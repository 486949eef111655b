/* SPDX-License-Identifier: Apache-2.0 */
/* encl.token: the launch token that /dev/isgx asks for.  Where there is none, EINIT gets one of zeros. */
#ifndef PAL_TOKEN_H
#define PAL_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/crypto/crypto.h"
#include "sgx/secs.h"
#include "sgx/token.h"

struct token {
	struct sgx_einittoken body;
	bool is_found;
};

/* Read it from the working directory.  That there is none is no error: the processor may not need it. */
int token_load(struct token *ret, struct err *e);
/*
 * EINIT of the enclave with this SECS, measurement and signer has failed with this code (sgx/leaf.h).
 * -EPERM with the reason if the token is it, else 0.  node names the driver's device.
 */
int token_blame(const struct token *token, const char *node, uint32_t code,
                const struct sgx_secs *secs, const uint8_t mrenclave[SHA256_SIZE],
                const uint8_t mrsigner[SHA256_SIZE], struct err *e);

#endif
