/* SPDX-License-Identifier: Apache-2.0 */
/* Making threads leave an enclave, as the kernel does with an interrupt to all processors. */
#ifndef SWSGX_TRAP_KICK_H
#define SWSGX_TRAP_KICK_H

#include <signal.h>
#include <stdbool.h>

#include "swsgx/driver/enclave.h"

/*
 * Threads that are in e since before its last ETRACK leave it, those of this process and those of others
 * that share e.  Returns when they have, or after a second, with false: a debugger may have stopped
 * one, or its process is in a namespace that this one cannot see into.
 */
bool kick_threads(struct enclave *e);
/* Is the signal one of ours?  A thread that was inside has left by its arrival. */
bool kick_is(int sig, const siginfo_t *info);
/* Such a signal's work, in its handler: what another process has asked, or what it waits for. */
void kick_answer(void);

#endif
