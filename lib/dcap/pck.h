/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SGX extension of a PCK certificate, OID 1.2.840.113741.1.13.1 (Intel SGX PCK certificate and CRL
 * profile specification).
 */
#ifndef LIB_DCAP_PCK_H
#define LIB_DCAP_PCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

/* The extension's OID in DER. */
#define DCAP_PCK_OID                                                 \
	{                                                            \
		0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01 \
	}

#define DCAP_COMPONENTS 16

/* The platform's TCB that a certificate is for. */
struct dcap_pck {
	uint8_t ppid[16];
	uint8_t component
		[DCAP_COMPONENTS]; /* SGX TCB component SVNs: what TCB levels are matched on */
	uint16_t pcesvn;
	uint8_t cpusvn[16]; /* raw */
	uint8_t pceid[2];   /* as it stands, big-endian text order */
	uint8_t fmspc[6];
	uint8_t sgx_type; /* 0 standard, 1 scalable, 2 scalable with integrity */
	/* Certificates of the Platform CA (seven entries); false and zero in those of the Processor CA. */
	bool is_platform;
	uint8_t platform_instance_id[16];
	bool dynamic_platform, cached_keys, smt_enabled;
};

/*
 * Read the extension's content.  Exactly five or seven entries, each once and of its type and length,
 * in any order; nothing else, but the configuration's flags need not be there.  0 or -EINVAL with the entry; *ret changes only on success.
 */
int dcap_pck_parse(const void *extension, size_t size, struct dcap_pck *ret, struct err *e);
/* "Standard", "Scalable", "ScalableWithIntegrity" or "unknown". */
const char *dcap_sgx_type_name(uint8_t sgx_type);

#endif
