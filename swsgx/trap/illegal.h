/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions that are illegal in an enclave. */
#ifndef SWSGX_TRAP_ILLEGAL_H
#define SWSGX_TRAP_ILLEGAL_H

#include <stdbool.h>

#include "swsgx/cpu/cpu.h"

/*
 * trap is what an enclave's instruction has raised outside of any enclave, cpu->regs its registers;
 * is_system_call: it has asked the kernel for something instead.  True: inside it is #UD, and RIP
 * is now the instruction's.
 */
bool illegal_inside(struct cpu *cpu, struct trap trap, bool is_system_call);

#endif
