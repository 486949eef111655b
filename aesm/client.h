/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking aesmd.  Each call is a connection of its own to the socket at path, as aesmd has it, and ends
 * within AESM_CLIENT_TIMEOUT.  All return 0 or -errno, -EREMOTEIO when aesmd answers with an error code;
 * outputs change only on success.
 */
#ifndef AESM_CLIENT_H
#define AESM_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "aesm/keyid.h"
#include "aesm/message.h"
#include "lib/base/err.h"
#include "sgx/attributes.h"
#include "sgx/report.h"
#include "sgx/sigstruct.h"
#include "sgx/token.h"

#define AESM_SOCKET         "/var/run/aesmd/aesm.socket"
#define AESM_CLIENT_TIMEOUT 15000 /* milliseconds; aesmd is told the same */
#define AESM_REPLY_MAX      (1024 * 1024)

/* Any request; *ret is of the same kind and its error code 0.  Release it. */
int aesm_call(const char *path, const struct aesm_message *request, struct aesm_message *ret,
              struct err *e);

/* The key that aesmd prefers. */
int aesm_select_key(const char *path, struct sgx_att_key_id *ret, struct err *e);
/* All keys, in a new array that the caller frees. */
int aesm_supported_keys(const char *path, struct sgx_att_key_id **ret, size_t *ret_count,
                        struct err *e);
/* The ECDSA key that aesmd prefers, or else the first that is one. */
int aesm_ecdsa_key(const char *path, struct sgx_att_key_id *ret, struct err *e);
/* Prepare a key: whom a REPORT must be for, and the hash that names the public key. */
int aesm_init_quote_ex(const char *path, const struct sgx_att_key_id *key,
                       struct sgx_targetinfo *ret_target, uint8_t ret_key_hash[32], struct err *e);
int aesm_get_quote_size_ex(const char *path, const struct sgx_att_key_id *key, uint32_t *ret,
                           struct err *e);
/*
 * A quote of the size that aesmd says, in a new buffer that the caller frees; the key has been
 * prepared.  info may be NULL; else nonce and target are read, and report is written.
 */
int aesm_get_quote_ex(const char *path, const struct sgx_att_key_id *key,
                      const struct sgx_report *report, struct sgx_qe_report_info *info,
                      uint8_t **ret, size_t *ret_size, struct err *e);

/* EPID: the target and the group; then a quote of type 0 (unlinkable) or 1 (linkable). */
int aesm_init_quote(const char *path, struct sgx_targetinfo *ret_target, uint8_t ret_gid[4],
                    struct err *e);
int aesm_get_quote(const char *path, const struct sgx_report *report, uint32_t type,
                   const uint8_t spid[16], uint32_t buf_size, uint8_t **ret, size_t *ret_size,
                   struct err *e);

int aesm_get_launch_token(const char *path, const uint8_t mrenclave[32],
                          const uint8_t modulus[SGX_RSA_BYTES],
                          const struct sgx_attributes *attributes, struct sgx_einittoken *ret,
                          struct err *e);

#endif
