/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verifying a quote as Intel's quote verification library and enclave do: the same checks, in the same
 * order, with the same codes (docs/conformance.md lists them, each with its test).  What the
 * application in the quote is, and whether it is a debug one, is for the caller to judge.
 *
 *	struct dcap_files files = { 0 };
 *	struct dcap_collateral *collateral;
 *
 *	dcap_files_load(folder, &files, &e);
 *	dcap_collateral_new(&files, &collateral);
 *	if (dcap_verify(quote, size, collateral, now, NULL, &result) == DCAP_OK)
 *		... dcap_status_name(result.status) ...
 */
#ifndef LIB_DCAP_VERIFY_H
#define LIB_DCAP_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/dcap/collateral.h"
#include "lib/dcap/pck.h"
#include "lib/dcap/quote.h"
#include "lib/dcap/status.h"

/* Things that expire; the order is that of the list in a result. */
enum dcap_expiring {
	DCAP_X_ROOT_CA,         /* of the quote's PCK certificate chain */
	DCAP_X_INTERMEDIATE_CA, /* the same */
	DCAP_X_PCK_CERT,        /* the same */
	DCAP_X_ROOT_CRL,
	DCAP_X_PCK_CRL,
	DCAP_X_TCB_INFO_ROOT_CA, /* of the TCB info's issuer chain */
	DCAP_X_TCB_INFO_SIGNER,  /* the same */
	DCAP_X_TCB_INFO,
	DCAP_X_QE_IDENTITY_ROOT_CA, /* of the QE identity's issuer chain */
	DCAP_X_QE_IDENTITY_SIGNER,  /* the same */
	DCAP_X_QE_IDENTITY,
	DCAP_X_PCK_CRL_ROOT_CA, /* of the PCK CRL's issuer chain */
	DCAP_X_PCK_CRL_SIGNER,  /* the same */
	DCAP_X_COUNT
};

/* "ROOT_CA", "PCK_CRL", "TCB_INFO", ...: the enumerators without their prefix. */
const char *dcap_expiring_name(enum dcap_expiring x);

/* Seconds since 1970. */
struct dcap_expiry {
	bool known;    /* the item is there and could be read */
	int64_t from;  /* notBefore, thisUpdate, issueDate */
	int64_t until; /* notAfter, nextUpdate */
	bool expired;  /* at the time of the verification; a CRL also before its thisUpdate */
};

#define DCAP_RESULT_ADVISORIES_MAX (3 * DCAP_ADVISORIES_MAX)

struct dcap_result {
	/*
	 * The verdict.  DCAP_NONE: not genuine, and error, code and message say why.  DCAP_REVOKED comes
	 * with DCAP_E_TCB_REVOKED: genuine, but Intel's library returns that error for it.
	 */
	enum dcap_status status;
	enum dcap_error error;
	uint16_t code;     /* dcap_error_code(error) */
	char message[384]; /* one line: what is wrong, with which field; "" when nothing is */

	/* What it is made of; set from the point on where verification knew it. */
	enum dcap_status platform_status; /* the matching TCB level's own */
	enum dcap_status qe_status;
	enum dcap_status tdx_module_status; /* TDX with a module version */
	char tdx_module_id[8];              /* "TDX_01", "" without */
	enum dcap_status current_status;    /* TD 1.5: by TEE_TCB_SVN2; else as status */
	int64_t tcb_date;                   /* the least of the levels' tcbDate */
	/*
	 * Of platform, QE and TDX module, in this order, duplicates kept.  Strings of the collateral.
	 */
	const char *advisory[DCAP_RESULT_ADVISORIES_MAX];
	size_t advisory_count;

	/*
	 * Expiry does not change the verdict: collateral_expired is Intel's collateral_expiration_status,
	 * over all items.  earliest is the item that expires first; DCAP_X_COUNT: not known.
	 */
	struct dcap_expiry expiry[DCAP_X_COUNT];
	enum dcap_expiring earliest;
	bool collateral_expired;

	bool has_quote;          /* quote is set: the quote could be taken apart, genuine or not */
	struct dcap_quote quote; /* points into the caller's buffer */
	bool is_debug;
	bool has_pck;
	struct dcap_pck pck; /* FMSPC, SVNs, ... */

	unsigned int signature_count; /* ECDSA verifications that this quote took */
};

/* x || y of the root certificate that Intel signs with. */
extern const uint8_t dcap_intel_root[P256_KEY_SIZE];

/* The root to trust from a certificate in PEM or DER: 0 or -EINVAL with the reason. */
int dcap_root_load(const void *data, size_t size, uint8_t ret[P256_KEY_SIZE], struct err *e);

/*
 * Verify a quote at a time (seconds since 1970, above 0), trusting root (x || y; NULL: Intel's).
 * Returns ret->error: DCAP_OK when status is set and not Revoked.  *ret is filled in any case, and
 * valid as long as quote and collateral are.
 */
enum dcap_error dcap_verify(const void *quote, size_t size,
                            const struct dcap_collateral *collateral, int64_t time,
                            const uint8_t *root, struct dcap_result *ret);

/*
 * The converged status (Intel's convergeTcbStatuses): what a platform's status becomes with
 * components (QE, TDX module) of these.
 */
enum dcap_status dcap_converge(enum dcap_status platform, const enum dcap_status *component,
                               size_t count);
/* The status of a TD by those of its launch and of the module now running. */
enum dcap_status dcap_relaunch(enum dcap_status launch, enum dcap_status current);

#endif
