// SPDX-License-Identifier: Apache-2.0
/*
 * ENCLS: from EAX to the leaf (SDM vol. 3D, ENCLS).  The modes that make the instruction undefined
 * or unusable as a whole (real mode, SMM, FEATURE_CONTROL) do not exist here; what is left of its
 * checks is CPL and the leaf number.
 */
#include <stddef.h>

#include "sgx/leaf.h"
#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/leaf.h"

typedef struct trap leaf_fn(struct cpu *cpu);

static leaf_fn *find(uint32_t leaf)
{
	switch (leaf) {
#define LEAF(number, name, function) \
	case number:                 \
		return function;
#include "swsgx/cpu/encls.def"
#undef LEAF
	default: return NULL;
	}
}

struct trap cpu_encls(struct cpu *cpu)
{
	leaf_fn *leaf = find((uint32_t)cpu->regs.rax);
	struct trap t;

	if (cpu->enclave_mode) /* CPL 3 */
		return UD;
	if (leaf == NULL)
		return GP0;
	cpu->regs.rip += CPU_LEAF_SIZE;
	t = leaf(cpu);
	if (!retired(t))
		cpu->regs.rip -= CPU_LEAF_SIZE;
	return t;
}

const char *cpu_encls_name(uint32_t leaf)
{
	switch (leaf) {
#define LEAF(number, name, function) \
	case number:                 \
		return #name;
#include "swsgx/cpu/encls.def"
#undef LEAF
	default: return NULL;
	}
}
