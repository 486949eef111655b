/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One function for each leaf, declared from the lists that also dispatch and name them.  A leaf
 * finds regs.rip behind its instruction; the dispatcher puts it back when the leaf faults.
 */
#ifndef SWSGX_CPU_LEAF_H
#define SWSGX_CPU_LEAF_H

#include "swsgx/cpu/cpu.h"

#define LEAF(number, name, function) struct trap function(struct cpu *cpu);
#include "swsgx/cpu/encls.def"
#include "swsgx/cpu/enclu.def"
#undef LEAF

#endif
