/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ENCLU leaves that C calls.  Their operands must be the enclave's own memory: what the host
 * gives is copied in first (SDM vol. 3D, ENCLU).  EEXIT is in entry.S and only there.
 */
#ifndef ENCLAVE_ENCLU_H
#define ENCLAVE_ENCLU_H

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

#endif
