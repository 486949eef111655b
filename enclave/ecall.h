/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ecalls inside the enclave, and what ends one early.
 */
#ifndef ENCLAVE_ECALL_H
#define ENCLAVE_ECALL_H

#include <stdint.h>
#include <stdnoreturn.h>

#include "enclave/abi.h"

extern uint32_t encl_state; /* ENCL_UNINIT to ENCL_DEAD; init.c */

struct ecall_none {
};

/* args: the trusted copy, not null.  0 or -errno. */
#define ECALL(number, function, type, before_init) int64_t function(const type *args);
#include "enclave/ecalls.def"
#undef ECALL

/* entry.S; both arguments are the host's. */
int64_t ecall(uint64_t number, uint64_t argument);
/* The result of an ecall that was cut short; runs on an empty stack. */
int64_t ecall_unwound(void);
/*
 * CSSA 1: ends what the thread does, 0; or hands the exception to the program's handler,
 * ENCL_EXCEPTION_HANDLED; or -errno, and nothing was changed.
 */
int64_t encl_exception(void);
/* Stage 2, on the program's own stack: it returns if the program is to go on. */
void exception_handle(void);

/* The host's answer: a hostile number. */
uint64_t encl_ocall(uint64_t number, uint64_t argument);
noreturn void encl_unwind(void);
/* entry.S; resumed at, never called.  Hidden, since its address is compared without a GOT. */
__attribute__((visibility("hidden"))) noreturn void encl_handle(void);
/* A rule of the enclave was broken: no ecall ever again. */
noreturn void encl_fatal(void);

/* End the program that runs on this thread: an enum encl_end and its value. */
noreturn void program_end(uint64_t end, uint64_t value);
/* Report the end to the host and let go of all that the program had. */
int64_t program_finish(uint64_t end, uint64_t value);

#endif
