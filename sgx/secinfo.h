/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SECINFO, PAGEINFO and PCMD, the operands that describe a page (SDM vol. 3D, SECINFO, PAGEINFO,
 * PCMD).
 */
#ifndef SGX_SECINFO_H
#define SGX_SECINFO_H

#include <stddef.h>
#include <stdint.h>

#define SGX_PAGE_SIZE 4096

#define SGX_SECINFO_R        UINT64_C(0x01)
#define SGX_SECINFO_W        UINT64_C(0x02)
#define SGX_SECINFO_X        UINT64_C(0x04)
#define SGX_SECINFO_PENDING  UINT64_C(0x08)
#define SGX_SECINFO_MODIFIED UINT64_C(0x10)
#define SGX_SECINFO_PR       UINT64_C(0x20)
#define SGX_SECINFO_RWX      (SGX_SECINFO_R | SGX_SECINFO_W | SGX_SECINFO_X)

#define SGX_SECINFO_PT_SHIFT 8
#define SGX_SECINFO_PT_MASK  UINT64_C(0xff00)

enum sgx_page_type {
	SGX_PT_SECS = 0,
	SGX_PT_TCS = 1,
	SGX_PT_REG = 2,
	SGX_PT_VA = 3,
	SGX_PT_TRIM = 4,
	SGX_PT_SS_FIRST = 5,
	SGX_PT_SS_REST = 6,
};

#define SGX_SECINFO_TCS UINT64_C(0x100)
#define SGX_SECINFO_REG UINT64_C(0x200)

/* What a page is to be. */
struct sgx_secinfo {
	uint64_t flags;       /* SGX_SECINFO_* */
	uint8_t reserved[56]; /* 0 */
} __attribute__((aligned(64)));
_Static_assert(sizeof(struct sgx_secinfo) == 64, "sgx_secinfo");
_Static_assert(offsetof(struct sgx_secinfo, flags) == 0, "sgx_secinfo.flags");
_Static_assert(offsetof(struct sgx_secinfo, reserved) == 8, "sgx_secinfo.reserved");

/* Operands of ECREATE, EADD, EAUG, EWB and ELD*: four linear addresses. */
struct sgx_pageinfo {
	uint64_t linaddr;
	uint64_t srcpge;
	uint64_t secinfo; /* EWB and ELD*: PCMD */
	uint64_t secs;
} __attribute__((aligned(32)));
_Static_assert(sizeof(struct sgx_pageinfo) == 32, "sgx_pageinfo");
_Static_assert(offsetof(struct sgx_pageinfo, linaddr) == 0, "sgx_pageinfo.linaddr");
_Static_assert(offsetof(struct sgx_pageinfo, srcpge) == 8, "sgx_pageinfo.srcpge");
_Static_assert(offsetof(struct sgx_pageinfo, secinfo) == 16, "sgx_pageinfo.secinfo");
_Static_assert(offsetof(struct sgx_pageinfo, secs) == 24, "sgx_pageinfo.secs");

/* What EWB says of the page it took out of the EPC, for ELDU and ELDB. */
struct sgx_pcmd {
	struct sgx_secinfo secinfo;
	uint64_t enclaveid;   /* 0 of a VA page */
	uint8_t reserved[40]; /* 0 */
	uint8_t mac[16];
} __attribute__((aligned(128)));
_Static_assert(sizeof(struct sgx_pcmd) == 128, "sgx_pcmd");
_Static_assert(offsetof(struct sgx_pcmd, enclaveid) == 64, "sgx_pcmd.enclaveid");
_Static_assert(offsetof(struct sgx_pcmd, reserved) == 72, "sgx_pcmd.reserved");
_Static_assert(offsetof(struct sgx_pcmd, mac) == 112, "sgx_pcmd.mac");

#endif
