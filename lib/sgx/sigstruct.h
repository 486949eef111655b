/* SPDX-License-Identifier: Apache-2.0 */
/* Making and checking SIGSTRUCTs (SDM vol. 3D, SIGSTRUCT and EINIT).  Needs crypto_load. */
#ifndef LIB_SGX_SIGSTRUCT_H
#define LIB_SGX_SIGSTRUCT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/crypto/crypto.h"
#include "sgx/secs.h"
#include "sgx/sigstruct.h"

#define SIGSTRUCT_TBS_SIZE 256

/* Headers and exponent of an unsigned SIGSTRUCT; everything else is 0. */
void sigstruct_init(struct sgx_sigstruct *ret);
/* The 256 bytes that are signed. */
void sigstruct_tbs(const struct sgx_sigstruct *sig, uint8_t ret[SIGSTRUCT_TBS_SIZE]);
/* Put 256 such bytes into sig. */
void sigstruct_put_tbs(struct sgx_sigstruct *sig, const uint8_t tbs[SIGSTRUCT_TBS_SIZE]);
void sigstruct_tbs_digest(const struct sgx_sigstruct *sig, uint8_t ret[SHA256_SIZE]);
/* Put a signature made anywhere into sig, with Q1 and Q2; -EBADMSG when it does not verify. */
int sigstruct_join(struct sgx_sigstruct *sig, const uint8_t modulus[RSA3072_SIZE],
                   const uint8_t signature[RSA3072_SIZE], struct err *e);
int sigstruct_sign(struct sgx_sigstruct *sig, const struct rsa3072_key *key, struct err *e);
/* MRSIGNER: SHA-256 of the modulus as stored. */
void sigstruct_mrsigner(const struct sgx_sigstruct *sig, uint8_t ret[SHA256_SIZE]);
/*
 * Headers, vendor, exponent, reserved fields, RSA signature with Q1 and Q2: 0, or -EINVAL or
 * -EBADMSG with the field that is wrong.  name is for the message.
 */
int sigstruct_check(const char *name, const struct sgx_sigstruct *sig, struct err *e);
/*
 * Would EINIT start an enclave with these attributes and this measurement?  0 or -EPERM with the
 * field that differs, in words of the user ("forbids debug", "MRENCLAVE is ..., signed is ...").
 */
int sigstruct_permits(const char *name, const struct sgx_sigstruct *sig,
                      const struct sgx_secs *secs, const uint8_t mrenclave[SHA256_SIZE],
                      struct err *e);
/* Read a file of just 1808 bytes; only its size is checked. */
int sigstruct_load(const char *path, struct sgx_sigstruct *ret, struct err *e);

#endif
