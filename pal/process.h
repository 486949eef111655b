/* SPDX-License-Identifier: Apache-2.0 */
/* The programs of the enclave: what was given to pal_create_process, and how far each has come. */
#ifndef PAL_PROCESS_H
#define PAL_PROCESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "include/liberpal.h"
#include "pal/encl.h"

enum process_state {
	PROCESS_CREATED,
	PROCESS_RUNNING, /* pal_exec is at work; signals are sent to its thread */
	PROCESS_LEAVING, /* it is done, and nobody sends signals any more */
};

struct process {
	struct process *next;
	int pid;
	enum process_state state;
	atomic_int sig;             /* that ends it, or 0; set once */
	bool has_noticed;           /* its thread knows */
	pid_t tid;                  /* of pal_exec's thread */
	struct encl_thread *thread; /* while it has one */
	int fd[3];
	uint64_t argc, envc;
	char *strings; /* argc + envc of them, each with its zero byte */
	size_t strings_size;
};

/* In the order of their pids; under the runtime's lock, as all but the last four fields of a process. */
struct process_table {
	struct process *first;
	int last_pid;
	int main_pid; /* the one that was executed first, or 0 */
};

/*
 * Copy the arguments (env may be NULL) and duplicate the descriptors: 0, -EINVAL for no argument,
 * -E2BIG for more than the enclave takes, -EBADF, -ENOMEM, -EMFILE.
 */
int process_new(char *const *argv, char *const *env, const struct pal_stdio_fds *stdio,
                struct process **ret);
/* It is in no table; NULL is fine. */
void process_free(struct process *p);
void process_freep(struct process **p);

/* Give it the next pid; the table owns it. */
void process_add(struct process_table *table, struct process *p);
/* The caller owns it. */
void process_remove(struct process_table *table, struct process *p);
struct process *process_find(const struct process_table *table, int pid);
/* May the next pal_kill of that pid mean this one?  -1: all; 0: the first. */
bool process_matches(const struct process_table *table, const struct process *p, int pid);

#endif
