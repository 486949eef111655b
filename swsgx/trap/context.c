// SPDX-License-Identifier: Apache-2.0
/*
 * The layout of a signal frame (the kernel's struct rt_sigframe): general registers by name, and an
 * extended state in XSAVE's standard format whose bytes 464 to 511 are the kernel's own.
 */
#include "swsgx/trap/context.h"

#include <string.h>

#define FRAME_BYTES_OFFSET 464
#define FRAME_MAGIC1       UINT32_C(0x46505853)
#define FXSAVE_SIZE        512
#define FCW                0
#define MXCSR              24
#define XSTATE_BV          512
#define FCW_INIT           0x037f
#define MXCSR_INIT         0x1f80

/* The kernel's struct _fpx_sw_bytes. */
struct frame_bytes {
	uint32_t magic1, extended_size;
	uint64_t xfeatures;
	uint32_t xstate_size, padding[7];
};
_Static_assert(sizeof(struct frame_bytes) == sizeof(struct context_frame_bytes), "48 bytes");

static uint8_t *xstate(const ucontext_t *uc)
{
	return (uint8_t *)uc->uc_mcontext.fpregs;
}

static struct frame_bytes frame_bytes(const ucontext_t *uc)
{
	struct frame_bytes b = { 0 };

	if (xstate(uc) != NULL)
		memcpy(&b, xstate(uc) + FRAME_BYTES_OFFSET, sizeof(b));
	return b;
}

#define FOR_EACH_REGISTER(X) \
	X(rax, REG_RAX)      \
	X(rcx, REG_RCX)      \
	X(rdx, REG_RDX)      \
	X(rbx, REG_RBX)      \
	X(rsp, REG_RSP)      \
	X(rbp, REG_RBP)      \
	X(rsi, REG_RSI)      \
	X(rdi, REG_RDI)      \
	X(r8, REG_R8)        \
	X(r9, REG_R9)        \
	X(r10, REG_R10)      \
	X(r11, REG_R11)      \
	X(r12, REG_R12)      \
	X(r13, REG_R13)      \
	X(r14, REG_R14)      \
	X(r15, REG_R15)      \
	X(rflags, REG_EFL)   \
	X(rip, REG_RIP)

void context_load(const ucontext_t *uc, struct cpu *cpu)
{
	struct frame_bytes b = frame_bytes(uc);

#define X(name, index) cpu->regs.name = (uint64_t)uc->uc_mcontext.gregs[index];
	FOR_EACH_REGISTER(X)
#undef X
	cpu->xsave = xstate(uc);
	cpu->xsave_size = b.magic1 == FRAME_MAGIC1 ? b.xstate_size : FXSAVE_SIZE;
}

void context_store(ucontext_t *uc, const struct cpu *cpu)
{
#define X(name, index) uc->uc_mcontext.gregs[index] = (greg_t)cpu->regs.name;
	FOR_EACH_REGISTER(X)
#undef X
}

void context_keep(const ucontext_t *uc, struct context_frame_bytes *ret)
{
	struct frame_bytes b = frame_bytes(uc);

	memcpy(ret->bytes, &b, sizeof(b));
}

void context_put_back(ucontext_t *uc, const struct context_frame_bytes *kept)
{
	if (xstate(uc) != NULL)
		memcpy(xstate(uc) + FRAME_BYTES_OFFSET, kept->bytes, sizeof(kept->bytes));
}

uint32_t context_xstate_size(const ucontext_t *uc)
{
	struct frame_bytes b = frame_bytes(uc);

	if (xstate(uc) == NULL)
		return 0;
	return b.magic1 == FRAME_MAGIC1 ? b.extended_size : FXSAVE_SIZE;
}

void context_xstate_reset(ucontext_t *uc)
{
	uint8_t *x = xstate(uc);
	const uint16_t fcw = FCW_INIT;
	const uint32_t mxcsr = MXCSR_INIT;

	if (x == NULL)
		return;
	if (frame_bytes(uc).magic1 == FRAME_MAGIC1)
		memset(x + XSTATE_BV, 0, sizeof(uint64_t));
	memset(x, 0, MXCSR);
	memset(x + 32, 0, FRAME_BYTES_OFFSET - 32);
	memcpy(x + FCW, &fcw, sizeof(fcw));
	memcpy(x + MXCSR, &mxcsr, sizeof(mxcsr));
}

uint64_t context_mask(const ucontext_t *uc)
{
	uint64_t mask;

	memcpy(&mask, &uc->uc_sigmask, sizeof(mask));
	return mask;
}

void context_set_mask(ucontext_t *uc, uint64_t mask)
{
	memcpy(&uc->uc_sigmask, &mask, sizeof(mask));
}
