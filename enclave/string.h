/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few functions of <string.h> that trusted code needs.  For the enclave's own memory only; and
 * memcmp is not for secrets, it stops at the first difference.
 */
#ifndef ENCLAVE_STRING_H
#define ENCLAVE_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
char *strrchr(const char *s, int c);

#endif
