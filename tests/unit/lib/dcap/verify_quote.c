// SPDX-License-Identifier: Apache-2.0
/*
 * Verification of the quote itself (steps 9 and 10): every check, made to fail by a world in which just
 * that is wrong, in all versions and bodies.
 */
#include <pthread.h>

#include "tests/unit/lib/dcap/rows.h"

#define SGX4 4, SGX_QUOTE_BODY_SGX
#define SGX5 5, SGX_QUOTE_BODY_SGX
#define TD4  4, SGX_QUOTE_BODY_TD10
#define TD5  5, SGX_QUOTE_BODY_TD15

#define SET(name, assignment)             \
	static void name(struct world *w) \
	{                                 \
		assignment;               \
	}
#define REPLACE(name, document_, from, to) \
	SET(name, world_replace(w->document[document_], from, to))

SET(issuer_shuffled, w->cert[C_PCK].issuer_shuffled = true)
SET(fmspc, w->sgx.fmspc[5] ^= 1)
SET(pceid, w->sgx.pceid[1] = 1)
SET(no_such_module, w->td.tee_tcb_svn[1] = 9)
SET(mrsignerseam, w->td.mrsignerseam[47] ^= 1)
SET(seamattributes, w->td.seamattributes[7] = 1)
SET(module_0, w->td.tee_tcb_svn[1] = 1; w->td.tee_tcb_svn[1] = 0)
SET(qe_signature, w->qe_signer = K_OTHER)
SET(qe_bit, w->flip = 564 + 64)
SET(key_bit, w->flip = 500)
SET(auth_bit, w->flip = 1014)
SET(reportdata, w->own_reportdata = true)
SET(upper_reportdata, w->qe_report.reportdata[32] = 1)
SET(no_auth, w->auth_size = 0)
SET(long_auth, w->auth_size = 64)
SET(miscselect, w->qe_report.miscselect = 1)
SET(qe_debug, w->qe_report.attributes.flags |= SGX_ATTR_DEBUG)
SET(qe_32_bit, w->qe_report.attributes.flags &= ~SGX_ATTR_MODE64BIT)
SET(qe_signer, w->qe_report.mrsigner[31] ^= 1)
SET(qe_product, w->qe_report.isvprodid = 2)
SET(bad_key, w->bad_attestation_key = true)
SET(signature, w->quote_signer = K_OTHER)
SET(user_data_bit, w->flip = 28)
SET(body_bit, w->flip = 48 + 64)
SET(body_header_signed, w->flip = 48 + 6 + 100)
SET(both_signatures, w->quote_signer = w->qe_signer = K_OTHER)
SET(component, w->sgx.svn[15] = 4)
SET(pcesvn, w->sgx.pcesvn = 10)
SET(higher, memset(w->sgx.svn, 255, 16); w->sgx.pcesvn = 65535; w->qe_report.isvsvn = 65535)
SET(qe_svn, w->qe_report.isvsvn = 7)
SET(td_component, w->td.tee_tcb_svn[15] = 0)
SET(module_svn, w->td.tee_tcb_svn[0] = 1)
SET(td_svn2, w->td.tee_tcb_svn2[2] = 0)
SET(td_module2, w->td.tee_tcb_svn2[1] = 9)
SET(revoked_qe, world_no_levels(w, QE_IDENTITY);
    world_qe_level(w, 8, "Revoked", "2025-01-01", NULL))
REPLACE(module_attributes, TCB_INFO, "\"TDX_03\",\"mrsigner\":\"5e", "\"TDX_03\",\"mrsigner\":\"5f")
REPLACE(module_seam, TCB_INFO,
        "\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\",\"tcbLevels\"",
        "\"attributes\":\"0100000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\",\"tcbLevels\"")
REPLACE(module_case, TCB_INFO, "TDX_03", "tdx_03")
REPLACE(no_identities, TCB_INFO, "tdxModuleIdentities", "somethingElse")
REPLACE(identity_for_tdx, QE_IDENTITY, "\"QE\"", "\"TD_QE\"")
REPLACE(identity_for_qve, QE_IDENTITY, "\"QE\"", "\"QVE\"")
REPLACE(identity_for_sgx, QE_IDENTITY, "\"TD_QE\"", "\"QE\"")
REPLACE(revoked_module, TCB_INFO, "\"UpToDate\"}]}]", "\"Revoked\"}]}]")

static void misc_little_endian(struct world *w)
{
	world_replace(w->document[QE_IDENTITY], "\"miscselect\":\"00000000\"",
	              "\"miscselect\":\"00000080\"");
	w->qe_report.miscselect = UINT32_C(0x80000000);
}

/* The TCB info of a world for another TEE. */
static void info_of(struct world *w, uint16_t version, uint16_t body_type)
{
	struct world *other = calloc(1, sizeof(*other));

	assert_non_null(other);
	world_init(other, version, body_type);
	memcpy(w->document[TCB_INFO], other->document[TCB_INFO], sizeof(w->document[0]));
	free(other);
}

static void info_for_tdx(struct world *w)
{
	info_of(w, TD4);
}

static void info_for_sgx(struct world *w)
{
	info_of(w, SGX4);
}

/* Version 2 names each component. */
static void info_version_2(struct world *w)
{
	char level[1024] = "";

	for (unsigned int i = 1; i <= 16; i++)
		snprintf(level + strlen(level), sizeof(level) - strlen(level),
		         "\"sgxtcbcomp%02usvn\":5,", i);
	snprintf(w->document[TCB_INFO], sizeof(w->document[0]),
	         "{\"version\":2,\"issueDate\":\"2025-06-01T00:00:00Z\","
	         "\"nextUpdate\":\"2025-07-01T00:00:00Z\",\"fmspc\":\"00a0b0c0d0e0\","
	         "\"pceId\":\"0000\",\"tcbType\":0,\"tcbEvaluationDataNumber\":1,"
	         "\"tcbLevels\":[{\"tcb\":{%s\"pcesvn\":11},\"tcbDate\":\"2025-03-01T00:00:00Z\","
	         "\"tcbStatus\":\"UpToDate\"}]}",
	         level);
}

static void revoked_platform(struct world *w)
{
	world_no_levels(w, TCB_INFO);
	world_level(w, &(struct world_level){ 5, 11, "Revoked", "2025-01-01", NULL, 0, 0, 1 });
}

static void level_twice(struct world *w)
{
	world_level(w, &(struct world_level){ 5, 11, "OutOfDate", "2024-01-01", NULL, 0, 0, 1 });
}

/* Indented, as some caches serve it. */
static void indent(char *text)
{
	world_replace(text, ",\"version\":", " ,\n\t\"version\" :\r\n ");
}

/* White space in a string is no indentation, and a change is a change. */
static void space_in_a_string(char *text)
{
	if (strstr(text, "\"fmspc\":\""))
		world_replace(text, "UpToDate", "OutOfDate");
}

SET(indented, w->served = indent)
SET(changed, w->served = space_in_a_string)

static const struct row rows[] = {
	{ "SGX quote of version 3", 0, 0, NULL, DCAP_OK, NULL },
	{ "SGX quote of version 4", SGX4, NULL, DCAP_OK, NULL },
	{ "SGX quote of version 5", SGX5, NULL, DCAP_OK, NULL },
	{ "TDX quote of version 4", TD4, NULL, DCAP_OK, NULL },
	{ "TDX 1.0 quote of version 5", 5, SGX_QUOTE_BODY_TD10, NULL, DCAP_OK, NULL },
	{ "TDX 1.5 quote of version 5", TD5, NULL, DCAP_OK, NULL },
	{ "TDX 1.5 extended quote of version 5", 5, SGX_QUOTE_BODY_TD15X, NULL, DCAP_OK, NULL },
	{ "TCB info of version 2", 0, 0, info_version_2, DCAP_OK, NULL },
	{ "documents that were indented on their way", 0, 0, indented, DCAP_OK, NULL },
	{ "documents that were changed on their way", 0, 0, changed,
	  DCAP_E_TCB_INFO_INVALID_SIGNATURE, NULL },
	{ "the PCK's issuer has its names in another order", 0, 0, issuer_shuffled,
	  DCAP_E_INVALID_PCK_CRL, NULL },
	{ "TCB info for TDX, quote of SGX", SGX4, info_for_tdx, DCAP_E_TCB_INFO_MISMATCH, "TEE" },
	{ "TCB info for SGX, quote of TDX", TD4, info_for_sgx, DCAP_E_TCB_INFO_MISMATCH, "TEE" },
	{ "TCB info of version 2, quote of TDX", TD4, info_version_2, DCAP_E_TCB_INFO_MISMATCH,
	  "TEE" },
	{ "another FMSPC", 0, 0, fmspc, DCAP_E_TCB_INFO_MISMATCH, "FMSPC" },
	{ "another PCEID", 0, 0, pceid, DCAP_E_TCB_INFO_MISMATCH, "PCEID" },
	{ "no identity of the TDX module", TD4, no_such_module, DCAP_E_TDX_MODULE_MISMATCH,
	  "TDX_09" },
	{ "no identities of TDX modules", TD5, no_identities, DCAP_E_TDX_MODULE_MISMATCH,
	  "TDX_03" },
	{ "TDX module's name in lower case", TD4, module_case, DCAP_OK, NULL },
	{ "TDX module without a version", TD4, module_0, DCAP_OK, NULL },
	{ "another MRSIGNERSEAM", TD4, mrsignerseam, DCAP_E_TDX_MODULE_MISMATCH, "MRSIGNERSEAM" },
	{ "another MRSIGNER of the TDX module", TD5, module_attributes, DCAP_E_TDX_MODULE_MISMATCH,
	  "MRSIGNERSEAM" },
	{ "SEAMATTRIBUTES not zero", TD4, seamattributes, DCAP_E_TDX_MODULE_MISMATCH,
	  "SEAMATTRIBUTES" },
	{ "attributes of the TDX module not zero", TD5, module_seam, DCAP_E_TDX_MODULE_MISMATCH,
	  "SEAMATTRIBUTES" },
	{ "QE report signed by another key", SGX4, qe_signature, DCAP_E_INVALID_QE_REPORT_SIGNATURE,
	  NULL },
	{ "a bit of the QE report", 0, 0, qe_bit, DCAP_E_INVALID_QE_REPORT_SIGNATURE, NULL },
	{ "QE report for another attestation key", 0, 0, reportdata, DCAP_E_INVALID_QE_REPORT_DATA,
	  NULL },
	{ "a bit of the attestation key", 0, 0, key_bit, DCAP_E_INVALID_QE_REPORT_DATA, NULL },
	{ "a bit of the authentication data", 0, 0, auth_bit, DCAP_E_INVALID_QE_REPORT_DATA, NULL },
	{ "the upper half of the QE's REPORTDATA", 0, 0, upper_reportdata, DCAP_OK, NULL },
	{ "no authentication data", SGX5, no_auth, DCAP_OK, NULL },
	{ "authentication data of another size", 0, 0, long_auth, DCAP_OK, NULL },
	{ "QE identity for TDX, quote of SGX", SGX5, identity_for_tdx, DCAP_E_QE_IDENTITY_MISMATCH,
	  "TEE" },
	{ "QE identity for SGX, quote of TDX", TD5, identity_for_sgx, DCAP_E_QE_IDENTITY_MISMATCH,
	  "TEE" },
	{ "QE identity of the QvE", 0, 0, identity_for_qve, DCAP_E_QE_IDENTITY_MISMATCH, "TEE" },
	{ "QE with another MISCSELECT", 0, 0, miscselect, DCAP_E_QE_IDENTITY_MISMATCH,
	  "MISCSELECT" },
	{ "MISCSELECT of the identity is little-endian", 0, 0, misc_little_endian, DCAP_OK, NULL },
	{ "QE with another attribute", 0, 0, qe_debug, DCAP_E_QE_IDENTITY_MISMATCH, "ATTRIBUTES" },
	{ "QE with an attribute that the mask leaves out", 0, 0, qe_32_bit, DCAP_OK, NULL },
	{ "QE of another signer", TD4, qe_signer, DCAP_E_QE_IDENTITY_MISMATCH, "MRSIGNER" },
	{ "QE of another product", 0, 0, qe_product, DCAP_E_QE_IDENTITY_MISMATCH, "ISVPRODID" },
	{ "attestation key off the curve", 0, 0, bad_key, DCAP_E_UNSUPPORTED_QUOTE_FORMAT,
	  "point" },
	{ "quote signed by another key", TD5, signature, DCAP_E_INVALID_QUOTE_SIGNATURE, NULL },
	{ "a bit of the header", 0, 0, user_data_bit, DCAP_E_INVALID_QUOTE_SIGNATURE, NULL },
	{ "a bit of MRENCLAVE", 0, 0, body_bit, DCAP_E_INVALID_QUOTE_SIGNATURE, NULL },
	{ "a bit of the body of version 5", SGX5, body_header_signed,
	  DCAP_E_INVALID_QUOTE_SIGNATURE, NULL },
	{ "the QE report's signature before the quote's", 0, 0, both_signatures,
	  DCAP_E_INVALID_QE_REPORT_SIGNATURE, NULL },
	{ "a component SVN below every level", 0, 0, component, DCAP_E_TCB_NOT_SUPPORTED,
	  "platform" },
	{ "a PCESVN below every level", 0, 0, pcesvn, DCAP_E_TCB_NOT_SUPPORTED, "platform" },
	{ "SVNs above every level", 0, 0, higher, DCAP_OK, NULL },
	{ "a QE's ISVSVN below every level", 0, 0, qe_svn, DCAP_E_TCB_NOT_SUPPORTED,
	  "ISVSVN 7 of the QE" },
	{ "a TDX component SVN below every level", TD4, td_component, DCAP_E_TCB_NOT_SUPPORTED,
	  "platform" },
	{ "a TDX module's SVN below every level", TD4, module_svn, DCAP_E_TCB_NOT_SUPPORTED,
	  "SVN 1 of TDX module TDX_03" },
	{ "the running module's SVNs below every level", TD5, td_svn2, DCAP_E_TCB_NOT_SUPPORTED,
	  "platform" },
	{ "no identity of the running module", TD5, td_module2, DCAP_E_TCB_NOT_SUPPORTED,
	  "TDX_09" },
	{ "the same in TDX 1.0, which does not say it", 5, SGX_QUOTE_BODY_TD10, td_module2, DCAP_OK,
	  NULL },
	{ "platform revoked", 0, 0, revoked_platform, DCAP_E_TCB_REVOKED, "platform" },
	{ "QE revoked", SGX5, revoked_qe, DCAP_E_TCB_REVOKED, "QE" },
	{ "TDX module revoked", TD4, revoked_module, DCAP_E_TCB_REVOKED, "TDX module" },
	{ "a TCB level twice", 0, 0, level_twice, DCAP_E_TCB_INFO_UNSUPPORTED_FORMAT, "twice" },
};

static void *verify_often(void *argument)
{
	const struct world *w = argument;
	static _Thread_local struct dcap_result result;
	uint8_t root[64];
	intptr_t good = 0;

	memcpy(root, w->root, sizeof(root));
	for (int i = 0; i < 20; i++)
		good += dcap_verify(w->quote, w->quote_size, w->collateral, w->time, root,
		                    &result) == DCAP_OK;
	return (void *)good;
}

static void prepared_collateral_serves_threads_at_once(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	pthread_t thread[4];

	(void)state;
	assert_non_null(w);
	world_init(w, TD5);
	assert_int_equal(world_verify(w), DCAP_OK);
	for (size_t i = 0; i < COUNT(thread); i++)
		assert_int_equal(pthread_create(&thread[i], NULL, verify_often, w), 0);
	for (size_t i = 0; i < COUNT(thread); i++) {
		void *good;

		assert_int_equal(pthread_join(thread[i], &good), 0);
		assert_int_equal((intptr_t)good, 20);
	}
	world_free(w);
	free(w);
}

int main(void)
{
	const struct CMUnitTest more[] = {
		cmocka_unit_test(prepared_collateral_serves_threads_at_once),
	};

	return run_rows("verify_quote", rows, COUNT(rows), more, COUNT(more));
}
