/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SYSCALL in an enclave: while a thread's selector says so, the kernel answers every system call of
 * the thread with SIGSYS (Syscall User Dispatch).  entry.S sets the selector last before it goes
 * into an enclave, and resets it first.
 */
#ifndef SWSGX_TRAP_DISPATCH_H
#define SWSGX_TRAP_DISPATCH_H

#include <stdbool.h>

#include "swsgx/trap/thread.h"

/*
 * This thread is about to enter an enclave; only the first time does anything.  Where the kernel has
 * no Syscall User Dispatch, SYSCALL goes on to work inside.
 */
void dispatch_arm(struct thread *t);
/* The slot is given back. */
void dispatch_disarm(struct thread *t);
/* In a child of fork, which inherits none; t may be NULL. */
void dispatch_fork_child(struct thread *t);
/* This thread's program uses the dispatch itself, or no longer: then it is not ours. */
void dispatch_program(bool is_used);
/*
 * The range that is excepted from a program's dispatch when it asks for none: ours, whose system
 * calls are part of the delivery of a signal.
 */
void dispatch_range(unsigned long *ret_start, unsigned long *ret_size);

#endif
