// SPDX-License-Identifier: Apache-2.0
/*
 * Verification up to and with the collateral (steps 0 to 8): every check, made to fail by a world in
 * which just that is wrong.
 */
#include <openssl/obj_mac.h>

#include "lib/base/hex.h"
#include "tests/unit/lib/dcap/rows.h"

#define V5 5, SGX_QUOTE_BODY_SGX

/* Changes that are one assignment. */
#define SET(name, assignment)             \
	static void name(struct world *w) \
	{                                 \
		assignment;               \
	}

SET(time_zero, w->time = 0)
SET(version_2, w->version = 2)
SET(version_1, w->version = DCAP_COLLATERAL_V1)
SET(version_31, w->version = DCAP_COLLATERAL_V3_1)
SET(version_4, w->version = DCAP_COLLATERAL_V4)
SET(no_crl, w->broken[DCAP_PCK_CRL] = "")
SET(no_tcb_info, w->broken[DCAP_TCB_INFO] = "")
SET(key_type, w->header.att_key_type = SGX_QUOTE_KEY_ECDSA_P384)
SET(vendor, w->header.qe_vendor_id[0] ^= 1)
SET(quote_version, w->header.version = 6)
SET(v3_tee, w->header.tee_type = SGX_TEE_TDX)
SET(v4_outer, w->outer_type = SGX_CERT_PCK_CHAIN)
SET(v4_slack, w->slack = 1)
SET(v3_slack, w->slack = 7)
SET(v5_tee, w->header.tee_type = SGX_TEE_TDX)
SET(another_tee, w->header.tee_type = 1)
SET(v5_size, w->body_header.size = SGX_TD10_SIZE)
SET(cert_6, w->cert_type = SGX_CERT_QE_REPORT)
SET(cert_3, w->cert_type = SGX_CERT_PPID_RSA3072)
SET(cert_4, w->cert_type = SGX_CERT_PCK_LEAF)
SET(bad_tcb_info, w->broken[DCAP_TCB_INFO] = "{}")
SET(bad_identity, w->broken[DCAP_QE_IDENTITY] = "{}")
SET(bad_tcb_chain, w->broken[DCAP_TCB_INFO_ISSUER_CHAIN] = "no PEM")
SET(bad_qe_chain, w->broken[DCAP_QE_IDENTITY_ISSUER_CHAIN] = "no PEM")
SET(bad_crl_chain, w->broken[DCAP_PCK_CRL_ISSUER_CHAIN] = "no PEM")
SET(bad_root_crl, w->broken[DCAP_ROOT_CA_CRL] = "no DER")
SET(bad_pck_crl, w->broken[DCAP_PCK_CRL] = "no DER")
SET(no_crl_number, w->crl[PCK_CRL].no_number = true)
SET(two_certs, w->chain[QUOTE_CHAIN][2] = -1)
SET(no_self_issued, w->cert[C_ROOT].issuer = "Another Root CA")
SET(other_root, w->other_root = true)
SET(root_name, w->cert[C_ROOT].name = w->cert[C_ROOT].issuer = "Test Root CA")
SET(ca_name, w->cert[C_CA].name = w->cert[C_PCK].issuer = "Test Intermediate")
SET(pck_name, w->cert[C_PCK].name = "Test Certificate")
SET(root_signature, w->cert[C_ROOT].signer = K_OTHER)
SET(ca_issuer, w->cert[C_CA].issuer = "Another SGX Root CA")
SET(ca_signature, w->cert[C_CA].signer = K_OTHER)
SET(pck_issuer, w->cert[C_PCK].issuer = "Another CA")
SET(pck_signature, w->cert[C_PCK].signer = K_OTHER)
SET(root_crl_issuer, w->crl[ROOT_CRL].issuer = "Another SGX Root CA")
SET(root_crl_key, w->crl[ROOT_CRL].no_authority_key = true)
SET(root_crl_signature, w->crl[ROOT_CRL].signer = K_OTHER)
SET(pck_crl_issuer, w->crl[PCK_CRL].issuer = "Test SGX PCK Processor CA")
SET(pck_crl_key, w->crl[PCK_CRL].no_authority_key = true)
SET(pck_crl_signature, w->crl[PCK_CRL].signer = K_ROOT)
SET(ca_revoked, w->crl[ROOT_CRL].revoked = 2)
SET(pck_revoked, w->crl[PCK_CRL].revoked = 3)
SET(signer_revoked, w->crl[ROOT_CRL].revoked = 4)
SET(another_revoked, w->crl[ROOT_CRL].revoked = 3; w->crl[PCK_CRL].revoked = 2)
SET(tcb_chain_alone, w->chain[TCB_CHAIN][1] = -1)
SET(qe_chain_alone, w->chain[QE_CHAIN][0] = C_ROOT; w->chain[QE_CHAIN][1] = -1)
SET(signer_name, w->cert[C_SIGNER].name = "Test Signing")
/* The last of two that issued no other is taken for the signer. */
SET(signer_issuer, w->cert[C_SIGNER].issuer = "Another Root"; w->chain[TCB_CHAIN][0] = C_ROOT;
    w->chain[TCB_CHAIN][1] = C_SIGNER)
SET(signer_signature, w->cert[C_SIGNER].signer = K_OTHER)
SET(tcb_info_signature, w->document_signer[TCB_INFO] = K_PCK)
SET(identity_signature, w->document_signer[QE_IDENTITY] = K_PCK)
SET(no_key_usage, w->cert[C_PCK].omit_nid = NID_key_usage)
SET(no_ski, w->cert[C_CA].omit_nid = NID_subject_key_identifier)
SET(no_aki, w->cert[C_PCK].omit_nid = NID_authority_key_identifier)
SET(no_crl_point, w->cert[C_PCK].omit_nid = NID_crl_distribution_points)
SET(no_constraints, w->cert[C_ROOT].omit_nid = NID_basic_constraints)
SET(signer_no_key_usage, w->cert[C_SIGNER].omit_nid = NID_key_usage)
SET(no_sgx, w->cert[C_PCK].has_sgx = false)
SET(bad_sgx, w->sgx.omit = 4)
SET(processor, w->sgx.is_platform = false)

/* A chain to a root of the same name, with another key, in place of the trusted one. */
static void stranger(struct world *w, enum world_chain_name chain)
{
	w->cert[C_EXTRA] = w->cert[C_ROOT];
	w->cert[C_EXTRA].key = w->cert[C_EXTRA].signer = K_OTHER;
	w->chain[chain][1] = C_EXTRA;
}

static void tcb_chain_of_a_stranger(struct world *w)
{
	stranger(w, TCB_CHAIN);
	w->chain[QE_CHAIN][1] = C_EXTRA;
	w->cert[C_SIGNER].signer = K_OTHER;
}

/* The right key and names, but another certificate: its signature is another. */
static void another_root_certificate(struct world *w)
{
	w->cert[C_EXTRA] = w->cert[C_ROOT];
	w->cert[C_EXTRA].serial = 1234;
	w->chain[TCB_CHAIN][1] = C_EXTRA;
}

static void qe_chain_with_another_root(struct world *w)
{
	w->cert[C_EXTRA] = w->cert[C_ROOT];
	w->cert[C_EXTRA].serial = 1234;
	w->chain[QE_CHAIN][1] = C_EXTRA;
}

static void root_of_the_tcb_chain_not_self_signed(struct world *w)
{
	w->cert[C_EXTRA] = w->cert[C_ROOT];
	w->cert[C_EXTRA].signer = K_OTHER;
	w->chain[TCB_CHAIN][1] = C_EXTRA;
}

static void root_of_the_tcb_chain_is_no_root(struct world *w)
{
	w->cert[C_EXTRA] = w->cert[C_ROOT];
	w->cert[C_EXTRA].name = w->cert[C_EXTRA].issuer = "Test SGX Boot CA";
	w->chain[TCB_CHAIN][1] = C_EXTRA;
}

static void chain_in_another_order(struct world *w)
{
	w->chain[QUOTE_CHAIN][0] = C_ROOT;
	w->chain[QUOTE_CHAIN][2] = C_PCK;
	w->chain[TCB_CHAIN][0] = C_ROOT;
	w->chain[TCB_CHAIN][1] = C_SIGNER;
}

static void four_certs(struct world *w)
{
	w->chain[QUOTE_CHAIN][3] = C_SIGNER;
	w->chain[QUOTE_CHAIN][4] = -1;
}

static void five_certs(struct world *w)
{
	for (int i = 3; i < 5; i++)
		w->chain[QUOTE_CHAIN][i] = C_SIGNER;
	w->chain[QUOTE_CHAIN][5] = -1;
}

/* Two things are wrong: the earlier check decides. */
static void tcb_info_before_chain(struct world *w)
{
	bad_tcb_info(w);
	two_certs(w);
	bad_identity(w);
}

static void root_before_identity(struct world *w)
{
	other_root(w);
	bad_identity(w);
}

static void identity_before_chains(struct world *w)
{
	bad_identity(w);
	bad_qe_chain(w);
	bad_pck_crl(w);
}

static void pck_chain_before_tcb_info(struct world *w)
{
	pck_revoked(w);
	tcb_info_signature(w);
}

static void tcb_info_before_identity(struct world *w)
{
	tcb_info_signature(w);
	identity_signature(w);
}

static void expired_and_bad(struct world *w)
{
	w->time = NOW + 10 * YEAR;
	identity_signature(w);
}

/* Serial numbers are compared as magnitudes, so that -3 would be 0xfd, or 3. */
static void negative_serial(struct world *w)
{
	w->cert[C_PCK].serial = -3;
	w->crl[PCK_CRL].revoked = -3;
}

static char crl_text[65536];

static void serve_crl(struct world *w, void (*change)(uint8_t *der, size_t *size))
{
	static uint8_t der[16384];
	size_t size = world_crl(w, PCK_CRL, der, sizeof(der) - 1);

	change(der, &size);
	hex_encode(der, size, crl_text);
	w->broken[DCAP_PCK_CRL] = crl_text;
}

static void add_zero(uint8_t *der, size_t *size)
{
	der[(*size)++] = 0;
}

static void crl_with_a_byte_behind(struct world *w)
{
	serve_crl(w, add_zero);
}

/* ecdsa-with-SHA256 to SHA384, outside of what is signed. */
static void change_algorithm(uint8_t *der, size_t *size)
{
	static const uint8_t oid[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02 };
	size_t at = *size - sizeof(oid);

	while (at > 0 && memcmp(der + at, oid, sizeof(oid)) != 0)
		at--;
	assert_true(at > 0);
	der[at + sizeof(oid) - 1] = 3;
}

static void crl_of_another_algorithm(struct world *w)
{
	serve_crl(w, change_algorithm);
}

static void no_digit(char *text)
{
	char *at = strstr(text, "\"signature\":\"");

	assert_non_null(at);
	at[13] = 'g';
}

static void signature_with_no_digit(struct world *w)
{
	w->served = no_digit;
}

static void qe_isvsvn_at_two_dates(struct world *w)
{
	world_qe_level(w, 8, "OutOfDate", "2024-01-01", NULL);
}

static void module_status(struct world *w)
{
	world_replace(w->document[TCB_INFO], "\"OutOfDate\",\"advisoryIDs\":[\"M-2\"]",
	              "\"SWHardeningNeeded\",\"advisoryIDs\":[\"M-2\"]");
}

static void matched_module_status(struct world *w)
{
	module_status(w);
	w->td.tee_tcb_svn[0] = 2;
}

static void no_smt(struct world *w)
{
	w->sgx.omit = 0x703;
}

static const struct row rows[] = {
	{ "a world in which nothing is wrong", 0, 0, NULL, DCAP_OK, NULL },
	{ "a PCK certificate of the processor CA", 0, 0, processor, DCAP_OK, NULL },
	{ "certificates in another order", 0, 0, chain_in_another_order, DCAP_OK, NULL },
	{ "collateral of version 1", 0, 0, version_1, DCAP_OK, NULL },
	{ "collateral of version 3.1", 0, 0, version_31, DCAP_OK, NULL },
	{ "collateral of version 4", 0, 0, version_4, DCAP_OK, NULL },
	{ "no time", 0, 0, time_zero, DCAP_E_INVALID_PARAMETER, "time" },
	{ "collateral of another version", 0, 0, version_2, DCAP_E_COLLATERAL_VERSION_NOT_SUPPORTED,
	  "2.0" },
	{ "no PCK CRL", 0, 0, no_crl, DCAP_E_NO_COLLATERAL, "pck_crl.der" },
	{ "no TCB info", 0, 0, no_tcb_info, DCAP_E_NO_COLLATERAL, "tcb_info.json" },
	{ "attestation key on P-384", 0, 0, key_type, DCAP_E_UNSUPPORTED_QUOTE_FORMAT, "key type" },
	{ "QE of another vendor", 0, 0, vendor, DCAP_E_UNSUPPORTED_QUOTE_FORMAT, "vendor" },
	{ "quote of version 6", V5, quote_version, DCAP_E_UNSUPPORTED_QUOTE_FORMAT, "version 6" },
	{ "version 3 for TDX", 0, 0, v3_tee, DCAP_E_UNSUPPORTED_QUOTE_FORMAT, "TEE type 0x81" },
	{ "outer certification data not of type 6", 4, SGX_QUOTE_BODY_SGX, v4_outer,
	  DCAP_E_UNSUPPORTED_QUOTE_FORMAT, "type 5, not 6" },
	{ "bytes behind the inner certification data", 4, SGX_QUOTE_BODY_SGX, v4_slack,
	  DCAP_E_UNSUPPORTED_QUOTE_FORMAT, "1 bytes behind" },
	{ "slack in version 3", 0, 0, v3_slack, DCAP_OK, NULL },
	{ "SGX body in a TDX quote", V5, v5_tee, DCAP_E_UNSUPPORTED_QUOTE_FORMAT, "body type 1" },
	{ "quote of another TEE", V5, another_tee, DCAP_E_UNSUPPORTED_QUOTE_FORMAT,
	  "TEE type 0x1" },
	{ "body of another size", 5, SGX_QUOTE_BODY_TD15, v5_size, DCAP_E_UNSUPPORTED_QUOTE_FORMAT,
	  "584 bytes, not 648" },
	{ "certification data of type 6 in version 3", 0, 0, cert_6,
	  DCAP_E_UNSUPPORTED_QUOTE_FORMAT, "type 6, not 1 to 5" },
	{ "certification data of type 3", 0, 0, cert_3,
	  DCAP_E_UNSUPPORTED_QE_CERTIFICATION_DATA_TYPE, "type is 3" },
	{ "certification data of type 4", 4, SGX_QUOTE_BODY_SGX, cert_4,
	  DCAP_E_UNSUPPORTED_QE_CERTIFICATION_DATA_TYPE, "type is 4" },
	{ "TCB info that is none", 0, 0, bad_tcb_info, DCAP_E_TCB_INFO_UNSUPPORTED_FORMAT,
	  "no JSON" },
	{ "PCK chain of two", 0, 0, two_certs, DCAP_E_UNSUPPORTED_CERT_FORMAT, "2 certificates" },
	{ "PCK chain of four", 0, 0, four_certs, DCAP_E_UNSUPPORTED_CERT_FORMAT, "4 certificates" },
	{ "PCK chain of five", 0, 0, five_certs, DCAP_E_UNSUPPORTED_CERT_FORMAT,
	  "more than 4 certificates" },
	{ "PCK without an SGX extension", 0, 0, no_sgx, DCAP_E_UNSUPPORTED_CERT_FORMAT,
	  "no SGX extension" },
	{ "PCK with a broken SGX extension", 0, 0, bad_sgx, DCAP_E_UNSUPPORTED_CERT_FORMAT,
	  "6 entries" },
	{ "PCK without keyUsage", 0, 0, no_key_usage, DCAP_E_UNSUPPORTED_CERT_FORMAT, "keyUsage" },
	{ "PCK without authorityKeyIdentifier", 0, 0, no_aki, DCAP_E_UNSUPPORTED_CERT_FORMAT,
	  "authorityKeyIdentifier" },
	{ "PCK without CRL distribution point", 0, 0, no_crl_point, DCAP_E_UNSUPPORTED_CERT_FORMAT,
	  "cRLDistributionPoints" },
	{ "CA without subjectKeyIdentifier", 0, 0, no_ski, DCAP_E_UNSUPPORTED_CERT_FORMAT,
	  "PCK certificate chain: certificate 2: it has no subjectKeyIdentifier" },
	{ "root without basicConstraints", 0, 0, no_constraints, DCAP_E_UNSUPPORTED_CERT_FORMAT,
	  "basicConstraints" },
	{ "no root in the PCK chain", 0, 0, no_self_issued, DCAP_E_PCK_CERT_CHAIN_UNTRUSTED,
	  "no root" },
	{ "another root is trusted", 0, 0, other_root, DCAP_E_PCK_CERT_CHAIN_UNTRUSTED, "key of" },
	{ "QE identity that is none", 0, 0, bad_identity,
	  DCAP_E_ENCLAVE_IDENTITY_UNSUPPORTED_FORMAT, NULL },
	{ "TCB info chain that is none", 0, 0, bad_tcb_chain, DCAP_E_UNSUPPORTED_CERT_FORMAT,
	  "TCB info issuer chain" },
	{ "QE identity chain that is none", 0, 0, bad_qe_chain, DCAP_E_UNSUPPORTED_CERT_FORMAT,
	  "QE identity issuer chain" },
	{ "PCK CRL chain that is none", 0, 0, bad_crl_chain, DCAP_E_UNSUPPORTED_CERT_FORMAT,
	  "PCK CRL issuer chain" },
	{ "signer without keyUsage", 0, 0, signer_no_key_usage, DCAP_E_UNSUPPORTED_CERT_FORMAT,
	  "keyUsage" },
	{ "root CA CRL that is none", 0, 0, bad_root_crl, DCAP_E_CRL_UNSUPPORTED_FORMAT,
	  "root CA CRL" },
	{ "PCK CRL that is none", 0, 0, bad_pck_crl, DCAP_E_CRL_UNSUPPORTED_FORMAT, "PCK CRL" },
	{ "PCK CRL without crlNumber", 0, 0, no_crl_number, DCAP_E_CRL_UNSUPPORTED_FORMAT,
	  "crlNumber" },
	{ "root of another name", 0, 0, root_name, DCAP_E_ROOT_CA_MISSING, NULL },
	{ "no CA in the PCK chain", 0, 0, ca_name, DCAP_E_INTERMEDIATE_CA_MISSING, NULL },
	{ "no PCK in the PCK chain", 0, 0, pck_name, DCAP_E_PCK_MISSING, NULL },
	{ "root not signed by itself", 0, 0, root_signature, DCAP_E_ROOT_CA_INVALID_ISSUER,
	  "PCK certificate chain" },
	{ "CA of another issuer", 0, 0, ca_issuer, DCAP_E_INTERMEDIATE_CA_INVALID_ISSUER, NULL },
	{ "CA signed by another key", 0, 0, ca_signature, DCAP_E_INTERMEDIATE_CA_INVALID_ISSUER,
	  NULL },
	{ "PCK of another issuer", 0, 0, pck_issuer, DCAP_E_PCK_INVALID_ISSUER, NULL },
	{ "PCK signed by another key", 0, 0, pck_signature, DCAP_E_PCK_INVALID_ISSUER, NULL },
	{ "root CA CRL of another issuer", 0, 0, root_crl_issuer, DCAP_E_CRL_UNKNOWN_ISSUER,
	  "root CA CRL" },
	{ "root CA CRL without authorityKeyIdentifier", 0, 0, root_crl_key,
	  DCAP_E_CRL_INVALID_EXTENSIONS, "root CA CRL" },
	{ "root CA CRL signed by another key", 0, 0, root_crl_signature,
	  DCAP_E_CRL_INVALID_SIGNATURE, "root CA CRL" },
	{ "PCK CRL of another issuer", 0, 0, pck_crl_issuer, DCAP_E_CRL_UNKNOWN_ISSUER, "PCK CRL" },
	{ "PCK CRL without authorityKeyIdentifier", 0, 0, pck_crl_key,
	  DCAP_E_CRL_INVALID_EXTENSIONS, "PCK CRL" },
	{ "PCK CRL signed by another key", 0, 0, pck_crl_signature, DCAP_E_CRL_INVALID_SIGNATURE,
	  "PCK CRL" },
	{ "CA revoked", 0, 0, ca_revoked, DCAP_E_INTERMEDIATE_CA_REVOKED, NULL },
	{ "PCK revoked", 0, 0, pck_revoked, DCAP_E_PCK_REVOKED, NULL },
	{ "serial numbers on the other's list", 0, 0, another_revoked, DCAP_OK, NULL },
	{ "TCB info chain without root", 0, 0, tcb_chain_alone, DCAP_E_CHAIN_LENGTH, "TCB info" },
	{ "QE identity chain without signer", 0, 0, qe_chain_alone, DCAP_E_CHAIN_LENGTH,
	  "QE identity" },
	{ "TCB info chain to no SGX Root CA", 0, 0, root_of_the_tcb_chain_is_no_root,
	  DCAP_E_ROOT_CA_MISSING, "TCB info" },
	{ "TCB info root not signed by itself", 0, 0, root_of_the_tcb_chain_not_self_signed,
	  DCAP_E_ROOT_CA_INVALID_ISSUER, "TCB info" },
	{ "signer of another name", 0, 0, signer_name, DCAP_E_TCB_SIGNING_CERT_MISSING,
	  "TCB info" },
	{ "signer of another issuer", 0, 0, signer_issuer, DCAP_E_TCB_SIGNING_CERT_INVALID_ISSUER,
	  NULL },
	{ "signer signed by another key", 0, 0, signer_signature,
	  DCAP_E_TCB_SIGNING_CERT_INVALID_ISSUER, NULL },
	{ "root CA CRL not of the signing chain's root", 0, 0, tcb_chain_of_a_stranger,
	  DCAP_E_CRL_INVALID_SIGNATURE, "root CA CRL" },
	{ "signer revoked", 0, 0, signer_revoked, DCAP_E_TCB_SIGNING_CERT_REVOKED, "TCB info" },
	{ "TCB info chain to another root certificate", 0, 0, another_root_certificate,
	  DCAP_E_TCB_SIGNING_CERT_CHAIN_UNTRUSTED, "TCB info" },
	{ "QE identity chain to another root certificate", 0, 0, qe_chain_with_another_root,
	  DCAP_E_TCB_SIGNING_CERT_CHAIN_UNTRUSTED, "QE identity" },
	{ "TCB info signed by another key", 0, 0, tcb_info_signature,
	  DCAP_E_TCB_INFO_INVALID_SIGNATURE, NULL },
	{ "QE identity signed by another key", 0, 0, identity_signature,
	  DCAP_E_ENCLAVE_IDENTITY_INVALID_SIGNATURE, NULL },
	{ "TCB info before PCK chain and QE identity", 0, 0, tcb_info_before_chain,
	  DCAP_E_TCB_INFO_UNSUPPORTED_FORMAT, NULL },
	{ "root key before QE identity", 0, 0, root_before_identity,
	  DCAP_E_PCK_CERT_CHAIN_UNTRUSTED, NULL },
	{ "QE identity before chains and CRLs", 0, 0, identity_before_chains,
	  DCAP_E_ENCLAVE_IDENTITY_UNSUPPORTED_FORMAT, NULL },
	{ "PCK chain before TCB info's signature", 0, 0, pck_chain_before_tcb_info,
	  DCAP_E_PCK_REVOKED, NULL },
	{ "TCB info's signature before QE identity's", 0, 0, tcb_info_before_identity,
	  DCAP_E_TCB_INFO_INVALID_SIGNATURE, NULL },
	{ "expiry hides no bad signature", 0, 0, expired_and_bad,
	  DCAP_E_ENCLAVE_IDENTITY_INVALID_SIGNATURE, NULL },
	/* As Intel's library has it. */
	{ "a negative serial number", 0, 0, negative_serial, DCAP_E_UNSUPPORTED_CERT_FORMAT, NULL },
	{ "a CRL with a byte behind it", 0, 0, crl_with_a_byte_behind, DCAP_OK, NULL },
	{ "a CRL of another algorithm", 0, 0, crl_of_another_algorithm,
	  DCAP_E_CRL_INVALID_SIGNATURE, NULL },
	{ "a JSON signature that is no digits", 0, 0, signature_with_no_digit,
	  DCAP_E_TCB_INFO_INVALID_SIGNATURE, NULL },
	{ "a QE's ISVSVN at two dates: the newest", 0, 0, qe_isvsvn_at_two_dates, DCAP_OK, NULL },
	{ "another word for a TDX module's level that is not reached", 4, SGX_QUOTE_BODY_TD10,
	  module_status, DCAP_OK, NULL },
	{ "another word for a TDX module's level that is", 4, SGX_QUOTE_BODY_TD10,
	  matched_module_status, DCAP_E_TCB_NOT_SUPPORTED, "tcbStatus" },
	{ "a configuration without SMT", 0, 0, no_smt, DCAP_OK, NULL },
};

static void nothing_to_verify_is_a_wrong_parameter(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct dcap_result result;

	(void)state;
	assert_non_null(w);
	world_init(w, 3, SGX_QUOTE_BODY_SGX);
	assert_int_equal(world_verify(w), DCAP_OK);
	assert_int_equal(dcap_verify(NULL, 0, w->collateral, NOW, w->root, &result),
	                 DCAP_E_INVALID_PARAMETER);
	assert_int_equal(dcap_verify(w->quote, w->quote_size, NULL, NOW, w->root, &result),
	                 DCAP_E_INVALID_PARAMETER);
	/* Intel's root, where none is named. */
	assert_int_equal(dcap_verify(w->quote, w->quote_size, w->collateral, NOW, NULL, &result),
	                 DCAP_E_PCK_CERT_CHAIN_UNTRUSTED);
	world_free(w);
	free(w);
}

int main(void)
{
	const struct CMUnitTest more[] = {
		cmocka_unit_test(nothing_to_verify_is_a_wrong_parameter),
	};

	return run_rows("verify_collateral", rows, COUNT(rows), more, COUNT(more));
}
