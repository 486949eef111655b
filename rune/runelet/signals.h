/* SPDX-License-Identifier: Apache-2.0 */
/* Which signals runelet takes, and what becomes of them when no program can. */
#ifndef RUNE_RUNELET_SIGNALS_H
#define RUNE_RUNELET_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/*
 * The signals taken with a signalfd: all that can be caught, but not those that a fault raises,
 * which are for whoever made the fault (an enclave's exception is one), and not the real-time ones,
 * which a PAL may send to its own threads.
 */
void signals_taken(sigset_t *ret);
/* Make just those the blocked ones, in this thread and those it starts; ret: a signalfd or -errno. */
int signals_take(const sigset_t *set);
/* Take one from the signalfd: its number, or 0 when there is none. */
int signals_next(int fd);
/* True when a process that does nothing about sig ends by it. */
bool signals_terminate(int sig);
/* Wait for the processes that were orphaned to this one; the PAL's own children stay the PAL's. */
void signals_reap(void);

#endif
