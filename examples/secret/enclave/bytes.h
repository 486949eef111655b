/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that are secrets: their end, and their comparison in the same time whatever they are. */
#ifndef ENCLAVE_BYTES_H
#define ENCLAVE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "enclave/string.h"

/* A memset that the compiler cannot take for useless. */
static inline void wipe(void *bytes, size_t size)
{
	memset(bytes, 0, size);
	__asm__ volatile("" : : "r"(bytes) : "memory");
}

static inline bool same_bytes(const uint8_t *a, const uint8_t *b, size_t size)
{
	uint8_t difference = 0;

	for (size_t i = 0; i < size; i++)
		difference |= a[i] ^ b[i];
	return difference == 0;
}

static inline uint32_t load_le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t load_le64(const uint8_t *p)
{
	return load_le32(p) | (uint64_t)load_le32(p + 4) << 32;
}

static inline void store_le32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

static inline void store_le64(uint8_t *p, uint64_t value)
{
	store_le32(p, (uint32_t)value);
	store_le32(p + 4, (uint32_t)(value >> 32));
}

#endif
