/* SPDX-License-Identifier: Apache-2.0 */
/* The low-level runtime, runc or crun: where it is, and how rune becomes it or has it work. */
#ifndef RUNE_RUNTIME_H
#define RUNE_RUNTIME_H

#include <stddef.h>
#include <sys/types.h>

#include "rune/rune.h"

/* Fill r->runtime: --oci-runtime, else crun where it works, else runc. */
int runtime_find(struct rune *r, struct err *e);
/* Whether it goes by the name of runc, which refuses every option that is not spelled in full. */
bool runtime_is_runc(const struct rune *r);
/* Where that runtime keeps its containers' states. */
void runtime_default_root(const char *runtime, char ret[PATH_MAX]);

/* A command line for the low-level runtime: the globals, then what is added. */
struct command {
	char **words;
	size_t count;
	size_t room;
	bool is_silent; /* its stdout and stderr go nowhere */
};

/* The globals of r and the subcommand; words are borrowed, the array is the process's. */
struct command command_begin(const struct rune *r, const char *subcommand);
void command_add(struct command *c, const char *word);
/* All words that are not NULL. */
void command_add_all(struct command *c, char **words, int count);

#define HANDOVER_MAX 4

/* Descriptors that a child gets with numbers of their own. */
struct handover {
	const int *fds;
	int count; /* at most HANDOVER_MAX */
	int first; /* the number that fds[0] gets */
};

/* Become the low-level runtime; returns only on failure. */
int runtime_exec(const struct rune *r, char **words, struct err *e);
/* Pass this invocation through untouched; returns only on failure. */
int runtime_pass(const struct rune *r, struct err *e);
/* Start it as a child; handover may be NULL, stdout_fd -1. */
int runtime_spawn(const struct rune *r, const struct command *c, const struct handover *h,
                  int stdout_fd, pid_t *ret, struct err *e);
/* Wait: its exit code, or 128 + signal. */
int runtime_wait(pid_t pid);
int runtime_exit_code(int status);
/* Start it and wait: its exit code, or -1 with the error set. */
int runtime_run(const struct rune *r, const struct command *c, const struct handover *h,
                struct err *e);
/* Start it and wait: its exit code, or -1 with the error set; its stdout in new memory, ended by a zero byte. */
int runtime_capture(const struct rune *r, const struct command *c, char **ret, size_t *ret_size,
                    struct err *e);
/* Such output, as rune has corrected it, to stdout: 0 or -errno with the error set. */
int runtime_print(const struct rune *r, const char *text, size_t size, struct err *e);
/* Sockets that systemd passed to this process (LISTEN_FDS), which runc passes on to the container. */
int runtime_listen_fds(void);

#endif
