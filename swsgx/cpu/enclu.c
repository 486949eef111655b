// SPDX-License-Identifier: Apache-2.0
/*
 * ENCLU: from EAX to the leaf (SDM vol. 3D, ENCLU).  The modes that make the instruction undefined
 * or unusable as a whole do not exist here; what is left of its checks is the leaf number, and
 * which side of the enclave's edge a leaf is for.
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
#include "swsgx/cpu/enclu.def"
#undef LEAF
	default: return NULL;
	}
}

struct trap cpu_enclu(struct cpu *cpu)
{
	uint32_t number = (uint32_t)cpu->regs.rax; /* the upper half is not looked at */
	bool enters = number == SGX_EENTER || number == SGX_ERESUME;
	leaf_fn *leaf = find(number);
	struct trap t;

	if (leaf == NULL)
		return GP0;
	if (enters == cpu->enclave_mode)
		return GP0;
	cpu->regs.rip += CPU_LEAF_SIZE;
	t = leaf(cpu);
	if (!retired(t))
		cpu->regs.rip -= CPU_LEAF_SIZE;
	return t;
}

const char *cpu_enclu_name(uint32_t leaf)
{
	switch (leaf) {
#define LEAF(number, name, function) \
	case number:                 \
		return #name;
#include "swsgx/cpu/enclu.def"
#undef LEAF
	default: return NULL;
	}
}
