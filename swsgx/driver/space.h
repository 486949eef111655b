/* SPDX-License-Identifier: Apache-2.0 */
/*
 * This process's address space, as far as it maps enclaves: which range shows which enclave, with
 * which protection the program asked for.  What the hardware's page tables say is always the
 * smaller of that and what the EPCM grants; where they lag behind, the fault handler calls
 * space_sync.
 *
 * One lock.  Everybody takes it with all signals blocked, so that a signal handler, which always runs
 * that way, can take it too.
 */
#ifndef SWSGX_DRIVER_SPACE_H
#define SWSGX_DRIVER_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "swsgx/driver/enclave.h"

struct space_range {
	uint64_t start, end;
	struct enclave *enclave;
	int prot;       /* as the program asked */
	bool may_write; /* the descriptor that it was mapped by was open for writing */
	bool backed;    /* its pages show the file; not before the enclave is created */
};

/* Signals that faults raise: never blocked. */
#define SPACE_FAULTS                                                                \
	(UINT64_C(1) << (4 - 1) | UINT64_C(1) << (5 - 1) | UINT64_C(1) << (7 - 1) | \
	 UINT64_C(1) << (8 - 1) | UINT64_C(1) << (11 - 1) |                         \
	 UINT64_C(1) << (31 - 1)) /* ILL TRAP BUS FPE SEGV SYS */

void space_lock(uint64_t *ret_mask);
void space_unlock(const uint64_t *mask);
/* For signal handlers: all signals are blocked already. */
void space_lock_in_handler(void);
void space_unlock_in_handler(void);
/*
 * Keep the lock for fork, all signals blocked.  In between the program's own handlers of fork run in
 * this thread and may do anything, so there lock and unlock let it pass.
 */
void space_fork_begin(void);
void space_fork_end(void);
bool space_is_forking(void);
/* Starts anew whenever the table may be about to change; never 0.  Atomic. */
extern uint64_t space_generation __attribute__((visibility("hidden")));
/* Is there anything at all?  Without the lock: a first look. */
bool space_is_empty(void);
/* Does the table know anything of [addr, addr + len)?  Without the lock held. */
bool space_overlaps(uint64_t addr, uint64_t len);

/* Under the lock: */

/* The range that holds la, or NULL. */
struct space_range *space_find(uint64_t la);
/* The first range that ends above la, or NULL; space_end is behind the last. */
struct space_range *space_first(uint64_t la);
struct space_range *space_end(void);
/* Room for count more ranges?  0 or -ENOMEM. */
int space_reserve(unsigned int count);
/* Forget [start, end); only the table changes.  Splits need room. */
void space_forget(uint64_t start, uint64_t end);
/* Show e at [start, end), where the table has nothing. */
void space_add(uint64_t start, uint64_t end, struct enclave *e, int prot, bool may_write);
/* From now on the program has asked for prot in [start, end), which lies in one range. */
void space_set_prot(struct space_range *r, uint64_t start, uint64_t end, int prot);

/* Do program and EPCM allow this access (PF_W, PF_I), so that up-to-date page tables would? */
bool space_allows(uint64_t la, uint32_t access);
/* Bring the hardware's page tables up to date in [start, end). */
void space_sync(uint64_t start, uint64_t end);

/*
 * After a change of [start, end) by this process: what its page tables allow of e follows, and
 * other processes will find out.
 */
void space_changed(struct enclave *e, uint64_t start, uint64_t end);
/*
 * A thread is about to enter e: follow what other processes have changed.  One that is inside may go
 * on with what it has until it leaves, as a processor may with its TLB.
 */
void space_catch_up(struct enclave *e);

/*
 * A page fault at la, an access (PF_W, PF_I) that paging knows no page for: as the driver's fault
 * handler, add the page that it adds.  True: the access can be tried again.
 */
bool space_augment(uint64_t la, uint32_t access);

/*
 * The page tables as the model sees them (paging_fn).  user: context is the struct enclave that the
 * EPC belongs to, or NULL; supervisor: only its view of the file is EPC.
 */
void space_paging_user(void *context, uint64_t la, struct mapping *ret);
void space_paging_supervisor(void *context, uint64_t la, struct mapping *ret);
/*
 * A page fault at la (access: PF_W, PF_I) that is not SGX's: is it one that the driver answers with
 * SIGBUS, also after space_augment?
 */
bool space_fault_is_bus(uint64_t la, uint32_t access);

/*
 * In a child of fork, under the lock: its one thread is in no enclave, and enclaves that are found
 * by their address have stayed behind.
 */
void space_fork_child(void);

#endif
