// SPDX-License-Identifier: Apache-2.0
/* ENCLU and what goes on around it; see ops.h.  ENCLS is in ops_encls.c. */
#include "tests/fuzz/ops.h"

#include <string.h>

#include "swsgx/cpu/ssa.h"

uint64_t op_address(const struct machine *m, struct input *in)
{
	uint8_t how = input_u8(in), number = input_u8(in), offset = input_u8(in);

	switch (how % 8) {
	case 0: return input_u64(in);
	case 1: return epc_la(number % EPC_PAGES) + offset * UINT64_C(16);
	case 2: return ram_la(number % RAM_PAGES) + offset * UINT64_C(16);
	case 3: return window_la(m, number % WINDOW_PAGES) + offset * UINT64_C(16);
	default: return window_la(m, number % WINDOW_PAGES);
	}
}

void op_enclu(struct machine *m, struct input *in)
{
	static const uint8_t leaves[] = { SGX_EENTER,
		                          SGX_EENTER,
		                          SGX_ERESUME,
		                          SGX_EEXIT,
		                          SGX_EREPORT,
		                          SGX_EGETKEY,
		                          SGX_EACCEPT,
		                          SGX_EMODPE,
		                          SGX_EACCEPTCOPY,
		                          SGX_EDECCSSA,
		                          8 };
	uint8_t op = input_u8(in);
	uint32_t leaf = leaves[op / CPUS % sizeof(leaves)], number = op % CPUS;
	const struct cpu *cpu = &m->cpu[number];
	bool was_inside = cpu->enclave_mode;
	uint64_t rbx = op_address(m, in), rcx = op_address(m, in), rdx = op_address(m, in);
	struct epcm_entry before = { .valid = 0 };
	struct mapping to;
	struct trap t;

	cpu->paging(cpu->paging_context, rcx, &to);
	if (to.epc_index < EPC_PAGES)
		before = m->epcm[to.epc_index];
	t = machine_enclu(m, number, leaf, rbx, rcx, rdx);
	if (!retired(t))
		return;
	if (leaf == SGX_EACCEPT && cpu->regs.rax == SGX_SUCCESS && !before.pending)
		PROMISE(ops_tracked(m, &before));
	switch (leaf) {
	case SGX_EENTER:
	case SGX_ERESUME: PROMISE(!was_inside && cpu->enclave_mode); break;
	case SGX_EEXIT: PROMISE(was_inside && !cpu->enclave_mode && cpu->regs.rip == rbx); break;
	default: PROMISE(was_inside && cpu->enclave_mode);
	}
}

/* What is allowed is the enclave's own. */
static void access_page(const struct machine *m, struct cpu *cpu, uint64_t la, uint32_t access)
{
	const struct epcm_entry *e;
	struct mapping to;

	if (!retired(cpu_access(cpu, la, access)) || !cpu->enclave_mode)
		return;
	if (!la_inside(la, cpu->elrange_base, cpu->elrange_size)) {
		PROMISE(!(access & PF_I));
		return;
	}
	cpu->paging(cpu->paging_context, la, &to);
	PROMISE(to.present && to.epc_index < EPC_PAGES);
	e = &m->epcm[to.epc_index];
	PROMISE(e->valid && e->pt == SGX_PT_REG && e->secs == cpu->secs_index);
	PROMISE(e->enclaveaddress == la_page(la) && !e->blocked && !e->pending && !e->modified);
	PROMISE(access & PF_W ? e->w && to.writable : access & PF_I ? e->x && to.executable : e->r);
}

/* A store, where the enclave may. */
static void store(struct machine *m, struct cpu *cpu, uint64_t la, uint64_t value)
{
	struct mapping to;

	la &= ~UINT64_C(7);
	if (!cpu->enclave_mode || !la_inside(la, cpu->elrange_base, cpu->elrange_size))
		return;
	if (!retired(cpu_access(cpu, la, PF_W)))
		return;
	cpu->paging(cpu->paging_context, la, &to);
	memcpy(to.host, &value, sizeof(value));
	machine_check(m);
}

void op_run(struct machine *m, struct input *in)
{
	uint8_t op = input_u8(in);
	uint32_t number = op % CPUS;
	struct cpu *cpu = &m->cpu[number];
	uint64_t la = op_address(m, in);
	struct trap event = { .vector = TRAP_INTERRUPT };

	switch (op / CPUS % 6) {
	case 0: access_page(m, cpu, la, 0); break;
	case 1: access_page(m, cpu, la, PF_W); break;
	case 2: access_page(m, cpu, la, PF_I); break;
	case 3: store(m, cpu, la, input_u64(in)); break;
	case 4:
		event = (struct trap){ .vector = input_u8(in), .addr = la };
		machine_aex(m, number, event);
		break;
	default: machine_aex(m, number, event);
	}
}

void op_map(struct machine *m, struct input *in)
{
	uint8_t number = input_u8(in), to = input_u8(in), rights = input_u8(in);

	if (to & 0x80) { /* operands, and what was evicted */
		uint64_t at = input_u64(in), value = input_u64(in);

		memcpy(m->ram[to % RAM_PAGES] + at % (SGX_PAGE_SIZE / 8) * 8, &value,
		       sizeof(value));
		return;
	}
	machine_map(m, number % WINDOW_PAGES,
	            to % (EPC_PAGES + 1) == EPC_PAGES ? EPC_NONE : to % (EPC_PAGES + 1),
	            rights ^ 7);
}
