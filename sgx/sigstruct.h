/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The enclave signature structure (SDM vol. 3D, SIGSTRUCT).  Multi-byte integers are little-endian, the
 * RSA numbers too.
 */
#ifndef SGX_SIGSTRUCT_H
#define SGX_SIGSTRUCT_H

#include <stddef.h>
#include <stdint.h>

#include "sgx/attributes.h"

#define SGX_RSA_BYTES              384
#define SGX_RSA_EXPONENT           3
#define SGX_SIGSTRUCT_VENDOR_INTEL UINT32_C(0x8086)
/* The fixed bytes of HEADER and HEADER2. */
#define SGX_SIGSTRUCT_HEADER                                      \
	{                                                         \
		6, 0, 0, 0, 0xe1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0 \
	}
#define SGX_SIGSTRUCT_HEADER2                                        \
	{                                                            \
		1, 1, 0, 0, 0x60, 0, 0, 0, 0x60, 0, 0, 0, 1, 0, 0, 0 \
	}
/* What is signed: the first 128 bytes, then the 128 bytes from MISCSELECT to ISVSVN. */
#define SGX_SIGSTRUCT_SIGNED_HEAD 128
#define SGX_SIGSTRUCT_BODY_OFFSET 900
#define SGX_SIGSTRUCT_BODY_SIZE   128

/* 1808 bytes, no padding; EINIT wants it at a multiple of 4096. */
struct sgx_sigstruct {
	uint8_t header[16];
	uint32_t vendor; /* 0 or 0x8086 */
	uint32_t date;   /* BCD yyyymmdd */
	uint8_t header2[16];
	uint32_t swdefined;
	uint8_t reserved1[84];            /* 0 */
	uint8_t modulus[SGX_RSA_BYTES];   /* not signed */
	uint32_t exponent;                /* 3; not signed */
	uint8_t signature[SGX_RSA_BYTES]; /* not signed */
	uint32_t miscselect;
	uint32_t miscmask;
	uint8_t cet_attributes;
	uint8_t cet_attributes_mask;
	uint8_t reserved2[2]; /* 0 */
	uint8_t isvfamilyid[16];
	struct sgx_attributes attributes;
	struct sgx_attributes attributemask;
	uint8_t enclavehash[32]; /* MRENCLAVE */
	uint8_t reserved3[16];   /* 0 */
	uint8_t isvextprodid[16];
	uint16_t isvprodid;
	uint16_t isvsvn;
	uint8_t reserved4[12];     /* 0; not signed */
	uint8_t q1[SGX_RSA_BYTES]; /* floor(S^2 / M); not signed */
	uint8_t q2[SGX_RSA_BYTES]; /* floor((S^3 - q1*S*M) / M); not signed */
} __attribute__((packed));
_Static_assert(sizeof(struct sgx_sigstruct) == 1808, "sgx_sigstruct");
_Static_assert(offsetof(struct sgx_sigstruct, header) == 0, "sgx_sigstruct.header");
_Static_assert(offsetof(struct sgx_sigstruct, vendor) == 16, "sgx_sigstruct.vendor");
_Static_assert(offsetof(struct sgx_sigstruct, date) == 20, "sgx_sigstruct.date");
_Static_assert(offsetof(struct sgx_sigstruct, header2) == 24, "sgx_sigstruct.header2");
_Static_assert(offsetof(struct sgx_sigstruct, swdefined) == 40, "sgx_sigstruct.swdefined");
_Static_assert(offsetof(struct sgx_sigstruct, reserved1) == 44, "sgx_sigstruct.reserved1");
_Static_assert(offsetof(struct sgx_sigstruct, modulus) == 128, "sgx_sigstruct.modulus");
_Static_assert(offsetof(struct sgx_sigstruct, exponent) == 512, "sgx_sigstruct.exponent");
_Static_assert(offsetof(struct sgx_sigstruct, signature) == 516, "sgx_sigstruct.signature");
_Static_assert(offsetof(struct sgx_sigstruct, miscselect) == 900, "sgx_sigstruct.miscselect");
_Static_assert(offsetof(struct sgx_sigstruct, miscmask) == 904, "sgx_sigstruct.miscmask");
_Static_assert(offsetof(struct sgx_sigstruct, cet_attributes) == 908,
               "sgx_sigstruct.cet_attributes");
_Static_assert(offsetof(struct sgx_sigstruct, cet_attributes_mask) == 909,
               "sgx_sigstruct.cet_attributes_mask");
_Static_assert(offsetof(struct sgx_sigstruct, reserved2) == 910, "sgx_sigstruct.reserved2");
_Static_assert(offsetof(struct sgx_sigstruct, isvfamilyid) == 912, "sgx_sigstruct.isvfamilyid");
_Static_assert(offsetof(struct sgx_sigstruct, attributes) == 928, "sgx_sigstruct.attributes");
_Static_assert(offsetof(struct sgx_sigstruct, attributemask) == 944, "sgx_sigstruct.attributemask");
_Static_assert(offsetof(struct sgx_sigstruct, enclavehash) == 960, "sgx_sigstruct.enclavehash");
_Static_assert(offsetof(struct sgx_sigstruct, reserved3) == 992, "sgx_sigstruct.reserved3");
_Static_assert(offsetof(struct sgx_sigstruct, isvextprodid) == 1008, "sgx_sigstruct.isvextprodid");
_Static_assert(offsetof(struct sgx_sigstruct, isvprodid) == 1024, "sgx_sigstruct.isvprodid");
_Static_assert(offsetof(struct sgx_sigstruct, isvsvn) == 1026, "sgx_sigstruct.isvsvn");
_Static_assert(offsetof(struct sgx_sigstruct, reserved4) == 1028, "sgx_sigstruct.reserved4");
_Static_assert(offsetof(struct sgx_sigstruct, q1) == 1040, "sgx_sigstruct.q1");
_Static_assert(offsetof(struct sgx_sigstruct, q2) == 1424, "sgx_sigstruct.q2");

#endif
