// SPDX-License-Identifier: Apache-2.0
/* Documents and quotes of the test world. */
#include "tests/unit/lib/dcap/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/hex.h"

#define CA_NAME     "Test SGX PCK Platform CA"
#define ROOT_NAME   "Test SGX Root CA"
#define SIGNER_NAME "Test SGX TCB Signing"

#define SVN      5
#define PCESVN   11
#define QE_SVN   8
#define SVN_TEXT "5"

static bool is_tdx(const struct world *w)
{
	return w->header.tee_type == SGX_TEE_TDX;
}

void world_replace(char *text, const char *from, const char *to)
{
	char *at = strstr(text, from);
	size_t tail;

	assert_non_null(at);
	tail = strlen(at + strlen(from)) + 1;
	memmove(at + strlen(to), at + strlen(from), tail);
	memcpy(at, to, strlen(to));
}

static void components(char *text, size_t cap, unsigned int first, unsigned int second,
                       unsigned int rest)
{
	size_t size = 0;

	for (unsigned int i = 0; i < 16; i++)
		size += (size_t)snprintf(text + size, cap - size, "%s{\"svn\":%u}", i ? "," : "",
		                         i == 0   ? first
		                         : i == 1 ? second
		                                  : rest);
}

static void put_first(char *document, const char *level)
{
	char with[4096];
	bool is_only = strstr(document, "\"tcbLevels\":[]") != NULL;

	snprintf(with, sizeof(with), "\"tcbLevels\":[%s%s", level, is_only ? "" : ",");
	/* The document's own levels come last in it, behind those of TDX modules. */
	for (char *at = document, *next; (next = strstr(at, "\"tcbLevels\":[")); at = next + 1)
		document = next;
	world_replace(document, "\"tcbLevels\":[", with);
}

static void rest_of_level(char *text, size_t cap, const char *status, const char *date,
                          const char *advisories)
{
	int size = snprintf(text, cap, "\"tcbDate\":\"%sT00:00:00Z\",\"tcbStatus\":\"%s\"", date,
	                    status);

	if (advisories)
		snprintf(text + size, cap - (size_t)size, ",\"advisoryIDs\":%s", advisories);
}

void world_level(struct world *w, const struct world_level *l)
{
	char sgx[512], tdx[512], text[2048], rest[512];
	int size;

	components(sgx, sizeof(sgx), l->svn, l->svn, l->svn);
	components(tdx, sizeof(tdx), l->tdx0, l->tdx1, l->tdx);
	rest_of_level(rest, sizeof(rest), l->status, l->date, l->advisories);
	size = snprintf(text, sizeof(text), "{\"tcb\":{\"sgxtcbcomponents\":[%s],\"pcesvn\":%u",
	                sgx, l->pcesvn);
	if (is_tdx(w))
		size += snprintf(text + size, sizeof(text) - (size_t)size,
		                 ",\"tdxtcbcomponents\":[%s]", tdx);
	snprintf(text + size, sizeof(text) - (size_t)size, "},%s}", rest);
	put_first(w->document[TCB_INFO], text);
}

void world_qe_level(struct world *w, unsigned int isvsvn, const char *status, const char *date,
                    const char *advisories)
{
	char text[1024], rest[512];

	rest_of_level(rest, sizeof(rest), status, date, advisories);
	snprintf(text, sizeof(text), "{\"tcb\":{\"isvsvn\":%u},%s}", isvsvn, rest);
	put_first(w->document[QE_IDENTITY], text);
}

void world_no_levels(struct world *w, enum world_document document)
{
	char *at = w->document[document];

	for (char *next; (next = strstr(at, "\"tcbLevels\":[")); at = next + 1)
		;
	strcpy(at - 1, "\"tcbLevels\":[]}");
}

static void init_tcb_info(struct world *w)
{
	char module[2048] = "", mrsigner[97];

	hex_encode(w->td.mrsignerseam, 48, mrsigner);
	if (is_tdx(w))
		snprintf(
			module, sizeof(module),
			"\"tdxModule\":{\"mrsigner\":\"%s\",\"attributes\":\"0000000000000000\","
			"\"attributesMask\":\"FFFFFFFFFFFFFFFF\"},\"tdxModuleIdentities\":[{"
			"\"id\":\"TDX_03\",\"mrsigner\":\"%s\",\"attributes\":\"0000000000000000\","
			"\"attributesMask\":\"FFFFFFFFFFFFFFFF\",\"tcbLevels\":[{\"tcb\":{"
			"\"isvsvn\":2},\"tcbDate\":\"2024-06-01T00:00:00Z\",\"tcbStatus\":"
			"\"OutOfDate\",\"advisoryIDs\":[\"M-2\"]},{\"tcb\":{\"isvsvn\":4},"
			"\"tcbDate\":\"2025-02-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}]}],",
			mrsigner, mrsigner);
	snprintf(w->document[TCB_INFO], sizeof(w->document[0]),
	         "{\"id\":\"%s\",\"version\":3,\"issueDate\":\"2025-06-01T00:00:00Z\","
	         "\"nextUpdate\":\"2025-07-01T00:00:00Z\",\"fmspc\":\"00A0B0C0D0E0\","
	         "\"pceId\":\"0000\",\"tcbType\":0,\"tcbEvaluationDataNumber\":17,%s"
	         "\"tcbLevels\":[]}",
	         is_tdx(w) ? "TDX" : "SGX", module);
	world_level(w,
	            &(struct world_level){ SVN, PCESVN, "UpToDate", "2025-03-01", NULL, 0, 0, 1 });
}

static void init_qe_identity(struct world *w)
{
	snprintf(
		w->document[QE_IDENTITY], sizeof(w->document[0]),
		"{\"id\":\"%s\",\"version\":2,\"issueDate\":\"2025-06-01T00:00:00Z\","
		"\"nextUpdate\":\"2025-07-02T00:00:00Z\",\"tcbEvaluationDataNumber\":17,"
		"\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\","
		"\"attributes\":\"11000000000000000000000000000000\","
		"\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\","
		"\"mrsigner\":\"5151515151515151515151515151515151515151515151515151515151515151\","
		"\"isvprodid\":1,\"tcbLevels\":[]}",
		is_tdx(w) ? "TD_QE" : "QE");
	world_qe_level(w, QE_SVN, "UpToDate", "2025-04-01", NULL);
}

static void init_pki(struct world *w)
{
	const int64_t later = NOW + YEAR;

	w->cert[C_ROOT] = (struct world_cert){ ROOT_NAME,    ROOT_NAME, K_ROOT, K_ROOT, 1,
		                               later + YEAR, 0,         false,  false };
	w->cert[C_CA] = (struct world_cert){ CA_NAME,   ROOT_NAME, K_CA,  K_ROOT, 2,
		                             later + 2, 0,         false, false };
	w->cert[C_PCK] = (struct world_cert){
		"Test SGX PCK Certificate", CA_NAME, K_PCK, K_CA, 3, later + 3, 0, false, true
	};
	w->cert[C_SIGNER] = (struct world_cert){ SIGNER_NAME, ROOT_NAME, K_SIGNER, K_ROOT, 4,
		                                 later + 4,   0,         false,    false };
	w->cert[C_EXTRA] = w->cert[C_ROOT];
	memcpy(w->chain,
	       (const int[CHAIN_COUNT][8]){ [QUOTE_CHAIN] = { C_PCK, C_CA, C_ROOT, -1 },
	                                    [CRL_CHAIN] = { C_CA, C_ROOT, -1 },
	                                    [TCB_CHAIN] = { C_SIGNER, C_ROOT, -1 },
	                                    [QE_CHAIN] = { C_SIGNER, C_ROOT, -1 } },
	       sizeof(w->chain));
	w->crl[ROOT_CRL] =
		(struct world_crl){ ROOT_NAME, K_ROOT, 0, NOW - 100, later, false, false };
	w->crl[PCK_CRL] =
		(struct world_crl){ CA_NAME, K_CA, 0, NOW - 100, NOW + 1000, false, false };
	memset(w->sgx.svn, SVN, sizeof(w->sgx.svn));
	w->sgx.pcesvn = PCESVN;
	w->sgx.is_platform = true;
	memcpy(w->sgx.fmspc, "\x00\xa0\xb0\xc0\xd0\xe0", 6);
	w->document_signer[TCB_INFO] = w->document_signer[QE_IDENTITY] = K_SIGNER;
}

static void init_quote(struct world *w, uint16_t version, uint16_t body_type)
{
	static const uint8_t vendor[] = SGX_QE_VENDOR_INTEL;
	static const uint32_t size[] = { 0, SGX_REPORT_BODY_SIZE, SGX_TD10_SIZE, SGX_TD15_SIZE,
		                         SGX_TD15X_SIZE };

	w->header.version = version;
	w->header.att_key_type = SGX_QUOTE_KEY_ECDSA_P256;
	w->header.tee_type = body_type == SGX_QUOTE_BODY_SGX ? SGX_TEE_SGX : SGX_TEE_TDX;
	memcpy(w->header.qe_vendor_id, vendor, sizeof(vendor));
	w->body_header.type = body_type;
	w->body_header.size = size[body_type];
	memset(w->report.mrenclave, 0xe1, 32);
	memset(w->report.reportdata, 0xda, 64);
	w->report.attributes.flags = SGX_ATTR_INIT | SGX_ATTR_MODE64BIT;
	memset(w->td.mrsignerseam, 0x5e, 48);
	memset(w->td.reportdata, 0xdb, 64);
	memset(w->td.tee_tcb_svn, 1, 16);
	w->td.tee_tcb_svn[0] = 4;
	w->td.tee_tcb_svn[1] = 3;
	memcpy(w->td.tee_tcb_svn2, w->td.tee_tcb_svn, 16);
	w->qe_report.attributes.flags = 0x11 | SGX_ATTR_MODE64BIT;
	w->qe_report.attributes.xfrm = 7;
	memset(w->qe_report.mrsigner, 0x51, 32);
	w->qe_report.isvprodid = 1;
	w->qe_report.isvsvn = QE_SVN;
	w->auth_size = 32;
	w->outer_type = SGX_CERT_QE_REPORT;
	w->cert_type = SGX_CERT_PCK_CHAIN;
	w->qe_signer = K_PCK;
	w->quote_signer = K_ATTESTATION;
	w->flip = -1;
}

void world_init(struct world *w, uint16_t version, uint16_t body_type)
{
	world_free(w);
	memset(w, 0, sizeof(*w));
	init_pki(w);
	init_quote(w, version, body_type);
	init_tcb_info(w);
	init_qe_identity(w);
	w->version = DCAP_COLLATERAL_V3;
	w->time = NOW;
}

static void put(struct world *w, const void *data, size_t size)
{
	assert_true(w->quote_size + size <= sizeof(w->quote));
	memcpy(w->quote + w->quote_size, data, size);
	w->quote_size += size;
}

static void put_cert_header(struct world *w, uint16_t type, size_t size)
{
	put(w, &(struct sgx_cert_header){ type, (uint32_t)size }, sizeof(struct sgx_cert_header));
}

static void bind(struct world *w, const uint8_t key[64])
{
	uint8_t bound[64 + sizeof(w->auth)];

	memcpy(bound, key, 64);
	memcpy(bound + 64, w->auth, w->auth_size);
	if (!w->own_reportdata)
		ecdsa_sha256(bound, 64u + w->auth_size, w->qe_report.reportdata);
}

/* From the signature's size on; the parts before are there already. */
static void put_signature(struct world *w)
{
	static char chain[16384];
	size_t cert_size = world_pem(w, QUOTE_CHAIN, chain, sizeof(chain)) + 1;
	size_t qe_size = 384 + 64 + 2 + w->auth_size + 6u + cert_size;
	uint32_t size = (uint32_t)(128 + qe_size + (w->header.version > 3 ? 6 : 0) + w->slack);
	uint8_t signature[64], key[64];

	world_sign(w->quote_signer, w->quote, w->quote_size, signature);
	memcpy(key, world_point(K_ATTESTATION), 64);
	if (w->bad_attestation_key)
		key[63] ^= 1;
	put(w, &size, sizeof(size));
	put(w, signature, sizeof(signature));
	put(w, key, sizeof(key));
	if (w->header.version > 3)
		put_cert_header(w, w->outer_type, qe_size + w->slack);
	bind(w, key);
	world_sign(w->qe_signer, &w->qe_report, SGX_REPORT_BODY_SIZE, signature);
	put(w, &w->qe_report, SGX_REPORT_BODY_SIZE);
	put(w, signature, sizeof(signature));
	put(w, &w->auth_size, sizeof(w->auth_size));
	put(w, w->auth, w->auth_size);
	put_cert_header(w, w->cert_type, cert_size);
	put(w, chain, cert_size);
	put(w, (const uint8_t[64]){ 0 }, w->slack);
}

static void make_quote(struct world *w)
{
	w->quote_size = 0;
	put(w, &w->header, sizeof(w->header));
	if (w->header.version == 5)
		put(w, &w->body_header, sizeof(w->body_header));
	if (w->body_header.type == SGX_QUOTE_BODY_SGX)
		put(w, &w->report, SGX_REPORT_BODY_SIZE);
	else
		put(w, &w->td, w->body_header.size);
	put_signature(w);
	if (w->flip >= 0)
		w->quote[w->flip] ^= 1;
}

/* As served. */
static size_t make_document(struct world *w, enum world_document document, char *text, size_t cap)
{
	static const char *const names[] = { "tcbInfo", "enclaveIdentity" };
	const char *object = w->document[document];
	uint8_t signature[64];
	char digits[129];
	int size;

	world_sign(w->document_signer[document], object, strlen(object), signature);
	hex_encode(signature, sizeof(signature), digits);
	size = snprintf(text, cap, "{\"%s\":%s,\"signature\":\"%s\"}", names[document], object,
	                digits);
	assert_true(size > 0 && (size_t)size < cap);
	if (w->served)
		w->served(text);
	return strlen(text);
}

static void make_collateral(struct world *w)
{
	static char text[DCAP_ITEM_COUNT][32768];
	struct dcap_files files = { .version = w->version };
	size_t size[DCAP_ITEM_COUNT] = {
		[DCAP_PCK_CRL_ISSUER_CHAIN] = world_pem(w, CRL_CHAIN, text[0], sizeof(text[0])),
		[DCAP_ROOT_CA_CRL] = world_crl(w, ROOT_CRL, (uint8_t *)text[1], sizeof(text[1])),
		[DCAP_PCK_CRL] = world_crl(w, PCK_CRL, (uint8_t *)text[2], sizeof(text[2])),
		[DCAP_TCB_INFO_ISSUER_CHAIN] = world_pem(w, TCB_CHAIN, text[3], sizeof(text[3])),
		[DCAP_TCB_INFO] = make_document(w, TCB_INFO, text[4], sizeof(text[4])),
		[DCAP_QE_IDENTITY_ISSUER_CHAIN] = world_pem(w, QE_CHAIN, text[5], sizeof(text[5])),
		[DCAP_QE_IDENTITY] = make_document(w, QE_IDENTITY, text[6], sizeof(text[6])),
	};

	for (int i = 0; i < DCAP_ITEM_COUNT; i++) {
		files.item[i].data = w->broken[i] ? w->broken[i] : text[i];
		files.item[i].size = w->broken[i] ? strlen(w->broken[i]) : size[i];
	}
	assert_int_equal(dcap_collateral_new(&files, &w->collateral), 0);
}

enum dcap_error world_verify(struct world *w)
{
	world_free(w);
	memset(w->pem, 0, sizeof(w->pem));
	make_quote(w);
	make_collateral(w);
	memcpy(w->root, world_point(w->other_root ? K_OTHER : K_ROOT), sizeof(w->root));
	return dcap_verify(w->quote, w->quote_size, w->collateral, w->time, w->root, &w->result);
}

void world_free(struct world *w)
{
	dcap_collateral_free(w->collateral);
	w->collateral = NULL;
}
