/* SPDX-License-Identifier: Apache-2.0 */
/* Making threads leave an enclave, as the kernel does with an interrupt to all processors. */
#ifndef SWSGX_TRAP_KICK_H
#define SWSGX_TRAP_KICK_H

#include <signal.h>
#include <stdbool.h>

#include "swsgx/driver/enclave.h"

/*
 * Threads of this process that are in e since before its last ETRACK leave it.  Returns when they
 * have, or after a second: a debugger may have stopped one.
 */
void kick_threads(struct enclave *e);
/* Is the signal one of ours, which has done its work by arriving? */
bool kick_is(int sig, const siginfo_t *info);

#endif
