/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EENTER and EEXIT without a trap.  A trapped EENTER remembers what it found; the next one by the same
 * thread of the same TCS needs only to see that nothing has changed, which two generations say: the
 * address space's and the enclave's.  sequence.S has the two sequences; a signal that arrives in one of
 * them finds it undone, or done.
 */
#ifndef SWSGX_TRAP_FAST_H
#define SWSGX_TRAP_FAST_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

struct enclave;
struct sgx_tcs;
struct sgx_gprsgx;
struct thread;

/* Of a thread; layout.h has the offsets. */
struct fast {
	uint64_t tcs_la;           /* what may be entered */
	uint64_t space_generation; /* as it was found; 0: may not be */
	uint64_t state_generation;
	const uint64_t *state_generation_at;
	uint32_t *enclave_inside;
	struct sgx_tcs *tcs;
	uint64_t *processor_count; /* of the SECS, for the epoch of the entry */
	struct sgx_gprsgx *gpr;
	uint64_t cssa, target, fs, gs;
	uint64_t running; /* inside, or on the way; then enclave says where */
	uint64_t exits;   /* may EEXIT do without a trap? */
	uint64_t saved;   /* by EEXIT: the ENCLU's address << 16, AH and OF */
	uint64_t aep;     /* by EEXIT, for RCX */
	uint64_t owner;   /* as the processor has it */
	struct enclave *enclave;
};

/* Where signals are ours: find out what this machine has.  Before the first thread enters. */
void fast_init(void);
/* This thread has taken a slot, and is known by its index.  Under thread_lock. */
void fast_take(unsigned int index);
/*
 * An entry begins to look at t->enclave: what changes from here on is not seen by it.  Under the
 * address space's lock.
 */
void fast_look(struct thread *t);
/* EENTER or ERESUME has retired; under the address space's lock. */
void fast_entered(struct thread *t, bool is_eenter, uint64_t aep, uint64_t rsp);
/* An EEXIT at la has trapped and retired. */
void fast_exited(const struct thread *t, uint64_t la);
/* A leaf has trapped and retired inside: EDECCSSA goes to another frame. */
void fast_stayed(struct thread *t);
/* The next entry has to trap. */
void fast_forget(struct thread *t);
/*
 * First of all with a signal in a thread that has a slot: bring registers and thread to before or
 * after the instruction.  True: the signal was only an exception within the sequence.
 */
bool fast_settle(struct thread *t, int sig, const siginfo_t *info, ucontext_t *uc);
/* A handler of the program starts that sigreturn will take the slot's stack away after. */
void fast_handler_without_slot(uint64_t rsp);

/* Then libc's own signals are taken over, and nothing has to hold them back inside. */
bool fast_is_on(void);

/* The vDSO's ENCLU: the only AEP of entries without a trap. */
extern const char vdso_enclu[] __attribute__((visibility("hidden")));

#endif
