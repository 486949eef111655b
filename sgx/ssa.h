/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state save area of a thread (SDM vol. 3D, SSA frame, GPRSGX, EXITINFO, EXINFO).
 * A frame is SSAFRAMESIZE pages: the XSAVE area first, GPRSGX in its last 184 bytes, the MISC region
 * right before GPRSGX.
 */
#ifndef SGX_SSA_H
#define SGX_SSA_H

#include <stddef.h>
#include <stdint.h>

#define SGX_EXITINFO_VECTOR     UINT32_C(0xff)
#define SGX_EXITINFO_TYPE_SHIFT 8
#define SGX_EXITINFO_TYPE       UINT32_C(0x700)
#define SGX_EXITINFO_HARDWARE   UINT32_C(0x300) /* EXIT_TYPE 3 */
#define SGX_EXITINFO_SOFTWARE   UINT32_C(0x600) /* EXIT_TYPE 6: #BP */
#define SGX_EXITINFO_VALID      UINT32_C(0x80000000)

/* General registers of an interrupted thread; the last bytes of its frame. */
struct sgx_gprsgx {
	uint64_t rax;
	uint64_t rcx;
	uint64_t rdx;
	uint64_t rbx;
	uint64_t rsp;
	uint64_t rbp;
	uint64_t rsi;
	uint64_t rdi;
	uint64_t r8;
	uint64_t r9;
	uint64_t r10;
	uint64_t r11;
	uint64_t r12;
	uint64_t r13;
	uint64_t r14;
	uint64_t r15;
	uint64_t rflags;
	uint64_t rip;
	uint64_t ursp;     /* the host's RSP at entry */
	uint64_t urbp;     /* the host's RBP at entry */
	uint32_t exitinfo; /* SGX_EXITINFO_* */
	uint8_t reserved[3];
	uint8_t aexnotify; /* bit 0 */
	uint64_t fsbase;
	uint64_t gsbase;
};
_Static_assert(sizeof(struct sgx_gprsgx) == 184, "sgx_gprsgx");
_Static_assert(offsetof(struct sgx_gprsgx, rax) == 0, "sgx_gprsgx.rax");
_Static_assert(offsetof(struct sgx_gprsgx, rcx) == 8, "sgx_gprsgx.rcx");
_Static_assert(offsetof(struct sgx_gprsgx, rdx) == 16, "sgx_gprsgx.rdx");
_Static_assert(offsetof(struct sgx_gprsgx, rbx) == 24, "sgx_gprsgx.rbx");
_Static_assert(offsetof(struct sgx_gprsgx, rsp) == 32, "sgx_gprsgx.rsp");
_Static_assert(offsetof(struct sgx_gprsgx, rbp) == 40, "sgx_gprsgx.rbp");
_Static_assert(offsetof(struct sgx_gprsgx, rsi) == 48, "sgx_gprsgx.rsi");
_Static_assert(offsetof(struct sgx_gprsgx, rdi) == 56, "sgx_gprsgx.rdi");
_Static_assert(offsetof(struct sgx_gprsgx, r8) == 64, "sgx_gprsgx.r8");
_Static_assert(offsetof(struct sgx_gprsgx, r9) == 72, "sgx_gprsgx.r9");
_Static_assert(offsetof(struct sgx_gprsgx, r10) == 80, "sgx_gprsgx.r10");
_Static_assert(offsetof(struct sgx_gprsgx, r11) == 88, "sgx_gprsgx.r11");
_Static_assert(offsetof(struct sgx_gprsgx, r12) == 96, "sgx_gprsgx.r12");
_Static_assert(offsetof(struct sgx_gprsgx, r13) == 104, "sgx_gprsgx.r13");
_Static_assert(offsetof(struct sgx_gprsgx, r14) == 112, "sgx_gprsgx.r14");
_Static_assert(offsetof(struct sgx_gprsgx, r15) == 120, "sgx_gprsgx.r15");
_Static_assert(offsetof(struct sgx_gprsgx, rflags) == 128, "sgx_gprsgx.rflags");
_Static_assert(offsetof(struct sgx_gprsgx, rip) == 136, "sgx_gprsgx.rip");
_Static_assert(offsetof(struct sgx_gprsgx, ursp) == 144, "sgx_gprsgx.ursp");
_Static_assert(offsetof(struct sgx_gprsgx, urbp) == 152, "sgx_gprsgx.urbp");
_Static_assert(offsetof(struct sgx_gprsgx, exitinfo) == 160, "sgx_gprsgx.exitinfo");
_Static_assert(offsetof(struct sgx_gprsgx, reserved) == 164, "sgx_gprsgx.reserved");
_Static_assert(offsetof(struct sgx_gprsgx, aexnotify) == 167, "sgx_gprsgx.aexnotify");
_Static_assert(offsetof(struct sgx_gprsgx, fsbase) == 168, "sgx_gprsgx.fsbase");
_Static_assert(offsetof(struct sgx_gprsgx, gsbase) == 176, "sgx_gprsgx.gsbase");

/* MISC component 0, the 16 bytes before GPRSGX when MISCSELECT.EXINFO is set. */
struct sgx_exinfo {
	uint64_t maddr; /* full address for #PF, 0 for #GP */
	uint32_t errcd; /* error code */
	uint32_t reserved;
};
_Static_assert(sizeof(struct sgx_exinfo) == 16, "sgx_exinfo");
_Static_assert(offsetof(struct sgx_exinfo, maddr) == 0, "sgx_exinfo.maddr");
_Static_assert(offsetof(struct sgx_exinfo, errcd) == 8, "sgx_exinfo.errcd");
_Static_assert(offsetof(struct sgx_exinfo, reserved) == 12, "sgx_exinfo.reserved");

#endif
