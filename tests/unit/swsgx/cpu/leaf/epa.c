// SPDX-License-Identifier: Apache-2.0
/* EPA: every check of the SDM's pseudocode, then what a success leaves behind. */
#include "tests/unit/swsgx/cpu/rows.h"

static void prepare(struct fixture *f)
{
	fix_enclave(f);
	f->cpu.regs.rax = SGX_EPA;
	f->cpu.regs.rbx = SGX_PT_VA;
	f->cpu.regs.rcx = EPC_LA(FIX_FREE);
}

static const struct row rows[] = {
	ROW_GP("RBX another page type", REG(rbx, SGX_PT_REG)),
	ROW_GP("RBX with a high bit", REG(rbx, UINT64_C(1) << 32 | SGX_PT_VA)),
	ROW_GP("page not aligned", REG(rcx, EPC_LA(FIX_FREE) + 2048)),
	ROW_PF("page in ordinary memory", RAM_LA(0), PF_ENCLS, REG(rcx, RAM_LA(0))),
	ROW_PF("page absent", FIX_NOWHERE, PF_W, REG(rcx, FIX_NOWHERE)),
	ROW_PF("page read-only", EPC_LA(FIX_FREE), PF_W | PF_P,
	       MAP(EPC_LA(FIX_FREE), writable, false)),
	ROW_PF("page already valid", EPC_LA(FIX_DATA), PF_ENCLS, REG(rcx, EPC_LA(FIX_DATA))),
};

static void a_success_makes_empty_slots_that_belong_to_nobody(void **state)
{
	struct fixture *f = *state;
	const struct epcm_entry *e = &f->epcm[FIX_FREE];
	struct cpu_regs regs;

	prepare(f);
	regs = f->cpu.regs;
	regs.rip += 3;
	assert_true(retired(cpu_encls(&f->cpu)));
	assert_memory_equal(&regs, &f->cpu.regs, sizeof(regs)); /* nor flags */
	assert_true(bytes_zero(fix_epc(f, FIX_FREE), SGX_PAGE_SIZE));
	assert_int_equal(e->valid, 1);
	assert_int_equal(e->pt, SGX_PT_VA);
	assert_int_equal(e->r | e->w | e->x | e->blocked | e->pending | e->modified | e->pr, 0);
	assert_int_equal(e->enclaveaddress, 0);
	assert_int_equal(epc_hidden(&f->epc, FIX_SECS)->children, FIX_COUNT - 1);
}

int main(void)
{
	const struct table table = TABLE(prepare, cpu_encls, rows);
	const struct CMUnitTest others[] = {
		TEST(a_success_makes_empty_slots_that_belong_to_nobody),
	};

	return rows_run(&table, 1, others, COUNT(others));
}
