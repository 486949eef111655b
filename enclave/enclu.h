/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ENCLU leaves that C calls.  Their operands must be the enclave's own memory: what the host
 * gives is copied in first (SDM vol. 3D, ENCLU).  EEXIT is in entry.S and only there.
 */
#ifndef ENCLAVE_ENCLU_H
#define ENCLAVE_ENCLU_H

#include "sgx/key.h"
#include "sgx/leaf.h"
#include "sgx/report.h"

/* targetinfo 512-aligned, reportdata 128-aligned, report 512-aligned; there is no failure. */
static inline void enclu_ereport(const struct sgx_targetinfo *targetinfo, const uint8_t *reportdata,
                                 struct sgx_report *report)
{
	__asm__ volatile("enclu"
	                 :
	                 : "a"(SGX_EREPORT), "b"(targetinfo), "c"(reportdata), "d"(report)
	                 : "memory", "cc");
}

/* request 512-aligned, key 16-aligned and SGX_KEY_SIZE bytes: SGX_SUCCESS, or why there is no key. */
static inline uint32_t enclu_egetkey(const struct sgx_keyrequest *request, uint8_t *key)
{
	uint64_t code = SGX_EGETKEY;

	__asm__ volatile("enclu" : "+a"(code) : "b"(request), "c"(key) : "memory", "cc");
	return (uint32_t)code;
}

#endif
