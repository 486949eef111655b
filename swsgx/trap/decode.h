/* SPDX-License-Identifier: Apache-2.0 */
/* What kind of event a signal is. */
#ifndef SWSGX_TRAP_DECODE_H
#define SWSGX_TRAP_DECODE_H

#include <signal.h>
#include <stdbool.h>
#include <ucontext.h>

#include "swsgx/cpu/trap.h"

/* Did the processor raise it (and the context says vector and error code), rather than kill? */
bool decode_is_exception(int sig, const siginfo_t *info);
/* Is it an exception at an ENCLU?  Processors differ in which they raise. */
bool decode_is_enclu(int sig, const siginfo_t *info, const ucontext_t *uc);
/* Is it a system call that the kernel has not made, but turned into this? */
bool decode_is_system_call(int sig, const siginfo_t *info);
/* Has INT1 raised it? */
bool decode_is_int1(int sig, const siginfo_t *info, const ucontext_t *uc);
/* Is it a CPUID that was not allowed? */
bool decode_is_cpuid(int sig, const siginfo_t *info, const ucontext_t *uc);
/* The exception as a trap, with the address in full. */
struct trap decode_trap(const ucontext_t *uc);

#endif
