/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PAL library that is loaded, and its functions as C calls.  Which functions a version must have
 * comes from include/liberpal.def.  The library stays loaded until the process ends.
 */
#ifndef RUNE_RUNELET_PAL_H
#define RUNE_RUNELET_PAL_H

#include "include/liberpal.h"
#include "lib/base/err.h"

#define RUNELET_PAL_NEWEST 3

enum runelet_pal_symbol {
#define PAL(name, since) RUNELET_##name,
#include "include/liberpal.def"
#undef PAL
	RUNELET_PAL_SYMBOLS
};

struct runelet_pal {
	int version;
	void *symbol[RUNELET_PAL_SYMBOLS];
};

/* Load the library at path and find what its version has: 0, or -errno with a line that names path. */
int runelet_pal_open(const char *path, struct runelet_pal *ret, struct err *e);

/*
 * The calls return what the PAL returned, a negative errno or success.  Those of a later version
 * than the library's must not be made.
 */
int runelet_pal_init(const struct runelet_pal *p, const char *args, const char *log_level);
int runelet_pal_exec_v1(const struct runelet_pal *p, char **argv, struct pal_stdio_fds *stdio,
                        int *exit_value);
int runelet_pal_create_process(const struct runelet_pal *p, struct pal_create_process_args *args);
int runelet_pal_exec(const struct runelet_pal *p, int pid, int *exit_value);
int runelet_pal_kill(const struct runelet_pal *p, int pid, int sig);
int runelet_pal_get_local_report(const struct runelet_pal *p, void *targetinfo, int targetinfo_len,
                                 void *report, int *report_len);
int runelet_pal_destroy(const struct runelet_pal *p);

#endif
