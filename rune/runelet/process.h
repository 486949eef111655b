/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program in the enclave: created, run and awaited on a thread, since pal_exec returns only when the
 * program has ended; signalled from the main loop.
 */
#ifndef RUNE_RUNELET_PROCESS_H
#define RUNE_RUNELET_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "include/liberpal.h"
#include "lib/base/err.h"
#include "rune/runelet/loop.h"
#include "rune/runelet/pal.h"

/* What every call into the PAL needs. */
struct enclave {
	struct runelet_pal pal;
	struct loop *loop;
	int kills; /* to the thread that calls pal_kill, or -1 */
};

enum process_phase { PROCESS_STARTING, PROCESS_RUNNING, PROCESS_ENDED };

struct process {
	struct enclave *enclave;
	char **argv; /* argv[0] is the program's path too */
	char **env;
	struct pal_stdio_fds stdio;
	/* Called on the main loop; ended is the last, and may release the struct. */
	void (*started)(struct process *p);
	void (*ended)(struct process *p);

	/* The thread's, before it posts. */
	int pid;        /* the runtime's own number */
	int result;     /* 0, or why the program could not run, with the line in error */
	int exit_value; /* 0 to 255 */
	struct err error;
	/* The main loop's. */
	enum process_phase phase;
	uint64_t pending; /* signals that came before it ran */
};

/* Create the program, run it, return when it has ended. */
void process_run(struct process *p);
/* Send it a signal, now or as soon as it runs.  PAL versions 2 and 3. */
void process_signal(struct process *p, int sig);
/* pal_kill on a thread of its own, in order, so that a PAL that waits in it holds up nothing else. */
void enclave_kill(struct enclave *enc, pid_t pid, int sig);
/* f(arg) on a new detached thread: 0 or -errno. */
int thread_start(void *(*f)(void *arg), void *arg);

#endif
