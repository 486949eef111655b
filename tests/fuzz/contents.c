// SPDX-License-Identifier: Apache-2.0
/*
 * SECS, TCS and SECINFO of any content go through ECREATE and EADD; what is accepted is initialised,
 * entered, interrupted, resumed and left.
 */
#include <string.h>

#include "tests/fuzz/machine.h"

#define SECS_BYTES 272 /* its fields, and some of the reserved area */
#define TCS_BYTES  80
#define PAGES      8

static struct machine m;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	machine_load();
	return 0;
}

/* The beginning of a page from the input, then one byte anywhere. */
static void fill(struct input *in, uint8_t page[SGX_PAGE_SIZE], size_t size)
{
	uint64_t poke;

	memset(page, 0, SGX_PAGE_SIZE);
	input_bytes(in, page, size);
	poke = input_u64(in);
	if (poke & 0xff)
		page[poke >> 8 & (SGX_PAGE_SIZE - 1)] = (uint8_t)poke;
}

/* One byte of the last frame, as the enclave can write it. */
static void change_frame(struct input *in, const struct cpu *cpu)
{
	uint64_t poke = input_u64(in);

	if (m.epcm[cpu->gpr_index].valid && (poke & 0xff))
		m.page[cpu->gpr_index][poke >> 8 & (SGX_PAGE_SIZE - 1)] ^= (uint8_t)poke;
}

static void run(struct input *in)
{
	struct cpu *cpu = &m.cpu[0];
	uint64_t tcs = m.epcm[1].enclaveaddress;

	for (unsigned int i = 0; i < 6 && in->size > 0; i++) {
		struct trap event = { .vector = input_u8(in),
			              .errcd = input_u8(in),
			              .addr = tcs + 1 };

		if (retired(machine_enclu(&m, 0, SGX_EENTER, tcs, 0x402000, 0))) {
			cpu_access(cpu, window_la(&m, input_u8(in) % PAGES) + 8, PF_W);
			cpu_access(cpu, cpu->regs.rip, PF_I);
			machine_aex(&m, 0, event);
			change_frame(in, cpu);
		}
		if (retired(machine_enclu(&m, 0, SGX_ERESUME, tcs, 0x402000, 0)))
			PROMISE(retired(machine_enclu(&m, 0, SGX_EEXIT, 0x403000, 0, 0)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static _Alignas(4096) uint8_t page[SGX_PAGE_SIZE];
	struct input in = { data, size };
	struct sgx_secs secs;

	machine_init(&m);
	fill(&in, page, SECS_BYTES);
	memcpy(&secs, page, sizeof(secs));
	m.window_base = secs.baseaddr & ~UINT64_C(0xfff);
	if (!retired(machine_ecreate(&m, 0, &secs)))
		return 0;
	PROMISE((secs.attributes.xfrm & 3) == 3 && !(secs.attributes.xfrm & ~m.platform.xfrm_mask));
	PROMISE(!(secs.attributes.flags & (~m.platform.attributes_mask | SGX_ATTR_INIT)));
	PROMISE(secs.size >= 0x2000 && !(secs.size & (secs.size - 1)) &&
	        secs.baseaddr % secs.size == 0);
	PROMISE(secs.ssaframesize > 0 && !(secs.miscselect & ~SGX_MISC_EXINFO));
	PROMISE(epc_hidden(&m.epc, 0)->children == 0 && epc_hidden(&m.epc, 0)->epoch == 0);
	for (uint32_t i = 1; i < PAGES; i++) {
		uint64_t flags = input_u64(&in);

		fill(&in, page, i == 1 ? TCS_BYTES : 0);
		if (retired(machine_eadd(&m, i, 0, window_la(&m, i), flags, page)))
			machine_map(&m, i, i, 7);
	}
	if (!m.epcm[1].valid)
		return 0;
	machine_initialise(&m, 0);
	run(&in);
	return 0;
}
