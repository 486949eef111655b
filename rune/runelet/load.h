/* SPDX-License-Identifier: Apache-2.0 */
/* From the path of a PAL library to an enclave that is ready, or one line that says why not. */
#ifndef RUNE_RUNELET_LOAD_H
#define RUNE_RUNELET_LOAD_H

#include "lib/base/err.h"
#include "rune/runelet/pal.h"

struct load_options {
	const char *path;
	const char *args;
	const char *log_level;
	const char *notice; /* a line for stderr right before the program runs, or NULL */
	int status_fd;      /* where the exit handler reports, see load_pal */
};

/*
 * Load the library and call pal_init.  What it prints meanwhile is passed on when that worked; else
 * its last line is in e.  A library that calls exit() meanwhile is reported to status_fd.
 */
int load_pal(const struct load_options *o, struct runelet_pal *ret, struct err *e);

#endif
