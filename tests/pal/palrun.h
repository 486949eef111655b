/* SPDX-License-Identifier: Apache-2.0 */
/* A PAL library in this process, whatever its version, and the scenarios that palrun plays with it. */
#ifndef TESTS_PAL_PALRUN_H
#define TESTS_PAL_PALRUN_H

#include "include/liberpal.h"

struct pal {
	int version;
	int (*get_version)(void);
	int (*init)(const struct pal_attr_v3 *);
	int (*exec)(struct pal_exec_args *);
	int (*exec_v1)(char *, char **, struct pal_stdio_fds *, int *);
	int (*create_process)(struct pal_create_process_args *);
	int (*kill)(int, int);
	int (*get_local_report)(void *, int, void *, int *);
	int (*destroy)(void);
};

struct options {
	const char *args, *level; /* for pal_init */
	int count;                /* how many times, or how many programs at once */
	int sig;                  /* to send, 0: none */
	int pid;                  /* to send it to */
	int after;                /* milliseconds before it is sent */
	char **argv;              /* the program */
};

extern struct pal pal;
extern struct options options;

/* Create and execute one program on this process's stdio: its exit value or a negative errno. */
int run_program(char **argv);
/* pal_init with the options; prints and exits with 99 when it fails. */
void init_or_exit(void);
/* Print a line and exit with 98 when the claim is false. */
#define CLAIM(c) ((c) ? (void)0 : claim_failed(#c, __FILE__, __LINE__))
_Noreturn void claim_failed(const char *claim, const char *file, int line);

/* Scenarios: the exit code. */
int scenario_order(void);
int scenario_report(void);
int scenario_adopt(void);
int scenario_kill(void);

#endif
