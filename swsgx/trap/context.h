/* SPDX-License-Identifier: Apache-2.0 */
/* A signal frame's context as the processor's registers, and back. */
#ifndef SWSGX_TRAP_CONTEXT_H
#define SWSGX_TRAP_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#include "swsgx/cpu/cpu.h"

/*
 * Registers and extended state of the interrupted code.  cpu->xsave points into the frame.  FS and
 * GS base are not in a frame: the caller's.
 */
void context_load(const ucontext_t *uc, struct cpu *cpu);
/* Make sigreturn load what cpu->regs says.  The extended state has been changed in place. */
void context_store(ucontext_t *uc, const struct cpu *cpu);

/*
 * The extended state's bytes that belong to the frame and not to the processor: a leaf that loads
 * the state must not touch them, and the kernel needs them.
 */
struct context_frame_bytes {
	uint8_t bytes[48];
};
void context_keep(const ucontext_t *uc, struct context_frame_bytes *ret);
void context_put_back(ucontext_t *uc, const struct context_frame_bytes *kept);

/* Bytes of the frame's extended state with all that the kernel reads of it. */
uint32_t context_xstate_size(const ucontext_t *uc);
/* The state in which the kernel starts a handler. */
void context_xstate_reset(ucontext_t *uc);

/* The signal mask of the interrupted code: bit n - 1 is signal n. */
uint64_t context_mask(const ucontext_t *uc);
void context_set_mask(ucontext_t *uc, uint64_t mask);

/* What the processor says of an exception. */
static inline uint64_t context_vector(const ucontext_t *uc)
{
	return (uint64_t)uc->uc_mcontext.gregs[REG_TRAPNO];
}

static inline uint32_t context_error(const ucontext_t *uc)
{
	return (uint32_t)uc->uc_mcontext.gregs[REG_ERR];
}

static inline uint64_t context_cr2(const ucontext_t *uc)
{
	return (uint64_t)uc->uc_mcontext.gregs[REG_CR2];
}

static inline uint64_t context_rip(const ucontext_t *uc)
{
	return (uint64_t)uc->uc_mcontext.gregs[REG_RIP];
}

static inline uint64_t context_rsp(const ucontext_t *uc)
{
	return (uint64_t)uc->uc_mcontext.gregs[REG_RSP];
}

#endif
