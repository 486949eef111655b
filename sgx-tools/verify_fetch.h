/* SPDX-License-Identifier: Apache-2.0 */
/* A PCCS's or PCS's answers for one platform. */
#ifndef SGX_TOOLS_VERIFY_FETCH_H
#define SGX_TOOLS_VERIFY_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/dcap/collateral.h"

struct verify_platform {
	uint8_t fmspc[6];
	bool is_tdx;
	bool is_platform_ca; /* else the PCK certificate is the Processor CA's */
};

/*
 * All items, or an error with the address and the cause: -ENOENT what the service does not have, -EIO,
 * -EFBIG.  pccs: http(s)://HOST[:PORT][/sgx/certification/vN], or unix:SOCKET.  ca: a PEM file of who
 * may have issued an https service's certificate; NULL: those that the machine trusts.
 * dcap_files_free releases *ret.
 */
int verify_fetch(const char *pccs, const char *ca, const struct verify_platform *platform,
                 struct dcap_files *ret, struct err *e);

#endif
