/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delivering a signal to the program from within our handler, as the kernel would have delivered
 * it: the program's handler runs on its own stack with a frame of its own, may change the context,
 * jump out of it or return.
 */
#ifndef SWSGX_TRAP_DELIVER_H
#define SWSGX_TRAP_DELIVER_H

#include <signal.h>
#include <ucontext.h>

#include "swsgx/cpu/trap.h"
#include "swsgx/trap/signal.h"
#include "swsgx/trap/thread.h"

/*
 * Our frame (uc) holds the context that is to be interrupted, outside of any enclave.  Afterwards
 * sigreturn from it starts the program's handler, or the default action has been taken.
 */
void deliver(struct thread *t, int sig, const siginfo_t *info, ucontext_t *uc);
/* The same with this alternate stack of the program's. */
void deliver_on(const stack_t *stack, int sig, const siginfo_t *info, ucontext_t *uc);
/* The signal and context that the kernel makes of an exception outside; then deliver. */
void deliver_trap(struct thread *t, struct trap trap, ucontext_t *uc);
/* Default action of a signal that has no handler; returns when it is to be ignored. */
void deliver_default(int sig);
/* Give the kernel its own disposition of sig, for what is about to end the process. */
void deliver_reset(int sig);
/* The mask while a's handler for sig runs, when mask was in force before. */
uint64_t deliver_mask(int sig, const struct signal_action *a, uint64_t mask);

#endif
