/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A world of one's own: a certification authority, a platform, a QE and everything that Intel would
 * sign, every part of which a test may say otherwise before it is made.  As world_init leaves it, it
 * gives UpToDate.
 */
#ifndef TESTS_UNIT_LIB_DCAP_WORLD_H
#define TESTS_UNIT_LIB_DCAP_WORLD_H

#include "tests/unit/lib/dcap/extension.h"

#include "lib/dcap/verify.h"

#define NOW  INT64_C(1750000000) /* 2025-06-15 */
#define PAST (NOW - 1)
#define YEAR INT64_C(31536000)

enum world_key { K_ROOT, K_CA, K_PCK, K_SIGNER, K_ATTESTATION, K_OTHER, K_COUNT };
enum world_cert_name { C_ROOT, C_CA, C_PCK, C_SIGNER, C_EXTRA, C_COUNT };
enum world_chain_name { QUOTE_CHAIN, CRL_CHAIN, TCB_CHAIN, QE_CHAIN, CHAIN_COUNT };
enum world_crl_name { ROOT_CRL, PCK_CRL, CRL_COUNT };
enum world_document { TCB_INFO, QE_IDENTITY, DOCUMENT_COUNT };

struct world_cert {
	const char *name, *issuer; /* common names; the other four parts are the same for all */
	enum world_key key, signer;
	long serial;
	int64_t not_after;
	int omit_nid;         /* a standard extension to leave out; 0: none */
	bool issuer_shuffled; /* the parts of its issuer's name in another order */
	bool has_sgx;         /* the SGX extension of world.sgx */
};

struct world_crl {
	const char *issuer;
	enum world_key signer;
	long revoked; /* a serial number; 0: none */
	int64_t this_update, next_update;
	bool no_authority_key, no_number;
};

struct world {
	struct world_cert cert[C_COUNT];
	int chain[CHAIN_COUNT][8]; /* enum world_cert_name, -1 behind the last */
	struct world_crl crl[CRL_COUNT];
	struct extension_spec sgx;
	/* The objects that are signed; change them with world_replace or world_level. */
	char document[DOCUMENT_COUNT][16384];
	enum world_key document_signer[DOCUMENT_COUNT];
	void (*served)(char *text); /* done to both documents after signing; NULL: nothing */
	const char *broken[DCAP_ITEM_COUNT]; /* instead of an item; "" leaves it out */

	struct sgx_quote_header header;
	struct sgx_quote_body_header body_header; /* version 5 */
	struct sgx_report report;
	struct sgx_td_report td;
	struct sgx_report qe_report; /* its REPORTDATA is made, unless own_reportdata */
	bool own_reportdata;
	uint8_t auth[64];
	uint16_t auth_size;
	uint16_t outer_type, cert_type;
	enum world_key qe_signer, quote_signer;
	bool bad_attestation_key; /* no point of the curve */
	int flip;                 /* a byte of the made quote that gets a bit flipped; -1: none */
	uint32_t slack; /* bytes behind the certification data, inside the signature data */

	uint32_t version; /* of the collateral */
	int64_t time;
	bool other_root; /* trust K_OTHER */

	/* What world_verify made; world_free releases it.  A certificate is made once. */
	char pem[C_COUNT][4096];
	struct dcap_collateral *collateral;
	uint8_t quote[32768];
	size_t quote_size;
	uint8_t root[64]; /* that is trusted */
	struct dcap_result result;
};

/* A quote of this version (3, 4, 5) with a body of this type (SGX_QUOTE_BODY_*); w is zeros or a world. */
void world_init(struct world *w, uint16_t version, uint16_t body_type);
/* Make everything, verify; the result is in w->result. */
enum dcap_error world_verify(struct world *w);
void world_free(struct world *w);

/* Replace the one place where from stands; fails the test when there is none. */
void world_replace(char *text, const char *from, const char *to);
/*
 * A TCB level before the ones that the TCB info has.  svn: all 16 components, tdx: TDX components 2 to
 * 15, with tdx0 and tdx1 for the first two.
 */
struct world_level {
	unsigned int svn, pcesvn;
	const char *status, *date; /* "2025-01-01" */
	const char *advisories;    /* "[\"A\"]"; NULL: no member */
	unsigned int tdx0, tdx1, tdx;
};
void world_level(struct world *w, const struct world_level *level);
/* Drop all levels of a document. */
void world_no_levels(struct world *w, enum world_document document);
/* A level by ISVSVN before those of the QE identity. */
void world_qe_level(struct world *w, unsigned int isvsvn, const char *status, const char *date,
                    const char *advisories);

/* Used by world.c; made once for all worlds. */
const void *world_point(enum world_key key); /* x || y */
void world_sign(enum world_key key, const void *data, size_t size, uint8_t signature[64]);
/* A chain in PEM into text; its size. */
size_t world_pem(struct world *w, enum world_chain_name chain, char *text, size_t cap);
size_t world_crl(const struct world *w, enum world_crl_name name, uint8_t *der, size_t cap);

#endif
