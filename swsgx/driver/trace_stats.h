/* SPDX-License-Identifier: Apache-2.0 */
/* How often each call was made, and how long all of them took: of this process. */
#ifndef SWSGX_DRIVER_TRACE_STATS_H
#define SWSGX_DRIVER_TRACE_STATS_H

#include <stdbool.h>
#include <stdint.h>

#define STATS_ROWS 128

/* Print at exit, and start at 0 in a child of fork. */
void stats_init(void);
uint64_t stats_now(void); /* nanoseconds */
/* row: below STATS_ROWS, always the same for one name, which stays. */
void stats_count(unsigned int row, const char *name, unsigned int calls, uint64_t ns, bool failed);

#endif
