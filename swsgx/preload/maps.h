/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc says of this process's address space. */
#ifndef SWSGX_PRELOAD_MAPS_H
#define SWSGX_PRELOAD_MAPS_H

#include <stdbool.h>

/* Is path this process's list of mappings, and has it enclaves that are to be named there? */
bool maps_is(const char *path, int flags);
/* A file with that list, as it is now: a descriptor or -errno.  flags: O_CLOEXEC. */
int maps_open(int flags);

#endif
