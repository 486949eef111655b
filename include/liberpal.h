/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Enclave Runtime PAL API, versions 1 to 3: what a container runtime calls to run programs
 * in an enclave.  A library implements one version and exports just its functions; the caller
 * finds them with dlsym.  Every structure has the natural C layout (not packed, whatever older
 * texts say): the offsets asserted below are the contract.
 *
 * Every function returns 0 or a negative errno value.  All may be called from several threads at
 * once.  Order: pal_get_version, pal_init, then any number of pal_create_process + pal_exec
 * (version 1: pal_exec alone) and pal_kill, then pal_destroy, after which pal_init may follow.
 */
#ifndef LIBERPAL_H
#define LIBERPAL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef PAL_VERSION
#define PAL_VERSION 3 /* define it to 1, 2 or 3 before the include to get that version's types */
#endif

/* The files that stand for a program's standard streams; the PAL never closes them. */
struct pal_stdio_fds {
	int stdin;
	int stdout;
	int stderr;
};

/* Versions 1 and 2 end after log_level. */
struct pal_attr_v1 {
	const char *args; /* options of this runtime, separated by blanks or commas; may be NULL */
	const char *log_level; /* trace debug info warning error fatal panic off; may be NULL */
};

/*
 * Version 3 may be handed an enclave that exists already: fd is its open device file, addr its base
 * address.  "None" is fd -1 and addr 0; callers of older versions leave both undefined, so a PAL
 * checks them before use and takes what is no enclave for "none".
 */
struct pal_attr_v3 {
	const char *args;
	const char *log_level;
	int fd;
	uint64_t addr;
};

struct pal_create_process_args {
	char *path;                  /* the program's name for the runtime */
	char **argv;                 /* NULL-terminated; copied before the call returns */
	char **env;                  /* NULL-terminated; copied before the call returns */
	struct pal_stdio_fds *stdio; /* duplicated before the call returns */
	int *pid;                    /* out: a number of the runtime's own, above 0 */
};

struct pal_exec_args {
	int pid;         /* from pal_create_process */
	int *exit_value; /* out: 0 to 255, or 128 + signal */
};

/* Optional: a library without it is of version 1. */
int pal_get_version(void);

#if PAL_VERSION >= 3
/* Load and initialise the enclave.  The files come from the working directory. */
int pal_init(const struct pal_attr_v3 *attr);
#else
int pal_init(const struct pal_attr_v1 *attr);
#endif

#if PAL_VERSION >= 2
/* Make a program ready to run; it starts with pal_exec. */
int pal_create_process(struct pal_create_process_args *args);

/* Run the program pid and return when it has ended. */
int pal_exec(struct pal_exec_args *args);

/* Send signal sig to the program pid; pid -1 means all of them, 0 the one that was started first. */
int pal_kill(int pid, int sig);
#else
/* Run a program and return when it has ended. */
int pal_exec(char *path, char *argv[], struct pal_stdio_fds *stdio, int *exit_code);
#endif

#if PAL_VERSION >= 3
/*
 * An EREPORT of the enclave for the given target: targetinfo holds 512 bytes of TARGETINFO, report
 * takes 432 bytes of REPORT.  *report_len: in, the room; out, 432.  -EINVAL when a size is wrong.
 *
 * With 512 bytes the report's REPORTDATA is zeros.  An extension of ours: 576 bytes are TARGETINFO
 * and behind it 64 bytes of REPORTDATA.  A library that does not know it answers -EINVAL.
 */
int pal_get_local_report(void *targetinfo, int targetinfo_len, void *report, int *report_len);
#endif

/* End every program and release all that pal_init made. */
int pal_destroy(void);

#ifdef __cplusplus
#define PAL_ASSERT(e) static_assert(e, #e)
#else
#define PAL_ASSERT(e) _Static_assert(e, #e)
#endif
PAL_ASSERT(sizeof(struct pal_stdio_fds) == 12);
PAL_ASSERT(sizeof(struct pal_attr_v1) == 16);
PAL_ASSERT(sizeof(struct pal_attr_v3) == 32);
PAL_ASSERT(offsetof(struct pal_attr_v3, fd) == 16);
PAL_ASSERT(offsetof(struct pal_attr_v3, addr) == 24);
PAL_ASSERT(sizeof(struct pal_create_process_args) == 40);
PAL_ASSERT(offsetof(struct pal_create_process_args, pid) == 32);
PAL_ASSERT(sizeof(struct pal_exec_args) == 16);
PAL_ASSERT(offsetof(struct pal_exec_args, exit_value) == 8);
#undef PAL_ASSERT

#ifdef __cplusplus
}
#endif

#endif
