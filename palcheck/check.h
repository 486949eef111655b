/* SPDX-License-Identifier: Apache-2.0 */
/*
 * palcheck: the PAL contract (docs/pal-api.md) as tests of somebody's library.  Each test runs in a
 * process of its own, with the library not yet loaded, its stdout and stderr kept for the report; what
 * the library breaks, ends or leaves behind there hurts no other test.
 */
#ifndef PALCHECK_CHECK_H
#define PALCHECK_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "include/liberpal.h"

/* The library under test, and how it is to be used. */
struct subject {
	const char *path;
	const char *args, *log_level;
	char *const *program; /* the program that does what its next argument says */
	int version;          /* 0 until subject_load */
	void *handle;
	int (*get_version)(void);
	int (*init)(const struct pal_attr_v3 *);
	int (*exec_v1)(char *, char **, struct pal_stdio_fds *, int *);
	int (*create_process)(struct pal_create_process_args *);
	int (*exec)(struct pal_exec_args *);
	int (*kill)(int, int);
	int (*get_local_report)(void *, int, void *, int *);
	int (*destroy)(void);
};

struct test {
	const char *name, *claim;
	int since;     /* the first version of the API that has it */
	bool is_basic; /* asked of the smallest PAL too */
	void (*run)(struct subject *s);
};

/* check_NAME for each. */
#define TEST(name, since, is_basic, claim) void check_##name(struct subject *s);
#include "palcheck/tests.def"
#undef TEST

/* False: the test ends as failed, with this line. */
#define CLAIM(condition, ...) ((condition) ? (void)0 : claim_failed(__VA_ARGS__))
_Noreturn void claim_failed(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The test cannot be had on this machine, and ends with this reason. */
_Noreturn void claim_skipped(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

enum outcome { OUTCOME_OK, OUTCOME_FAILED, OUTCOME_SKIPPED };
struct verdict {
	enum outcome outcome;
	char reason[512];  /* why it failed or was skipped */
	char output[4096]; /* what the library and its programs said meanwhile */
};
/* Run one test in a child, which gets timeout seconds. */
void run_test(const struct test *test, const struct subject *subject, int timeout,
              struct verdict *ret);

/* ---- in the child ---- */

/* dlopen, dlsym; the claims of others rely on it, so it claims only what it must. */
void subject_load(struct subject *s);
/* Load, pal_init with args; a failure fails the test. */
void subject_start(struct subject *s);
/* pal_init with these; what it returned, after the claim that 0 or an errno is what that is. */
int subject_init(struct subject *s, const char *args, const char *log_level);
void subject_destroy(struct subject *s);
/* r is 0 or a negative errno, or the test fails; returns r. */
int returned(int r, const char *call);
/* The same, and it is an errno. */
void refused(int r, const char *call);

/* A program, and where its standard streams go: -1 is /dev/null. */
struct job {
	char **argv;
	char *const *env;
	int in, out, err;
	int pid;   /* from version 2 on, once created */
	int value; /* its exit value */
	struct subject *s;
	unsigned long thread; /* of job_start */
};
/* argv of the subject's program with these words behind; freed never, the test's process ends soon. */
char **command(const struct subject *s, ...) __attribute__((sentinel));
/* Create (from version 2 on) and execute; fails the test unless both return 0. */
void job_run(struct job *job);
void job_create(struct job *job);
void job_execute(struct job *job);
/* job_run, or job_execute of what was created, in a thread of its own, and its end. */
void job_start(struct job *job);
void job_join(struct job *job);
/* Run the command and return its exit value; what it wrote, at most size - 1 bytes and a zero, to ret. */
int run_and_read(struct subject *s, char **argv, char *const *env, const void *input,
                 size_t input_size, char *ret, size_t size);
/* A program that computes until it is ended, in a thread; returns once it runs. */
void spin_start(struct subject *s, struct job *job);

int count_entries(const char *folder);
void pause_ms(int ms);
int memory_file(const void *bytes, size_t size);

#endif
