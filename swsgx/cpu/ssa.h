/* SPDX-License-Identifier: Apache-2.0 */
/*
 * State save areas: how large a frame is, which EPC pages it lies in, and the extended state in it
 * (SDM vol. 3D, State Save Area frame).
 */
#ifndef SWSGX_CPU_SSA_H
#define SWSGX_CPU_SSA_H

#include <stdbool.h>
#include <stdint.h>

#include "sgx/secs.h"
#include "sgx/ssa.h"
#include "sgx/tcs.h"
#include "swsgx/cpu/cpu.h"

/* The components that have rules below: x87, SSE, AVX, MPX, AVX-512, PKRU, AMX. */
#define SSA_XFRM_KNOWN UINT64_C(0x602ff)

#define SSA_XSAVE_PAGES 16 /* struct cpu's frame_index */

/* The EPC pages of a frame that the processor goes to without asking again. */
struct ssa_frame {
	uint32_t xsave[SSA_XSAVE_PAGES];
	uint32_t gpr;
};

/* What XRSTOR looks at before it loads anything. */
struct xstate_head {
	uint32_t mxcsr;
	uint64_t xstate_bv;
	uint8_t zero[16]; /* XCOMP_BV and what follows it */
};

/* Could XSETBV load this XFRM, and may an enclave have it? */
bool ssa_xfrm_legal(const struct platform *p, uint64_t xfrm);
/* Bytes of the XSAVE area in standard format. */
uint64_t ssa_xsave_size(const struct platform *p, uint64_t xfrm);
/* Bytes that XSAVE area, MISC region and GPRSGX take. */
uint64_t ssa_size(const struct platform *p, uint64_t xfrm, uint32_t miscselect);

/*
 * Frame number of the thread: the EPC pages that hold its XSAVE area and GPRSGX, which the enclave
 * must be able to read and write; else #PF at the page that is wrong.
 */
struct trap ssa_find(struct cpu *cpu, uint32_t secs, const struct sgx_tcs *tcs, uint32_t number,
                     struct ssa_frame *ret);
struct sgx_gprsgx *ssa_gpr(const struct epc *epc, uint32_t gpr_index);
/* From now on an AEX goes to this frame. */
void ssa_use(struct cpu *cpu, const struct ssa_frame *frame);

/* XSAVE of the components in xfrm to the current frame. */
void xstate_save(struct cpu *cpu, uint64_t xfrm);
/* The synthetic state of an AEX by this vector, for the components in xfrm. */
void xstate_init(struct cpu *cpu, uint64_t xfrm, uint8_t vector);
/* Would XRSTOR of these components take this frame?  *ret is what xstate_load goes by. */
bool xstate_valid(const struct epc *epc, const struct ssa_frame *frame, uint64_t xfrm,
                  struct xstate_head *ret);
void xstate_load(struct cpu *cpu, const struct ssa_frame *frame, uint64_t xfrm,
                 const struct xstate_head *head);

#endif
