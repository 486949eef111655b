// SPDX-License-Identifier: Apache-2.0
/*
 * The program's exception handler: the file to replace where a runtime has other ideas (signals, say).
 * The rules are in handler.h.
 */
#include "enclave/handler.h"

#include "enclave/image.h"
#include "enclave/io.h"
#include "enclave/report.h"

static const char *name_of(uint32_t vector)
{
	switch (vector) {
	case ENCL_VECTOR_DE: return "#DE";
	case ENCL_VECTOR_BP: return "#BP";
	case ENCL_VECTOR_BR: return "#BR";
	case ENCL_VECTOR_UD: return "#UD";
	case ENCL_VECTOR_GP: return "#GP";
	case ENCL_VECTOR_PF: return "#PF";
	case ENCL_VECTOR_MF: return "#MF";
	case ENCL_VECTOR_AC: return "#AC";
	default: return "#XM";
	}
}

/* Where a program faults says something about its data: only a debug enclave tells. */
static void tell(const struct encl_exception *e)
{
	uint64_t where = e->rip - encl_base();
	struct sgx_report report;

	encl_report(NULL, NULL, &report);
	if (!report_is_debug(&report))
		return;
	if (e->is_overflow)
		encl_dprintf(2, "enclave: stack overflow at 0x%lx of encl.elf\n", where);
	else if (e->vector == ENCL_VECTOR_PF)
		encl_dprintf(2, "enclave: exception %u (%s) at 0x%lx of encl.elf, address 0x%lx\n",
		             e->vector, name_of(e->vector), where, e->address);
	else
		encl_dprintf(2, "enclave: exception %u (%s) at 0x%lx of encl.elf\n", e->vector,
		             name_of(e->vector), where);
}

bool encl_on_exception(struct encl_exception *exception)
{
	if (exception->vector == ENCL_VECTOR_UD && encl_emulate(exception))
		return true;
	tell(exception);
	return false;
}
