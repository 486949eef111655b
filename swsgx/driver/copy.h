/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the program's memory, which may not be there. */
#ifndef SWSGX_DRIVER_COPY_H
#define SWSGX_DRIVER_COPY_H

#include <stddef.h>

/*
 * Copy size bytes; return how many were not copied because a fault came between.  The signal
 * handler of trap/ ends the copy: a fault at driver_copy_access goes on at driver_copy_end.
 */
size_t driver_copy(void *to, const void *from, size_t size);

extern const char driver_copy_access[] __attribute__((visibility("hidden")));
extern const char driver_copy_end[] __attribute__((visibility("hidden")));

#endif
