/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals while enclaves may run.  Until trap_activate the program's dispositions are the kernel's,
 * but for SIGSEGV where CPUID faults; from then on every handler is ours (trap_entry), and what the
 * program has asked for is in a table here.
 */
#ifndef SWSGX_TRAP_SIGNAL_H
#define SWSGX_TRAP_SIGNAL_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#include "swsgx/trap/thread.h"

/* The kernel's struct sigaction. */
struct signal_action {
	void (*handler)(int sig, siginfo_t *info, void *uc);
	uint64_t flags;
	void (*restorer)(void);
	uint64_t mask;
};

/* Once; 0 or -errno, then nothing has changed. */
int trap_activate(void);
bool trap_is_active(void);
/*
 * For SIGSEGV alone, which is what a CPUID raises: all that a process needs that has no enclave.  0
 * or -errno.
 */
int trap_activate_cpuid(void);
/* libc may have installed handlers of its own signals, past us: from now on they are ours, too. */
void signal_take_libc(void);
/* Are the dispositions of this signal ours? */
bool trap_owns(int sig);

/* sigaction after trap_activate: 0 or -EINVAL.  new and ret_old may be NULL. */
int signal_action(int sig, const struct signal_action *new, struct signal_action *ret_old);
/* What the program has asked for; for signal handlers. */
struct signal_action signal_get(int sig);
/* As SA_RESETHAND has it. */
void signal_reset(int sig);

/*
 * sigprocmask at any time: signals that faults raise are not really blocked, only remembered.
 * 0 or -errno.
 */
int signal_mask(int how, const uint64_t *set, uint64_t *ret_old);
/* sigaltstack: a thread with a slot has our stack, and the program's is remembered. */
int signal_stack(const stack_t *new, stack_t *ret_old);

#endif
