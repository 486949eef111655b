/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parts of a line put together, so that it goes out in one write.
 */
#ifndef ENCLAVE_TEXT_H
#define ENCLAVE_TEXT_H

#include <stddef.h>

/* 2 * count hexadecimal digits and a zero into ret; ret. */
char *encl_hex(const void *bytes, size_t count, char *ret);
/* count words with a blank between each two, in memory of heap.h; null if there is none left. */
char *encl_join(int count, char *const *words);

#endif
