/* SPDX-License-Identifier: Apache-2.0 */
/* What decides whether EENTER and EEXIT can do without a trap: the machine, and a seccomp filter. */
#ifndef TESTS_TRAP_FILTER_H
#define TESTS_TRAP_FILTER_H

#include <stdint.h>

/* Skips the test where it takes a machine that this one is not. */
void need_untrapped(void);

enum filter_action { FILTER_KILL, FILTER_REFUSE };
/* A filter as containers have it: what becomes of 32-bit system calls of this thread from now on. */
void filter_32_bit(enum filter_action action);

#endif
