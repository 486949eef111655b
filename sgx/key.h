/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What EGETKEY takes (SDM vol. 3D, KEYREQUEST).
 */
#ifndef SGX_KEY_H
#define SGX_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "sgx/attributes.h"

enum sgx_keyname {
	SGX_KEY_EINITTOKEN = 0,
	SGX_KEY_PROVISION = 1,
	SGX_KEY_PROVISION_SEAL = 2,
	SGX_KEY_REPORT = 3,
	SGX_KEY_SEAL = 4,
};

#define SGX_KEYPOLICY_MRENCLAVE    0x01
#define SGX_KEYPOLICY_MRSIGNER     0x02
#define SGX_KEYPOLICY_NOISVPRODID  0x04
#define SGX_KEYPOLICY_CONFIGID     0x08
#define SGX_KEYPOLICY_ISVFAMILYID  0x10
#define SGX_KEYPOLICY_ISVEXTPRODID 0x20

#define SGX_KEY_SIZE 16

/* Operand alignment 512. */
struct sgx_keyrequest {
	uint16_t keyname;   /* enum sgx_keyname */
	uint16_t keypolicy; /* SGX_KEYPOLICY_* */
	uint16_t isvsvn;
	uint8_t cet_attributes_mask;
	uint8_t reserved1[1]; /* 0 */
	uint8_t cpusvn[16];
	struct sgx_attributes attributemask;
	uint8_t keyid[32];
	uint32_t miscmask;
	uint16_t configsvn;
	uint8_t reserved2[434]; /* 0 */
};
_Static_assert(sizeof(struct sgx_keyrequest) == 512, "sgx_keyrequest");
_Static_assert(offsetof(struct sgx_keyrequest, keyname) == 0, "sgx_keyrequest.keyname");
_Static_assert(offsetof(struct sgx_keyrequest, keypolicy) == 2, "sgx_keyrequest.keypolicy");
_Static_assert(offsetof(struct sgx_keyrequest, isvsvn) == 4, "sgx_keyrequest.isvsvn");
_Static_assert(offsetof(struct sgx_keyrequest, cet_attributes_mask) == 6,
               "sgx_keyrequest.cet_attributes_mask");
_Static_assert(offsetof(struct sgx_keyrequest, reserved1) == 7, "sgx_keyrequest.reserved1");
_Static_assert(offsetof(struct sgx_keyrequest, cpusvn) == 8, "sgx_keyrequest.cpusvn");
_Static_assert(offsetof(struct sgx_keyrequest, attributemask) == 24,
               "sgx_keyrequest.attributemask");
_Static_assert(offsetof(struct sgx_keyrequest, keyid) == 40, "sgx_keyrequest.keyid");
_Static_assert(offsetof(struct sgx_keyrequest, miscmask) == 72, "sgx_keyrequest.miscmask");
_Static_assert(offsetof(struct sgx_keyrequest, configsvn) == 76, "sgx_keyrequest.configsvn");
_Static_assert(offsetof(struct sgx_keyrequest, reserved2) == 78, "sgx_keyrequest.reserved2");

#endif
