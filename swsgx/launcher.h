/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the swsgx program. */
#ifndef SWSGX_LAUNCHER_H
#define SWSGX_LAUNCHER_H

#include <limits.h>
#include <stdbool.h>

#include "lib/base/err.h"

/*
 * The file that name means, by PATH unless it has a slash, and whether a library can be preloaded
 * into it: 0, -ENOENT, or another errno with the reason.
 */
int program_find(const char *name, char ret[PATH_MAX], struct err *e);
/*
 * What this machine offers to software SGX, on stdout: the exit status, 0 when it can be used here.
 */
int check_print(void);
/* --trace's file as others will see it, made and emptied; "-" stays.  0 or -errno. */
int trace_prepare(const char *file, char ret[PATH_MAX], struct err *e);
/* libswsgx.so, beside the folder of this program; and in front of what is preloaded already: 0 or -1. */
int library_path(char ret[PATH_MAX], struct err *e);
int prepend_preload(const char *library);
/* Is this a service that comes with software SGX? */
bool service_known(const char *name);
/*
 * Execute the service argv[0]; driver and state are the options before it, or NULL, and may stand among
 * its arguments as well.  Returns only on failure, -errno.
 */
int service_run(const char *driver, const char *state, int argc, char **argv, struct err *e);

#endif
