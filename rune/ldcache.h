/* SPDX-License-Identifier: Apache-2.0 */
/* /etc/ld.so.cache, in the format that glibc has written since 2.2 ("glibc-ld.so.cache1.1"). */
#ifndef RUNE_LDCACHE_H
#define RUNE_LDCACHE_H

#include <stddef.h>

#define LDCACHE_PATH "/etc/ld.so.cache"

/*
 * The index-th path that the cache's bytes give for this x86-64 library, for any processor; NULL when
 * there are no more, or where the cache is broken.  It points into the cache.
 */
const char *ldcache_find(const void *cache, size_t size, const char *name, size_t index);

#endif
