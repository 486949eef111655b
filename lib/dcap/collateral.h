/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a quote is verified with, from files or from memory: read, parsed, and its own signatures
 * checked once, so that any number of quotes may be verified with it, by any number of threads (it does
 * not change any more).  Reading never fails for what an item says: dcap_verify reports it in its turn.
 */
#ifndef LIB_DCAP_COLLATERAL_H
#define LIB_DCAP_COLLATERAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/crypto/x509.h"
#include "lib/dcap/chain.h"
#include "lib/dcap/qeidentity.h"
#include "lib/dcap/tcbinfo.h"

/* The items as they are served; files of a folder have these names. */
enum dcap_item {
	DCAP_PCK_CRL_ISSUER_CHAIN, /* pck_crl_issuer_chain.pem */
	DCAP_ROOT_CA_CRL,          /* root_ca_crl.der: DER, PEM or hexadecimal, whatever its name */
	DCAP_PCK_CRL,              /* pck_crl.der */
	DCAP_TCB_INFO_ISSUER_CHAIN,    /* tcb_info_issuer_chain.pem */
	DCAP_TCB_INFO,                 /* tcb_info.json */
	DCAP_QE_IDENTITY_ISSUER_CHAIN, /* qe_identity_issuer_chain.pem */
	DCAP_QE_IDENTITY,              /* qe_identity.json */
	DCAP_ITEM_COUNT
};

/* Its file's name in a folder. */
const char *dcap_item_file(enum dcap_item item);

/* Versions of collateral that are supported: major in the low half, minor in the high one. */
#define DCAP_COLLATERAL_V1   UINT32_C(0x00000001)
#define DCAP_COLLATERAL_V3   UINT32_C(0x00000003)
#define DCAP_COLLATERAL_V3_1 UINT32_C(0x00010003)
#define DCAP_COLLATERAL_V4   UINT32_C(0x00000004)

/* The items' bytes; the caller's, or a folder's (dcap_files_load). */
struct dcap_files {
	uint32_t version;
	struct {
		const void *data; /* NULL: not there */
		size_t size;
	} item[DCAP_ITEM_COUNT];
};

/*
 * Read a folder's files, version 3: 0; -ENOENT for a folder or file that is not there and other
 * errors, with path and cause.  dcap_files_free releases what this made, and takes zeros.
 */
int dcap_files_load(const char *folder, struct dcap_files *ret, struct err *e);
void dcap_files_free(struct dcap_files *files);

/* An item that cannot be used, and why: DCAP_OK when it can. */
struct dcap_fault {
	enum dcap_error error;
	struct err why;
};

/* A revocation list, and by which keys its signature was found good. */
struct dcap_crl {
	struct x509_crl *x509;
	struct dcap_fault fault;
	uint8_t signer[P256_POINT_SIZE]; /* known good for this key; zeros: for none */
};

/* A signing chain, and whether the document that comes with it is signed by its topmost key. */
struct dcap_signing {
	struct dcap_chain chain;
	struct dcap_fault fault;
	bool document_is_signed;
};

struct dcap_collateral {
	uint32_t version;
	enum dcap_item missing; /* the first that is not there; DCAP_ITEM_COUNT: none */
	struct dcap_tcb_info tcb_info;
	struct dcap_qe_identity qe_identity;
	struct dcap_fault tcb_info_fault, qe_identity_fault;
	struct dcap_signing tcb_info_signing, qe_identity_signing;
	struct dcap_chain pck_crl_chain;
	struct dcap_fault pck_crl_chain_fault;
	struct dcap_crl root_crl, pck_crl;
};

/*
 * Prepare collateral from the items' bytes, which are copied where they are needed: 0, or -ENOMEM.
 * The caller frees *ret with dcap_collateral_free (takes NULL).
 */
int dcap_collateral_new(const struct dcap_files *files, struct dcap_collateral **ret);
void dcap_collateral_free(struct dcap_collateral *collateral);
void dcap_collateral_freep(struct dcap_collateral **collateral);

/* Is the list's signature by this key?  *count as in dcap_chain_signed_by. */
bool dcap_crl_signed_by(const struct dcap_crl *crl, const struct x509_cert *issuer,
                        unsigned int *count);

#endif
