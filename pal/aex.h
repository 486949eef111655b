/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals that find a thread in the enclave: the one that we send to end a program, SIGTRAP (the
 * kernel's entry function reports every fault but that), and all faults where we enter without that
 * function.  The handlers are in place from pal_init's first ecall until aex_restore.
 */
#ifndef PAL_AEX_H
#define PAL_AEX_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "pal/encl.h"

/* What aex_enter changed of the calling thread. */
struct aex_thread {
	sigset_t mask;
	bool had_sigpipe; /* it was pending already */
};

/* Serve this enclave, which stays where it is until aex_restore: 0 or -errno; idempotent. */
int aex_install(struct encl *encl);
void aex_restore(void);

/* The calling thread is going to enter the enclave; SIGPIPE is blocked until aex_leave. */
void aex_enter(struct aex_thread *ret);
/* It will not any more, and nobody sends it aex_kick any more. */
void aex_leave(const struct aex_thread *thread);
/* Make the thread tid of this process leave the enclave, or a system call, to look at its kill flag. */
void aex_kick(pid_t tid);

#endif
