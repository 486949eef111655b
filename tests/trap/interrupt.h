/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of signals share: one enclave, handlers that look, a timer that interrupts. */
#ifndef TESTS_TRAP_INTERRUPT_H
#define TESTS_TRAP_INTERRUPT_H

#include <signal.h>
#include <stdint.h>
#include <ucontext.h>

#include "sgx/tcs.h"
#include "tests/trap/enclave.h"

extern struct test_enclave e;
extern struct sgx_enclave_run run;
extern volatile uint64_t shared[2]; /* of OP_SPIN: counter, end */

/* What look has seen last, and how often. */
extern volatile int times;
extern volatile uint64_t seen_rip, seen_rax, seen_fs, seen_rsp;
void look(const ucontext_t *uc);
void catch_with(int sig, void (*handler)(int, siginfo_t *, void *), int flags);
/* A handler: ends OP_SPIN when it has been interrupted more than ten times. */
void end_after_10(int sig, siginfo_t *info, void *uc);

/* SIGALRM to this process, every 2 ms. */
void start_timer(void);
void stop_timer(void);

/*
 * ERESUME brings back the RSP and RBP of its EENTER, so both have to be called at one depth of the
 * stack: from here.
 */
int enter_or_resume(unsigned int leaf, unsigned long op);
int enter(unsigned long op);
/* A TCS is nobody's to read; the file behind it is. */
const struct sgx_tcs *tcs(unsigned int page);

#endif
