/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The thread control structure (SDM vol. 3D, TCS).
 */
#ifndef SGX_TCS_H
#define SGX_TCS_H

#include <stddef.h>
#include <stdint.h>

#define SGX_TCS_DBGOPTIN  UINT64_C(0x1)
#define SGX_TCS_AEXNOTIFY UINT64_C(0x2)

/* One page.  Offsets count from SECS.BASEADDR. */
struct sgx_tcs {
	uint64_t state;  /* 0 inactive, 1 active */
	uint64_t flags;  /* SGX_TCS_* */
	uint64_t ossa;   /* offset of the SSA frames */
	uint32_t cssa;   /* current frame */
	uint32_t nssa;   /* number of frames */
	uint64_t oentry; /* offset of the entry point */
	uint64_t aep;    /* where an asynchronous exit goes */
	uint64_t ofsbase;
	uint64_t ogsbase;
	uint32_t fslimit;       /* 32-bit enclaves only */
	uint32_t gslimit;       /* 32-bit enclaves only */
	uint8_t reserved[4024]; /* 0 */
};
_Static_assert(sizeof(struct sgx_tcs) == 4096, "sgx_tcs");
_Static_assert(offsetof(struct sgx_tcs, state) == 0, "sgx_tcs.state");
_Static_assert(offsetof(struct sgx_tcs, flags) == 8, "sgx_tcs.flags");
_Static_assert(offsetof(struct sgx_tcs, ossa) == 16, "sgx_tcs.ossa");
_Static_assert(offsetof(struct sgx_tcs, cssa) == 24, "sgx_tcs.cssa");
_Static_assert(offsetof(struct sgx_tcs, nssa) == 28, "sgx_tcs.nssa");
_Static_assert(offsetof(struct sgx_tcs, oentry) == 32, "sgx_tcs.oentry");
_Static_assert(offsetof(struct sgx_tcs, aep) == 40, "sgx_tcs.aep");
_Static_assert(offsetof(struct sgx_tcs, ofsbase) == 48, "sgx_tcs.ofsbase");
_Static_assert(offsetof(struct sgx_tcs, ogsbase) == 56, "sgx_tcs.ogsbase");
_Static_assert(offsetof(struct sgx_tcs, fslimit) == 64, "sgx_tcs.fslimit");
_Static_assert(offsetof(struct sgx_tcs, gslimit) == 68, "sgx_tcs.gslimit");
_Static_assert(offsetof(struct sgx_tcs, reserved) == 72, "sgx_tcs.reserved");

#endif
