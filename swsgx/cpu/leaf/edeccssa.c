// SPDX-License-Identifier: Apache-2.0
/*
 * EDECCSSA: make the interrupted frame the current one; its content stays.  Checks are in the order
 * of the SDM's pseudocode (vol. 3D, EDECCSSA).  Locking as in EENTER.
 */
#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/leaf.h"
#include "swsgx/cpu/ssa.h"

struct trap leaf_edeccssa(struct cpu *cpu)
{
	struct sgx_tcs *tcs = epc_tcs(cpu->epc, cpu->tcs_index);
	struct ssa_frame frame;
	struct trap t;

	if (tcs->cssa == 0)
		return GP0;
	t = ssa_find(cpu, cpu->secs_index, tcs, tcs->cssa - 1, &frame);
	if (!retired(t))
		return t;

	tcs_set_cssa(tcs, tcs->cssa - 1);
	ssa_use(cpu, &frame);
	return RETIRED;
}
