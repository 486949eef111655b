/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which thread this is, told by nothing that an enclave has: each thread's GDT has a segment whose
 * limit is the index of the thread's slot, and LSL reads it (sequence.S).  Only the 32-bit system call
 * set_thread_area makes such a segment.
 */
#ifndef SWSGX_TRAP_SEGMENT_H
#define SWSGX_TRAP_SEGMENT_H

#include <signal.h>
#include <stdbool.h>
#include <ucontext.h>

/* Once, before there are slots: is there such a segment? */
bool segment_find(void);
/* This thread has the slot of that number.  Under thread_lock.  False: it has no segment of its own. */
bool segment_take(unsigned int index);
/* Is it the exception of a kernel without 32-bit system calls?  Then the call has failed. */
bool segment_is_probe(int sig, const siginfo_t *info, ucontext_t *uc);

#endif
