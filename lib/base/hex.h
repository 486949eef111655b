/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as hexadecimal text, and numbers as users type them. */
#ifndef LIB_BASE_HEX_H
#define LIB_BASE_HEX_H

#include <stddef.h>
#include <stdint.h>

/* size bytes as 2 * size lower-case digits and a zero byte; text has that room. */
void hex_encode(const void *bytes, size_t size, char *text);
/* Just size bytes from 2 * size digits, nothing after them: 0 or -EINVAL, and then ret is as it was. */
int hex_decode(const char *text, void *ret, size_t size);
/*
 * A whole unsigned number, decimal or with 0x: 0, -EINVAL (empty, a sign, a blank, anything after
 * the digits) or -ERANGE (above max).  *ret changes only on success.
 */
int parse_u64(const char *text, uint64_t max, uint64_t *ret);

#endif
