/* SPDX-License-Identifier: Apache-2.0 */
/* What the code inside the architectural enclaves has: two leaves, AES-128-CMAC, copies. */
#ifndef AESMD_ENCLAVE_TRUSTED_H
#define AESMD_ENCLAVE_TRUSTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sgx/key.h"
#include "sgx/leaf.h"
#include "sgx/report.h"

/* target and report at a multiple of 512, data of 128; all of them the enclave's own. */
static inline void leaf_ereport(const struct sgx_targetinfo *target, const uint8_t *data,
                                struct sgx_report *report)
{
	__asm__ volatile("enclu"
	                 :
	                 : "a"(SGX_EREPORT), "b"(target), "c"(data), "d"(report)
	                 : "memory", "cc");
}

/* request at a multiple of 512, key of 16.  An SGX error code. */
static inline uint64_t leaf_egetkey(const struct sgx_keyrequest *request, uint8_t *key)
{
	uint64_t code = SGX_EGETKEY;

	__asm__ volatile("enclu" : "+a"(code) : "b"(request), "c"(key) : "memory", "cc");
	return code;
}

/* What the compiler may call. */
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memset(void *to, int byte, size_t size);

/* RFC 4493. */
void trusted_cmac(const uint8_t key[16], const void *data, size_t size, uint8_t ret[16]);
/* In a time that does not depend on where they differ. */
bool trusted_equal(const void *a, const void *b, size_t size);

#endif
