/* SPDX-License-Identifier: Apache-2.0 */
/* What a program in the enclave may ask of its host. */
#ifndef PAL_OCALL_H
#define PAL_OCALL_H

#include <stddef.h>
#include <stdint.h>

#include "enclave/abi.h"
#include "pal/process.h"

struct ocall_server {
	struct process *process;
	struct encl_thread *thread;
	uint8_t *area; /* ENCL_OCALL_AREA bytes */
	int pipe_sig;  /* out: SIGPIPE when a write has ended the program */
};

/* Copy a request out of the area, whole: -EFAULT when it does not lie there. */
int ocall_copy_in(const struct ocall_server *server, uint64_t arg, void *ret, size_t size);
/* The result for the enclave: see enum encl_ocall, and ENCL_OCALL_KILLED.  context: the server. */
int64_t ocall_serve(void *context, uint64_t number, uint64_t arg);

#endif
