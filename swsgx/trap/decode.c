// SPDX-License-Identifier: Apache-2.0
/*
 * Signals to events.  An ENCLU is a #UD where the processor has no SGX; where it has SGX that is
 * only hidden, it is executed and raises #GP or #PF, for the reasons that hold for memory that is
 * no EPC, so the error code says nothing of ours.
 */
#include "swsgx/trap/decode.h"

#include <stdint.h>

#include "swsgx/trap/context.h"

bool decode_is_exception(int sig, const siginfo_t *info)
{
	switch (sig) {
	case SIGSEGV:
	case SIGILL:
	case SIGBUS:
	case SIGFPE:
	case SIGTRAP: return info->si_code > 0;
	default: return false;
	}
}

bool decode_is_enclu(int sig, const siginfo_t *info, const ucontext_t *uc)
{
	uint64_t vector = context_vector(uc), rip = context_rip(uc);
	const volatile uint8_t *code = (const uint8_t *)rip;

	if (!decode_is_exception(sig, info))
		return false;
	if (vector != TRAP_UD && vector != TRAP_GP && vector != TRAP_PF)
		return false;
	if (vector == TRAP_PF && (context_error(uc) & PF_I)) /* there is nothing to read */
		return false;
	if (rip >> 47 != 0) /* not canonical, or the kernel's */
		return false;
	/* A byte at a time: no opcode that begins so is shorter, and the next page may be missing. */
	return code[0] == 0x0f && code[1] == 0x01 && code[2] == 0xd7;
}

bool decode_is_system_call(int sig, const siginfo_t *info)
{
	return sig == SIGSYS && info->si_code > 0;
}

bool decode_is_int1(int sig, const siginfo_t *info, const ucontext_t *uc)
{
	return sig == SIGTRAP && info->si_code == TRAP_BRKPT && context_vector(uc) == TRAP_DB;
}

bool decode_is_cpuid(int sig, const siginfo_t *info, const ucontext_t *uc)
{
	const volatile uint8_t *code = (const uint8_t *)context_rip(uc);

	/* A jump to where nothing can be is a #GP too. */
	return decode_is_exception(sig, info) && context_vector(uc) == TRAP_GP &&
	       context_error(uc) == 0 && context_rip(uc) >> 47 == 0 && code[0] == 0x0f &&
	       code[1] == 0xa2;
}

struct trap decode_trap(const ucontext_t *uc)
{
	struct trap t = { .vector = (uint8_t)context_vector(uc), .errcd = context_error(uc) };

	if (t.vector == TRAP_PF)
		t.addr = context_cr2(uc);
	else if (t.vector != TRAP_GP && t.vector != TRAP_AC)
		t.errcd = 0;
	return t;
}
