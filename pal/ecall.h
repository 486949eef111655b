/* SPDX-License-Identifier: Apache-2.0 */
/* An ecall, with everything that happens before it returns. */
#ifndef PAL_ECALL_H
#define PAL_ECALL_H

#include <stdbool.h>
#include <stdint.h>

#include "enclave/abi.h"
#include "pal/encl.h"

/* A fault of the enclave, as the processor showed it outside. */
struct ecall_fault {
	bool happened;
	uint16_t vector;
	uint16_t error_code;
	uint64_t addr; /* of a page fault, its page */
};

struct ecall {
	enum encl_ecall number;
	const void *arg; /* the ecall's structure, or NULL */
	/* Serve an ocall: its result.  NULL: there are none. */
	int64_t (*ocall)(void *context, uint64_t number, uint64_t arg);
	/* The enclave is unwinding because of the thread's kill flag, which has been cleared. */
	void (*noticed)(void *context);
	void *context;
	struct ecall_fault fault; /* out: the latest */
};

/*
 * Run it on this thread: the enclave's own result, 0 or a negative errno; or -EIO when it did not
 * return, and then the thread is dead or the enclave is lost.
 */
int encl_ecall(struct encl *encl, struct encl_thread *thread, struct ecall *call);

#endif
