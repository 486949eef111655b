/* SPDX-License-Identifier: Apache-2.0 */
/* What a verifier needs beside the quote, in a folder. */
#ifndef AESMD_COLLATERAL_H
#define AESMD_COLLATERAL_H

#include <stdbool.h>
#include <time.h>

#include "aesmd/quoting.h"

#define ADVISORIES_MAX 16

struct collateral {
	const char *tcb_status; /* of the platform, or NULL: as it was told */
	const char *qe_status;  /* of the quoting enclave, or NULL: UpToDate */
	const char *advisory[ADVISORIES_MAX];
	unsigned int advisory_count;
	bool revoke_pck, revoke_ca, revoke_signer;
	bool is_expired; /* all of it, a month ago */
	time_t now;
};

/* Write it into folder, made if need be, file by file and each as a whole. */
int collateral_write(const struct platform *p, const struct quoting *q, const struct collateral *c,
                     const char *folder, struct err *e);

#endif
