/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Intel, the platform's owner and its enclaves would each have of their own, here all in one
 * folder: the certification authority, the keys that sign the two enclaves, the platform's PCK and
 * attestation key.  Made at first use, kept for good.
 */
#ifndef AESMD_PLATFORM_H
#define AESMD_PLATFORM_H

#include <limits.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/crypto/crypto.h"
#include "lib/crypto/pki.h"

#define PLATFORM_PCESVN 13
#define PLATFORM_FMSPC                                   \
	{                                                \
		0x00, 's', 'w', 's', 'g', 'x' /* ours */ \
	}
#define PLATFORM_PCEID \
	{              \
		0, 0   \
	}
#define PLATFORM_STATUS_MAX 40

struct platform {
	char folder[PATH_MAX];
	struct pki_key *root, *ca, *signer, *pck, *attestation;
	char *root_pem, *ca_pem, *signer_pem;
	struct rsa3072_key *qe, *le; /* sign the enclaves */
	struct {
		uint8_t ppid[16], instance[16];
	} id;
};

#define PLATFORM_NONE        \
	(struct platform)    \
	{                    \
		.root = NULL \
	}

/* Open the folder, made first if need be; whoever comes second to that uses the first's. */
int platform_open(const char *folder, struct platform *ret, struct err *e);
void platform_release(struct platform *p);

/*
 * The platform's PCK certificate at this CPUSVN, PEM in a new string that the caller frees: issued at
 * first use.
 */
int platform_pck(const struct platform *p, const uint8_t cpusvn[16], char **ret, struct err *e);

/* The SGX extension of a PCK certificate, as DER: its size, at most max; see pck.c. */
struct pck_tcb {
	uint8_t ppid[16], cpusvn[16], instance[16];
	uint16_t pcesvn;
};
size_t pck_extension(const struct pck_tcb *tcb, uint8_t *ret, size_t max);
#define PCK_EXTENSION_OID "1.2.840.113741.1.13.1"
#define PCK_EXTENSION_MAX 1024

/* The TCB status that the platform was told to have; "UpToDate" unless it was. */
int platform_status_read(const struct platform *p, char ret[PLATFORM_STATUS_MAX], struct err *e);
int platform_status_write(const struct platform *p, const char *status, struct err *e);
/* Is this one of the words of DCAP's TCB info, or NotSupported: no level fits? */
int platform_status_check(const char *status, struct err *e);

#endif
