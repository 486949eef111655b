/* SPDX-License-Identifier: Apache-2.0 */
/* A choice of attestation keys, as on the wire; the keys' own names are in sgx/quote.h. */
#ifndef AESM_KEYID_H
#define AESM_KEYID_H

#include <stddef.h>
#include <stdint.h>

#include "sgx/quote.h"

#define AESM_KEY_LIST_MAX 10

/* Field SELECT_LIST. */
struct aesm_key_list {
	uint16_t id;      /* 0 */
	uint16_t version; /* 0 */
	uint32_t count;   /* at most AESM_KEY_LIST_MAX; so many struct sgx_att_key_id follow */
};
_Static_assert(sizeof(struct aesm_key_list) == 8, "aesm_key_list");

#endif
