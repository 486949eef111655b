/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The launch token (SDM vol. 3D, EINITTOKEN).
 */
#ifndef SGX_TOKEN_H
#define SGX_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "sgx/attributes.h"

/* 304 bytes; the MAC covers the first 192.  EINIT wants it at a multiple of 512. */
struct sgx_einittoken {
	uint32_t valid;        /* bit 0 */
	uint8_t reserved1[44]; /* 0 */
	struct sgx_attributes attributes;
	uint8_t mrenclave[32];
	uint8_t reserved2[32]; /* 0 */
	uint8_t mrsigner[32];
	uint8_t reserved3[32]; /* 0 */
	uint8_t cpusvnle[16];
	uint16_t isvprodidle;
	uint16_t isvsvnle;
	uint8_t cet_masked_attributes_le;
	uint8_t reserved4[23]; /* 0 */
	uint32_t maskedmiscselectle;
	struct sgx_attributes maskedattributesle;
	uint8_t keyid[32];
	uint8_t mac[16];
};
_Static_assert(sizeof(struct sgx_einittoken) == 304, "sgx_einittoken");
_Static_assert(offsetof(struct sgx_einittoken, valid) == 0, "sgx_einittoken.valid");
_Static_assert(offsetof(struct sgx_einittoken, reserved1) == 4, "sgx_einittoken.reserved1");
_Static_assert(offsetof(struct sgx_einittoken, attributes) == 48, "sgx_einittoken.attributes");
_Static_assert(offsetof(struct sgx_einittoken, mrenclave) == 64, "sgx_einittoken.mrenclave");
_Static_assert(offsetof(struct sgx_einittoken, reserved2) == 96, "sgx_einittoken.reserved2");
_Static_assert(offsetof(struct sgx_einittoken, mrsigner) == 128, "sgx_einittoken.mrsigner");
_Static_assert(offsetof(struct sgx_einittoken, reserved3) == 160, "sgx_einittoken.reserved3");
_Static_assert(offsetof(struct sgx_einittoken, cpusvnle) == 192, "sgx_einittoken.cpusvnle");
_Static_assert(offsetof(struct sgx_einittoken, isvprodidle) == 208, "sgx_einittoken.isvprodidle");
_Static_assert(offsetof(struct sgx_einittoken, isvsvnle) == 210, "sgx_einittoken.isvsvnle");
_Static_assert(offsetof(struct sgx_einittoken, cet_masked_attributes_le) == 212,
               "sgx_einittoken.cet_masked_attributes_le");
_Static_assert(offsetof(struct sgx_einittoken, reserved4) == 213, "sgx_einittoken.reserved4");
_Static_assert(offsetof(struct sgx_einittoken, maskedmiscselectle) == 236,
               "sgx_einittoken.maskedmiscselectle");
_Static_assert(offsetof(struct sgx_einittoken, maskedattributesle) == 240,
               "sgx_einittoken.maskedattributesle");
_Static_assert(offsetof(struct sgx_einittoken, keyid) == 256, "sgx_einittoken.keyid");
_Static_assert(offsetof(struct sgx_einittoken, mac) == 288, "sgx_einittoken.mac");

#endif
