/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions that ours stand in front of: NEXT(open)(path, flags) is the next library's, found
 * at first use, since libraries may call us before our constructor has run.
 */
#ifndef SWSGX_PRELOAD_NEXT_H
#define SWSGX_PRELOAD_NEXT_H

#include <stddef.h>

/* Never NULL: a name that no library has ends the process with a line that says so. */
void *next_find(const char *name);

#define NEXT(type, name)                                                     \
	({                                                                   \
		static type *next_##name;                                    \
		type *f = __atomic_load_n(&next_##name, __ATOMIC_RELAXED);   \
		if (f == NULL) {                                             \
			f = (type *)next_find(#name);                        \
			__atomic_store_n(&next_##name, f, __ATOMIC_RELAXED); \
		}                                                            \
		f;                                                           \
	})

/* Functions for other programs; everything else in the library is hidden. */
#define EXPORT __attribute__((visibility("default")))

/* -errno as libc reports it. */
int next_result(long r);

#endif
