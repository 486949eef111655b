/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A SIGSTRUCT that verifies, made without a key.  RSA binds a signature to a modulus, and SIGSTRUCT
 * brings its own: S = 2^1023 is a signature of every message under M = S^3 - encoding(message), for
 * then S^3 mod M is that encoding, Q1 is 0 and Q2 is 1.
 */
#ifndef TESTS_FUZZ_FORGE_H
#define TESTS_FUZZ_FORGE_H

#include "sgx/sigstruct.h"

/* Sign what the other fields say. */
void forge_sign(struct sgx_sigstruct *sig);

#endif
