/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PAL's one state, and what the versions' exported functions call.  A function that starts with
 * runtime_ returns 0 or a negative errno as its pal_ namesake does, and may be called at any time from
 * any thread: what comes out of order is -EBADFD.
 */
#ifndef PAL_RUNTIME_H
#define PAL_RUNTIME_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "include/liberpal.h"
#include "pal/ecall.h"
#include "pal/encl.h"
#include "pal/process.h"

enum runtime_state {
	RUNTIME_NONE,
	RUNTIME_STARTING,
	RUNTIME_READY,
	RUNTIME_ENDING,
};

struct runtime {
	pthread_mutex_t lock;
	pthread_cond_t changed; /* any field below, broadcast */
	enum runtime_state state;
	unsigned int users; /* calls that use the enclave: runtime_destroy waits for them */
	struct encl encl;
	struct process_table table;
};

extern struct runtime runtime;

/* fd -1 or addr 0: no enclave is handed over. */
int runtime_init(const char *args, const char *log_level, int fd, uint64_t addr);
int runtime_create_process(const char *path, char *const *argv, char *const *env,
                           const struct pal_stdio_fds *stdio, int *ret_pid);
int runtime_exec(int pid, int *ret_exit_value);
int runtime_kill(int pid, int sig);
int runtime_report(const void *targetinfo, int targetinfo_size, void *report, int *report_size);
int runtime_destroy(void);

/*
 * An ecall before any program runs, in own_start: its result.  A fault in it is -EFAULT.  arg: by
 * enclave/abi.h, or NULL.
 */
int runtime_call(struct encl *encl, uint64_t number, void *arg);

/* Count a call that uses the enclave: 0 or -EBADFD. */
int runtime_use(void);
void runtime_unuse(void);

/*
 * A free thread of the enclave, for the program or, with NULL, for a call of our own; waits for one.
 * NULL when the program is to end before it got one.  -EIO: every thread is dead.
 */
int runtime_thread_get(struct process *process, struct encl_thread **ret);
void runtime_thread_put(struct process *process, struct encl_thread *thread);

/*
 * With the lock held: mark the programs that pid means as ended by sig, and wait until each of them
 * has noticed, at most timeout_ms (-1: for ever).  Returns how many there were.
 */
unsigned int runtime_end_programs(int pid, int sig, int timeout_ms);

#endif
