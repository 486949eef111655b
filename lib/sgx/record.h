/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The 64-byte records that ECREATE, EADD and EEXTEND feed to the running hash (SDM vol. 3D, the three
 * leaves), and an SGXS stream holds one after the other.  Numbers are little-endian, so the structs
 * are the records.
 */
#ifndef LIB_SGX_RECORD_H
#define LIB_SGX_RECORD_H

#include <stdint.h>

#define RECORD_SIZE 64

struct record_ecreate {
	char tag[8];
	uint32_t ssaframesize;
	uint64_t size;
	uint64_t cet_leg_bitmap_offset;
	uint8_t zero[36];
} __attribute__((packed));

struct record_eadd {
	char tag[8];
	uint64_t offset;
	uint64_t secinfo_flags;
	uint8_t zero[40]; /* the part of SECINFO that EADD wants 0 */
};

struct record_eextend {
	char tag[8];
	uint64_t offset;
	uint8_t zero[48];
};

_Static_assert(sizeof(struct record_ecreate) == RECORD_SIZE, "record of ECREATE");
_Static_assert(sizeof(struct record_eadd) == RECORD_SIZE, "record of EADD");
_Static_assert(sizeof(struct record_eextend) == RECORD_SIZE, "record of EEXTEND");

#endif
