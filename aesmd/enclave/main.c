// SPDX-License-Identifier: Apache-2.0
/*
 * The call from outside: the arguments are copied in once, served from the copy, and copied out.  The
 * address is the host's: it must be of memory outside.
 */
#include "aesmd/enclave/enclave.h"
#include "aesmd/enclave/trusted.h"

extern const char arch_base[] __attribute__((visibility("hidden")));

void arch_main(struct arch_args *host_args);

static _Alignas(512) struct sgx_targetinfo target;
static _Alignas(128) uint8_t data[SGX_REPORTDATA_SIZE];
static _Alignas(512) struct sgx_report report;
static struct arch_args inside;

static bool is_outside(uint64_t address, uint64_t size)
{
	uint64_t base = (uint64_t)arch_base;

	return address % 8 == 0 && address <= UINT64_MAX - size &&
	       (address + size <= base || address >= base + ARCH_SIZE);
}

static uint64_t make_report(struct arch_args *args)
{
	target = args->report.target;
	memcpy(data, args->report.data, sizeof(data));
	leaf_ereport(&target, data, &report);
	args->report.report = report;
	return ARCH_OK;
}

void arch_main(struct arch_args *host_args)
{
	if (!is_outside((uint64_t)host_args, sizeof(*host_args)))
		return;
	inside = *host_args;
	inside.result = inside.op == ARCH_REPORT ? make_report(&inside) : arch_call(&inside);
	*host_args = inside;
}
