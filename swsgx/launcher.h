/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the swsgx program. */
#ifndef SWSGX_LAUNCHER_H
#define SWSGX_LAUNCHER_H

#include <limits.h>

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

#endif
