/* SPDX-License-Identifier: Apache-2.0 */
/* A thread's processor at work: ENCLU, asynchronous exits, and what comes of them. */
#ifndef SWSGX_TRAP_ENCLU_H
#define SWSGX_TRAP_ENCLU_H

#include <signal.h>
#include <ucontext.h>

#include "swsgx/trap/thread.h"

/* The ENCLU at the context's RIP, outside of an enclave or inside. */
void enclu_execute(struct thread *t, ucontext_t *uc);
/*
 * The context is an enclave's, which has raised an exception that is not an ENCLU's, or made a
 * system call.
 */
void enclu_exception(struct thread *t, int sig, const siginfo_t *info, ucontext_t *uc);
/* Leave the enclave because of a signal: the context becomes that of the AEP. */
void enclu_interrupt(struct thread *t, ucontext_t *uc);

#endif
