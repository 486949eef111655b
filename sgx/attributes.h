/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ATTRIBUTES, XFRM and MISCSELECT: what an enclave may do (SDM vol. 3D, ATTRIBUTES).
 */
#ifndef SGX_ATTRIBUTES_H
#define SGX_ATTRIBUTES_H

#include <stddef.h>
#include <stdint.h>

#define SGX_ATTR_INIT          UINT64_C(0x1) /* set by EINIT only */
#define SGX_ATTR_DEBUG         UINT64_C(0x2)
#define SGX_ATTR_MODE64BIT     UINT64_C(0x4)
#define SGX_ATTR_PROVISIONKEY  UINT64_C(0x10)
#define SGX_ATTR_EINITTOKENKEY UINT64_C(0x20)
#define SGX_ATTR_CET           UINT64_C(0x40)
#define SGX_ATTR_KSS           UINT64_C(0x80)
#define SGX_ATTR_AEXNOTIFY     UINT64_C(0x400)

#define SGX_XFRM_X87 UINT64_C(0x1)
#define SGX_XFRM_SSE UINT64_C(0x2)
#define SGX_XFRM_AVX UINT64_C(0x4)
/* Always set: an enclave without x87 and SSE state cannot be created. */
#define SGX_XFRM_LEGACY (SGX_XFRM_X87 | SGX_XFRM_SSE)

#define SGX_MISC_EXINFO UINT32_C(0x1)
#define SGX_MISC_CPINFO UINT32_C(0x2)

/* The 16 bytes of ATTRIBUTES, as SECS, SIGSTRUCT, REPORT and the rest hold them. */
struct sgx_attributes {
	uint64_t flags; /* SGX_ATTR_* */
	uint64_t xfrm;  /* XCR0 while the enclave runs */
};
_Static_assert(sizeof(struct sgx_attributes) == 16, "sgx_attributes");
_Static_assert(offsetof(struct sgx_attributes, flags) == 0, "sgx_attributes.flags");
_Static_assert(offsetof(struct sgx_attributes, xfrm) == 8, "sgx_attributes.xfrm");

#endif
