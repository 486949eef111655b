/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread that enters enclaves: its processor, and the stack its signal handlers start on.  The
 * slots of all threads lie in one reservation, so that a handler can tell by its stack pointer
 * alone, before FS base means anything, whether there is a slot and which.
 */
#ifndef SWSGX_TRAP_THREAD_H
#define SWSGX_TRAP_THREAD_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "swsgx/cpu/cpu.h"
#include "swsgx/driver/enclave.h"
#include "swsgx/trap/fast.h"
#include "swsgx/trap/layout.h"

struct thread {
	/* What entry.S knows, see layout.h. */
	uint64_t inside;           /* the interrupted code is an enclave's */
	uint64_t host_fs, host_gs; /* bases outside, while inside */
	uint64_t fs, gs;           /* the enclave's bases: as found at a trap, as loaded after it */
	uint64_t selector;         /* its first byte is Syscall User Dispatch's; set while inside */
	struct fast fast;          /* what sequence.S knows */

	struct cpu cpu;
	struct enclave *enclave; /* while inside */
	int64_t host_segments;   /* CS and SS outside, while inside, as a frame has them */
	uint64_t hidden_signals; /* blocked while inside, and not by the program */
	stack_t program_stack;   /* what the program gave to sigaltstack */
	/* The same page fault again and again, which paging says should not be. */
	uint64_t fault_rip, fault_addr, fault_count;
	uint32_t dispatch_tried;
	uint32_t tid;
	uint32_t used; /* the slot has a thread; atomic */
};

/* Reserve the slots; 0 or -errno. */
int thread_init(void);
/* This thread's slot or NULL. */
struct thread *thread_self(void);
/* Take a slot for this thread; NULL when there is none left. */
struct thread *thread_take(void);
/* All slots that there are, with a thread or without; NULL behind the last. */
struct thread *thread_slot(unsigned int index);
/* In a child of fork: the other threads are not there. */
void thread_fork_child(void);
/* Keeps others from taking one, around fork; passed through as space_lock is. */
void thread_lock(void);
void thread_unlock(void);
void thread_signal_stack(const struct thread *t, stack_t *ret);

/* thread_self's, for sequence.S. */
extern __thread struct thread *thread_current
	__attribute__((tls_model("initial-exec"), visibility("hidden")));

/* FS and GS base; entry.S uses the flag too. */
extern uint32_t thread_has_fsgsbase __attribute__((visibility("hidden")));
uint64_t thread_fs_base(void);
uint64_t thread_gs_base(void);

#endif
