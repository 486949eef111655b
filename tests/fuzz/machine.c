// SPDX-License-Identifier: Apache-2.0
/* The fuzzers' machine; see machine.h. */
#include "tests/fuzz/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/crypto/crypto.h"
#include "swsgx/cpu/ssa.h"

void promise(bool held, const char *text, const char *file, int line)
{
	if (held)
		return;
	fprintf(stderr, "%s:%d: broken: %s\n", file, line, text);
	abort();
}

void machine_load(void)
{
	struct err e = { .text = "" };

	if (crypto_load(&e) < 0) {
		fprintf(stderr, "%s\n", e.text);
		exit(1);
	}
}

static void walk(void *context, uint64_t la, struct mapping *ret)
{
	struct machine *m = context;
	uint64_t number;

	*ret = (struct mapping){ .epc_index = EPC_NONE };
	if (la - EPC_LA < sizeof(m->page)) {
		*ret = (struct mapping){ .present = true,
			                 .readable = true,
			                 .writable = true,
			                 .epc_index = (uint32_t)((la - EPC_LA) / SGX_PAGE_SIZE) };
		ret->host = &m->page[0][0] + (la - EPC_LA);
	} else if (la - RAM_LA < sizeof(m->ram)) {
		*ret = (struct mapping){
			.present = true, .readable = true, .writable = true, .epc_index = EPC_NONE
		};
		ret->host = &m->ram[0][0] + (la - RAM_LA);
	} else if ((number = (la - m->window_base) / SGX_PAGE_SIZE) < WINDOW_PAGES &&
	           m->window[number].present) {
		*ret = m->window[number];
		ret->host += la % SGX_PAGE_SIZE;
	}
}

void machine_moved(struct machine *m)
{
	m->epc = (struct epc){ .page = m->page[0], .epcm = m->epcm, .count = EPC_PAGES };
	for (unsigned int i = 0; i < CPUS; i++) {
		m->cpu[i].platform = &m->platform;
		m->cpu[i].epc = &m->epc;
		m->cpu[i].paging = walk;
		m->cpu[i].paging_context = m;
		m->cpu[i].xsave = m->xsave[i];
		m->cpu[i].xsave_size = XSAVE_SIZE;
	}
	for (unsigned int i = 0; i < WINDOW_PAGES; i++)
		m->window[i].host = m->window[i].epc_index == EPC_NONE
		                            ? m->ram[RAM_SOURCE]
		                            : m->page[m->window[i].epc_index];
}

void machine_init(struct machine *m)
{
	static const uint32_t sizes[][3] = { /* component, offset, size */
		                             { 2, 576, 256 },
		                             { 5, 1088, 64 },
		                             { 6, 1152, 512 },
		                             { 7, 1664, 1024 },
		                             { 9, 2688, 8 }
	};
	const uint8_t random[80] = { 1, 2, 3 };

	memset(m, 0, sizeof(*m));
	memset(m->page, 0xa5, sizeof(m->page));
	platform_init(&m->platform, 0xe7 | 0x200, random);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		m->platform.xstate_offset[sizes[i][0]] = sizes[i][1];
		m->platform.xstate_size[sizes[i][0]] = sizes[i][2];
	}
	m->window_base = BASE;
	for (unsigned int i = 0; i < WINDOW_PAGES; i++)
		m->window[i].epc_index = EPC_NONE;
	machine_moved(m);
}

void machine_map(struct machine *m, uint32_t number, uint32_t epc_index, uint8_t rights)
{
	m->window[number] = (struct mapping){
		.present = rights & 1,
		.readable = rights & 1,
		.writable = (rights & 2) != 0,
		.executable = (rights & 4) != 0,
		.epc_index = epc_index,
		.host = epc_index == EPC_NONE ? m->ram[RAM_SOURCE] : m->page[epc_index],
	};
}

/* Registers are the operands, and something else in the others. */
static void set_regs(struct cpu *cpu, uint32_t leaf, uint64_t rbx, uint64_t rcx, uint64_t rdx)
{
	cpu->regs.rax = leaf;
	cpu->regs.rbx = rbx;
	cpu->regs.rcx = rcx;
	cpu->regs.rdx = rdx;
}

/* Whatever faults, or says in ZF that it did nothing, has done nothing. */
static struct trap execute(struct machine *m, struct cpu *cpu,
                           struct trap (*instruction)(struct cpu *))
{
	static struct machine before;
	struct trap t;

	memcpy(&before, m, sizeof(before));
	t = instruction(cpu);
	if (!retired(t)) {
		PROMISE(memcmp(&before, m, sizeof(before)) == 0);
		PROMISE(t.vector == TRAP_UD || t.vector == TRAP_GP || t.vector == TRAP_PF);
		PROMISE(t.vector == TRAP_PF || t.errcd == 0);
	} else if (!cpu->enclave_mode && instruction == cpu_encls &&
	           (cpu->regs.rflags & CPU_RFLAGS_ZF)) {
		PROMISE(memcmp(before.epcm, m->epcm, sizeof(before.epcm)) == 0);
		PROMISE(memcmp(before.page, m->page, sizeof(before.page)) == 0);
		PROMISE(memcmp(before.ram, m->ram, sizeof(before.ram)) == 0);
	}
	machine_check(m);
	return t;
}

struct trap machine_encls(struct machine *m, uint32_t leaf, uint64_t rbx, uint64_t rcx,
                          uint64_t rdx)
{
	struct cpu kernel = m->cpu[0]; /* another processor: the two may be in enclaves */

	kernel.enclave_mode = false;
	kernel.regs.rflags = 0x202;
	set_regs(&kernel, leaf, rbx, rcx, rdx);
	return execute(m, &kernel, cpu_encls);
}

struct trap machine_enclu(struct machine *m, uint32_t cpu, uint32_t leaf, uint64_t rbx,
                          uint64_t rcx, uint64_t rdx)
{
	set_regs(&m->cpu[cpu], leaf, rbx, rcx, rdx);
	return execute(m, &m->cpu[cpu], cpu_enclu);
}

struct trap machine_ecreate(struct machine *m, uint32_t page, const struct sgx_secs *secs)
{
	memcpy(m->ram[RAM_SOURCE], secs, sizeof(*secs));
	*operand_secinfo(m) = (struct sgx_secinfo){ .flags = 0 };
	*operand_pageinfo(m) =
		(struct sgx_pageinfo){ .srcpge = ram_la(RAM_SOURCE), .secinfo = SECINFO_LA };
	return machine_encls(m, SGX_ECREATE, PAGEINFO_LA, epc_la(page), 0);
}

struct trap machine_eadd(struct machine *m, uint32_t page, uint32_t secs, uint64_t la,
                         uint64_t secinfo_flags, const void *content)
{
	memcpy(m->ram[RAM_SOURCE], content, SGX_PAGE_SIZE);
	*operand_secinfo(m) = (struct sgx_secinfo){ .flags = secinfo_flags };
	*operand_pageinfo(m) = (struct sgx_pageinfo){ .linaddr = la,
		                                      .srcpge = ram_la(RAM_SOURCE),
		                                      .secinfo = SECINFO_LA,
		                                      .secs = epc_la(secs) };
	return machine_encls(m, SGX_EADD, PAGEINFO_LA, epc_la(page), 0);
}

void machine_initialise(struct machine *m, uint32_t secs)
{
	if (!m->epcm[secs].valid || m->epcm[secs].pt != SGX_PT_SECS)
		return;
	epc_secs(&m->epc, secs)->attributes.flags |= SGX_ATTR_INIT;
	memset(epc_secs(&m->epc, secs)->mrenclave, 0xe1, 32);
}

struct sgx_secs machine_secs(const struct machine *m)
{
	return (struct sgx_secs){
		.size = SIZE,
		.baseaddr = m->window_base,
		.ssaframesize = 1,
		.miscselect = SGX_MISC_EXINFO,
		.attributes = { .flags = SGX_ATTR_MODE64BIT | SGX_ATTR_DEBUG | SGX_ATTR_KSS,
		                .xfrm = 0xe7 },
	};
}

void machine_enclave(struct machine *m)
{
	static const uint8_t zero[SGX_PAGE_SIZE];
	const uint64_t r = SGX_SECINFO_REG | SGX_SECINFO_R;
	struct sgx_secs secs = machine_secs(m);
	struct sgx_tcs tcs = { .ossa = 3 * SGX_PAGE_SIZE,
		               .nssa = 2,
		               .oentry = 6 * SGX_PAGE_SIZE,
		               .ofsbase = 7 * SGX_PAGE_SIZE,
		               .ogsbase = 8 * SGX_PAGE_SIZE };

	PROMISE(retired(machine_ecreate(m, 0, &secs)));
	for (uint32_t page = 1; page <= 9; page++) {
		uint64_t flags = page <= 2   ? SGX_SECINFO_TCS
		                 : page == 6 ? r | SGX_SECINFO_X
		                 : page == 9 ? r
		                             : r | SGX_SECINFO_W;

		if (page == 2) {
			tcs.ossa = 5 * SGX_PAGE_SIZE;
			tcs.nssa = 1;
		}
		PROMISE(retired(machine_eadd(m, page, 0, window_la(m, page), flags,
		                             page <= 2 ? (void *)&tcs : zero)));
		machine_map(m, page, page, 7);
	}
	machine_initialise(m, 0);
}

void machine_aex(struct machine *m, uint32_t cpu, struct trap event)
{
	if (!m->cpu[cpu].enclave_mode)
		return;
	cpu_aex(&m->cpu[cpu], event);
	PROMISE(!m->cpu[cpu].enclave_mode);
	PROMISE(m->cpu[cpu].regs.rip == m->cpu[cpu].regs.rcx &&
	        m->cpu[cpu].regs.rax == SGX_ERESUME);
	machine_check(m);
}

static void check_owned(const struct machine *m, const struct epcm_entry *e)
{
	const struct sgx_secs *secs;

	PROMISE(e->secs < EPC_PAGES && m->epcm[e->secs].valid &&
	        m->epcm[e->secs].pt == SGX_PT_SECS);
	secs = epc_secs(&m->epc, e->secs);
	PROMISE(la_aligned(e->enclaveaddress, SGX_PAGE_SIZE));
	PROMISE(la_inside(e->enclaveaddress, secs->baseaddr, secs->size));
	PROMISE(!e->w || e->r);
	PROMISE(!(e->pending && e->modified));
	PROMISE(e->pt == SGX_PT_REG || !(e->r || e->w || e->x));
	PROMISE(e->pt == SGX_PT_REG || !e->pending);
	PROMISE(!(e->pending || e->modified || e->pr) || (secs->attributes.flags & SGX_ATTR_INIT));
	PROMISE(e->epoch <= epc_hidden(&m->epc, e->secs)->epoch);
}

static void check_secs(const struct machine *m, uint32_t index)
{
	const struct secs_hidden *hidden = epc_hidden(&m->epc, index);
	uint64_t children = 0, inside = 0;

	for (uint32_t i = 0; i < EPC_PAGES; i++) {
		const struct epcm_entry *e = &m->epcm[i];

		children +=
			e->valid && e->pt != SGX_PT_SECS && e->pt != SGX_PT_VA && e->secs == index;
	}
	for (uint32_t i = 0; i < CPUS; i++)
		inside += m->cpu[i].enclave_mode && m->cpu[i].secs_index == index;
	PROMISE(m->epcm[index].secs == index);
	PROMISE(hidden->children == children);
	PROMISE(epc_inside(hidden) == inside);
}

static void check_cpu(const struct machine *m, const struct cpu *cpu)
{
	const struct epcm_entry *tcs = &m->epcm[cpu->tcs_index];
	const struct epcm_entry *gpr = &m->epcm[cpu->gpr_index];

	PROMISE(m->epcm[cpu->secs_index].valid && m->epcm[cpu->secs_index].pt == SGX_PT_SECS);
	PROMISE(tcs->valid && tcs->secs == cpu->secs_index);
	PROMISE(tcs->pt == SGX_PT_TCS || (tcs->pt == SGX_PT_TRIM && tcs->modified));
	PROMISE(epc_tcs(&m->epc, cpu->tcs_index)->state == 1);
	PROMISE(gpr->valid && gpr->secs == cpu->secs_index);
	PROMISE(cpu->elrange_base == epc_secs(&m->epc, cpu->secs_index)->baseaddr);
}

void machine_check(const struct machine *m)
{
	for (uint32_t i = 0; i < EPC_PAGES; i++) {
		const struct epcm_entry *e = &m->epcm[i];

		if (!e->valid)
			continue;
		if (e->pt == SGX_PT_SECS || e->pt == SGX_PT_VA)
			PROMISE(!(e->r || e->w || e->x || e->blocked || e->pending || e->modified ||
			          e->pr || e->enclaveaddress));
		else
			PROMISE(e->pt == SGX_PT_REG || e->pt == SGX_PT_TCS || e->pt == SGX_PT_TRIM);
		if (e->pt == SGX_PT_SECS)
			check_secs(m, i);
		else if (e->pt != SGX_PT_VA)
			check_owned(m, e);
	}
	for (uint32_t i = 0; i < CPUS; i++)
		if (m->cpu[i].enclave_mode)
			check_cpu(m, &m->cpu[i]);
	PROMISE(!m->cpu[0].enclave_mode || !m->cpu[1].enclave_mode ||
	        m->cpu[0].tcs_index != m->cpu[1].tcs_index);
}
