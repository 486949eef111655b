/* SPDX-License-Identifier: Apache-2.0 */
/* CPUID as a processor with SGX answers it. */
#ifndef SWSGX_TRAP_CPUID_H
#define SWSGX_TRAP_CPUID_H

#include <signal.h>
#include <stdbool.h>
#include <ucontext.h>

/*
 * The size of the EPC that CPUID tells of: bytes, or with K, M or G behind them so many of those; NULL
 * and "" for 128M.  -EINVAL, and it stays as it was, when that is no number of whole pages.
 */
int cpuid_epc_size(const char *text);
/* Can this processor make CPUID fault?  Where it cannot, CPUID says what the hardware is. */
bool cpuid_can_fault(void);
/* From now on it does, in this thread and those that it makes; SIGSEGV must be ours. */
void cpuid_arm(void);
/* No longer, in this thread: was it?  For work of ours that executes many; cpuid_arm ends it. */
bool cpuid_disarm(void);
/* Is it a CPUID outside of an enclave?  Then it has been executed. */
bool cpuid_execute(int sig, const siginfo_t *info, ucontext_t *uc);

#endif
