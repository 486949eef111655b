// SPDX-License-Identifier: Apache-2.0
/*
 * Extended state between the processor (cpu->xsave) and an SSA frame: XSAVE, XRSTOR and the initial
 * configuration, component by component (SDM vol. 1, Managing state using the XSAVE feature set).
 * A component that cpu->xsave has no room for does not exist in this processor: it is saved in its
 * initial state and not loaded.
 */
#include <stddef.h>
#include <string.h>

#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/ssa.h"

#define FCW        0
#define FSW        2
#define MXCSR      24
#define XSTATE_BV  512
#define XCOMP_BV   520
#define HEADER_END 576

#define FCW_INIT        0x037f
#define FCW_MF          0x037e
#define FSW_MF          0x8081
#define MXCSR_INIT      UINT32_C(0x1f80)
#define MXCSR_AEX       UINT32_C(0x1fb0)
#define MXCSR_AEX_XM    UINT32_C(0x1f01)
#define MXCSR_RESERVED  UINT32_C(0xffff0000)
#define MXCSR_MASK_INIT UINT32_C(0x0000ffff)

struct range {
	uint32_t offset, size;
};

/* The bytes of component i, without MXCSR, which belongs to two of them. */
static unsigned int component(const struct platform *p, unsigned int i, struct range ret[2])
{
	if (i == 0) {
		ret[0] = (struct range){ 0, MXCSR };
		ret[1] = (struct range){ 32, 128 };
		return 2;
	}
	if (i == 1)
		ret[0] = (struct range){ 160, 256 };
	else
		ret[0] = (struct range){ p->xstate_offset[i], p->xstate_size[i] };
	return 1;
}

/* Write size bytes (NULL: zeros) at offset of the frame, whose pages need not be neighbours. */
static void frame_write(const struct epc *epc, const uint32_t *pages, uint32_t offset,
                        const uint8_t *bytes, uint32_t size)
{
	while (size > 0) {
		uint32_t start = offset % SGX_PAGE_SIZE;
		uint32_t part = size < SGX_PAGE_SIZE - start ? size : SGX_PAGE_SIZE - start;
		uint8_t *to = (uint8_t *)epc_page(epc, pages[offset / SGX_PAGE_SIZE]) + start;

		if (bytes == NULL) {
			memset(to, 0, part);
		} else {
			memcpy(to, bytes, part);
			bytes += part;
		}
		offset += part;
		size -= part;
	}
}

static void frame_read(const struct epc *epc, const uint32_t *pages, uint32_t offset, void *ret,
                       uint32_t size)
{
	uint8_t *to = ret;

	while (size > 0) {
		uint32_t start = offset % SGX_PAGE_SIZE;
		uint32_t part = size < SGX_PAGE_SIZE - start ? size : SGX_PAGE_SIZE - start;

		memcpy(to, (uint8_t *)epc_page(epc, pages[offset / SGX_PAGE_SIZE]) + start, part);
		to += part;
		offset += part;
		size -= part;
	}
}

static uint32_t get32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static uint64_t get64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static void put16(uint8_t *at, uint16_t value)
{
	memcpy(at, &value, sizeof(value));
}

/* Components that this processor has, of those in xfrm. */
static uint64_t existing(const struct cpu *cpu, uint64_t xfrm)
{
	uint64_t components = 0;

	if (cpu->xsave == NULL || cpu->xsave_size < HEADER_END)
		return 0;
	for (unsigned int i = 0; i < 64; i++) {
		struct range r[2];
		unsigned int count = component(cpu->platform, i, r);

		if ((xfrm >> i & 1) &&
		    (uint64_t)r[count - 1].offset + r[count - 1].size <= cpu->xsave_size)
			components |= UINT64_C(1) << i;
	}
	return components;
}

void xstate_save(struct cpu *cpu, uint64_t xfrm)
{
	static const uint8_t fcw_init[2] = { FCW_INIT & 0xff, FCW_INIT >> 8 };
	const uint32_t mxcsr_init[2] = { MXCSR_INIT, MXCSR_MASK_INIT };
	const uint32_t *pages = cpu->frame_index;
	uint64_t have = existing(cpu, xfrm);
	uint64_t in_use = have ? get64(cpu->xsave + XSTATE_BV) & have : 0;
	uint64_t saved_bv = in_use;
	const uint8_t *mxcsr = have ? cpu->xsave + MXCSR : (const uint8_t *)mxcsr_init;

	for (unsigned int i = 0; i < 64; i++) {
		struct range r[2];
		unsigned int count;

		if (!(xfrm >> i & 1))
			continue;
		count = component(cpu->platform, i, r);
		for (unsigned int k = 0; k < count; k++)
			frame_write(cpu->epc, pages, r[k].offset,
			            in_use >> i & 1 ? cpu->xsave + r[k].offset : NULL, r[k].size);
	}
	if (!(in_use & SGX_XFRM_X87))
		frame_write(cpu->epc, pages, FCW, fcw_init, sizeof(fcw_init));
	frame_write(cpu->epc, pages, MXCSR, mxcsr, 8);
	if (get32(mxcsr) != MXCSR_INIT)
		saved_bv |= SGX_XFRM_SSE;
	frame_write(cpu->epc, pages, XSTATE_BV, (const uint8_t *)&saved_bv, sizeof(saved_bv));
	frame_write(cpu->epc, pages, XCOMP_BV, NULL, 16);
}

/* Put component i of the processor into its initial configuration. */
static void reset(struct cpu *cpu, unsigned int i)
{
	struct range r[2];
	unsigned int count = component(cpu->platform, i, r);

	for (unsigned int k = 0; k < count; k++)
		memset(cpu->xsave + r[k].offset, 0, r[k].size);
	if (i == 0)
		put16(cpu->xsave + FCW, FCW_INIT);
}

void xstate_init(struct cpu *cpu, uint64_t xfrm, uint8_t vector)
{
	uint64_t have = existing(cpu, xfrm);
	uint32_t mxcsr = vector == TRAP_XM ? MXCSR_AEX_XM : MXCSR_AEX;
	uint64_t bv;

	if (have == 0)
		return;
	bv = get64(cpu->xsave + XSTATE_BV) & ~have;
	for (unsigned int i = 0; i < 64; i++)
		if (have >> i & 1)
			reset(cpu, i);
	if (vector == TRAP_MF) {
		put16(cpu->xsave + FCW, FCW_MF);
		put16(cpu->xsave + FSW, FSW_MF);
		bv |= SGX_XFRM_X87;
	}
	memcpy(cpu->xsave + MXCSR, &mxcsr, sizeof(mxcsr));
	bv |= SGX_XFRM_SSE;
	memcpy(cpu->xsave + XSTATE_BV, &bv, sizeof(bv));
}

bool xstate_valid(const struct epc *epc, const struct ssa_frame *frame, uint64_t xfrm,
                  struct xstate_head *ret)
{
	frame_read(epc, frame->xsave, MXCSR, &ret->mxcsr, sizeof(ret->mxcsr));
	frame_read(epc, frame->xsave, XSTATE_BV, &ret->xstate_bv, sizeof(ret->xstate_bv));
	frame_read(epc, frame->xsave, XCOMP_BV, ret->zero, sizeof(ret->zero));
	return (ret->mxcsr & MXCSR_RESERVED) == 0 && (ret->xstate_bv & ~xfrm) == 0 &&
	       bytes_zero(ret->zero, sizeof(ret->zero));
}

void xstate_load(struct cpu *cpu, const struct ssa_frame *frame, uint64_t xfrm,
                 const struct xstate_head *head)
{
	uint64_t have = existing(cpu, xfrm);
	uint64_t bv;

	if (have == 0)
		return;
	bv = (get64(cpu->xsave + XSTATE_BV) & ~have) | (head->xstate_bv & have);
	for (unsigned int i = 0; i < 64; i++) {
		struct range r[2];
		unsigned int count = component(cpu->platform, i, r);

		if (!(have >> i & 1))
			continue;
		reset(cpu, i);
		for (unsigned int k = 0; k < count && (bv >> i & 1); k++)
			frame_read(cpu->epc, frame->xsave, r[k].offset, cpu->xsave + r[k].offset,
			           r[k].size);
	}
	memcpy(cpu->xsave + MXCSR, &head->mxcsr, sizeof(head->mxcsr));
	if (head->mxcsr != MXCSR_INIT)
		bv |= SGX_XFRM_SSE;
	memcpy(cpu->xsave + XSTATE_BV, &bv, sizeof(bv));
}
