// SPDX-License-Identifier: Apache-2.0
/*
 * /sgx/certification/v3 and v4 (and /tdx/...) as a PCCS has them: what is asked for must be what the
 * folder is for, else there is no data for it.  Issuer chains are headers, percent-encoded.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <json-c/json.h>

#include "aesmd/pccs.h"
#include "lib/base/cleanup.h"
#include "lib/base/hex.h"
#include "lib/base/io.h"
#include "lib/dcap/chain.h"

#define END_CERTIFICATE "-----END CERTIFICATE-----"

/* A request on its way. */
struct asked {
	const char *folder;
	unsigned int version; /* 3 or 4 */
	bool is_tdx;
	pccs_query_fn *query;
	void *context;
};

static const char *parameter(const struct asked *a, const char *name)
{
	return a->query(a->context, name);
}

static void fail(struct pccs_reply *reply, unsigned int status, const char *text)
{
	pccs_release(reply);
	reply->status = status;
	reply->type = "text/plain";
	reply->body = strdup(text);
	reply->size = reply->body ? strlen(text) : 0;
}

static void no_data(struct pccs_reply *reply)
{
	fail(reply, 404, "No cache data for this platform.\n");
}

static void bad_request(struct pccs_reply *reply)
{
	fail(reply, 400, "Invalid request parameters.\n");
}

void pccs_release(struct pccs_reply *reply)
{
	free(reply->body);
	for (unsigned int i = 0; i < reply->header_count; i++)
		free(reply->header[i].value);
	*reply = (struct pccs_reply){ .body = NULL };
}

static int read_item(const struct asked *a, const char *name, char **ret, size_t *ret_size)
{
	char path[4096];
	struct err e;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", a->folder, name) >= sizeof(path))
		return -ENAMETOOLONG;
	return io_read_file(path, PCCS_FILE_MAX, ret, ret_size, &e);
}

static char *percent_encode(const char *text)
{
	static const char plain[] = "-_.~";
	char *coded = malloc(3 * strlen(text) + 1), *at = coded;

	for (; coded != NULL && *text != '\0'; text++) {
		if (isalnum((unsigned char)*text) || strchr(plain, *text) != NULL)
			*at++ = *text;
		else
			at += sprintf(at, "%%%02X", (unsigned char)*text);
	}
	if (coded != NULL)
		*at = '\0';
	return coded;
}

/* Takes value over. */
static void add_header(struct pccs_reply *reply, const char *name, char *value)
{
	if (value == NULL || reply->header_count == PCCS_HEADERS_MAX) {
		free(value);
		return;
	}
	reply->header[reply->header_count].name = name;
	reply->header[reply->header_count++].value = value;
}

static int add_chain(const struct asked *a, struct pccs_reply *reply, const char *header,
                     const char *file)
{
	_cleanup_(freep) char *chain = NULL;
	size_t size;
	int r = read_item(a, file, &chain, &size);

	if (r == 0)
		add_header(reply, header, percent_encode(chain));
	return r;
}

/* A file, and the chain of who signed it. */
static void serve(const struct asked *a, struct pccs_reply *reply, const char *file,
                  const char *type, const char *header, const char *chain)
{
	if (read_item(a, file, &reply->body, &reply->size) < 0 ||
	    (header != NULL && add_chain(a, reply, header, chain) < 0)) {
		no_data(reply);
		return;
	}
	reply->status = 200;
	reply->type = type;
}

static int to_hex(struct pccs_reply *reply)
{
	char *text = malloc(2 * reply->size + 1);

	if (text == NULL)
		return -ENOMEM;
	hex_encode(reply->body, reply->size, text);
	free(reply->body);
	reply->body = text;
	reply->size *= 2;
	return 0;
}

static int to_pem(struct pccs_reply *reply)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *der = (const uint8_t *)reply->body;
	char *text = malloc(2 * reply->size + 128), *at = text;

	if (text == NULL)
		return -ENOMEM;
	at = stpcpy(at, "-----BEGIN X509 CRL-----\n");
	for (size_t i = 0; i < reply->size; i += 3) {
		size_t left = reply->size - i;
		uint32_t word = (uint32_t)der[i] << 16 |
		                (left > 1 ? (uint32_t)der[i + 1] << 8 : 0) |
		                (left > 2 ? der[i + 2] : 0);

		*at++ = digits[word >> 18];
		*at++ = digits[word >> 12 & 63];
		*at++ = left > 1 ? digits[word >> 6 & 63] : '=';
		*at++ = left > 2 ? digits[word & 63] : '=';
		if (i % 48 == 45 || left <= 3)
			*at++ = '\n';
	}
	at = stpcpy(at, "-----END X509 CRL-----\n");
	free(reply->body);
	reply->body = text;
	reply->size = (size_t)(at - text);
	return 0;
}

static int parse_chain(const struct asked *a, struct dcap_chain *ret)
{
	_cleanup_(freep) char *pem = NULL;
	size_t size = 0;
	struct err e;

	*ret = (struct dcap_chain){ .count = 0 };
	if (read_item(a, "pck_cert_chain.pem", &pem, &size) < 0)
		return -ENOENT;
	return dcap_chain_parse(pem, size, NULL, 0, ret, &e) == DCAP_OK && ret->pck >= 0 ? 0
	                                                                                 : -EINVAL;
}

/* "platform" or "processor", by the name of who issued the PCK certificate; NULL: neither. */
static const char *ca_of(const struct asked *a)
{
	_cleanup_(dcap_chain_free) struct dcap_chain chain = { .count = 0 };
	const struct x509_name *issuer;

	if (parse_chain(a, &chain) < 0)
		return NULL;
	issuer = x509_cert_issuer(dcap_chain_cert(&chain, chain.pck));
	return dcap_name_contains(issuer, "Platform")    ? "platform"
	       : dcap_name_contains(issuer, "Processor") ? "processor"
	                                                 : NULL;
}

static void get_pck_crl(const struct asked *a, struct pccs_reply *reply)
{
	const char *ca = parameter(a, "ca"), *encoding = parameter(a, "encoding");
	const char *own = ca_of(a);

	if (ca == NULL || (strcasecmp(ca, "platform") != 0 && strcasecmp(ca, "processor") != 0) ||
	    (encoding != NULL && strcasecmp(encoding, "der") != 0 &&
	     strcasecmp(encoding, "pem") != 0)) {
		bad_request(reply);
		return;
	}
	if (own == NULL || strcasecmp(ca, own) != 0) {
		no_data(reply);
		return;
	}
	serve(a, reply, "pck_crl.der", "application/pkix-crl", "SGX-PCK-CRL-Issuer-Chain",
	      "pck_crl_issuer_chain.pem");
	if (reply->status != 200 || (encoding != NULL && strcasecmp(encoding, "der") == 0))
		return;
	reply->type = a->version == 3 ? "text/plain" : "application/x-pem-file";
	if ((a->version == 3 && encoding == NULL ? to_hex(reply) : to_pem(reply)) < 0)
		fail(reply, 500, "Internal server error.\n");
}

static void get_root_crl(const struct asked *a, struct pccs_reply *reply)
{
	serve(a, reply, "root_ca_crl.der", "text/plain", NULL, NULL);
	if (reply->status == 200 && to_hex(reply) < 0)
		fail(reply, 500, "Internal server error.\n");
}

/* Does the certificate hold this text, as the whole of a URI (DER: its length, then it)? */
static bool names(const struct x509_cert *cert, const char *uri)
{
	size_t size = 0, len = strlen(uri);
	const uint8_t *der = cert != NULL ? x509_cert_der(cert, &size) : NULL;
	const uint8_t *at = der != NULL && len < 128 ? memmem(der, size, uri, len) : NULL;

	return at != NULL && at > der && at[-1] == len;
}

/* The list that a certificate of the chain says is at this address: the root's or the PCK's. */
static void get_crl(const struct asked *a, struct pccs_reply *reply)
{
	_cleanup_(dcap_chain_free) struct dcap_chain chain = { .count = 0 };
	const char *uri = parameter(a, "uri");

	if (uri == NULL || strncmp(uri, "http", 4) != 0 || strstr(uri, "://") == NULL) {
		bad_request(reply);
		return;
	}
	if (parse_chain(a, &chain) == 0 && names(dcap_chain_cert(&chain, chain.root), uri))
		serve(a, reply, "root_ca_crl.der", "application/pkix-crl", NULL, NULL);
	else if (names(dcap_chain_cert(&chain, chain.pck), uri))
		serve(a, reply, "pck_crl.der", "application/pkix-crl", NULL, NULL);
	else
		no_data(reply);
}

/* A member of the signed object, or "". */
static void json_member(const char *text, const char *object, const char *name, char ret[64])
{
	json_object *whole = json_tokener_parse(text), *inner = NULL, *value = NULL;

	ret[0] = '\0';
	if (whole != NULL && json_object_object_get_ex(whole, object, &inner) &&
	    json_object_object_get_ex(inner, name, &value) &&
	    json_object_is_type(value, json_type_string))
		snprintf(ret, 64, "%s", json_object_get_string(value));
	json_object_put(whole);
}

static void get_tcb(const struct asked *a, struct pccs_reply *reply)
{
	const char *fmspc = parameter(a, "fmspc");
	uint8_t bytes[6];
	char own[64], id[64];

	if (fmspc == NULL || hex_decode(fmspc, bytes, sizeof(bytes)) < 0) {
		bad_request(reply);
		return;
	}
	serve(a, reply, "tcb_info.json", "application/json",
	      a->version == 3 ? "SGX-TCB-Info-Issuer-Chain" : "TCB-Info-Issuer-Chain",
	      "tcb_info_issuer_chain.pem");
	if (reply->status != 200)
		return;
	json_member(reply->body, "tcbInfo", "fmspc", own);
	json_member(reply->body, "tcbInfo", "id", id); /* version 2 has none: SGX */
	if (strcasecmp(own, fmspc) != 0 || (strcmp(id, "TDX") == 0) != a->is_tdx)
		no_data(reply);
}

static void get_qe_identity(const struct asked *a, struct pccs_reply *reply)
{
	char id[64];

	serve(a, reply, "qe_identity.json", "application/json", "SGX-Enclave-Identity-Issuer-Chain",
	      "qe_identity_issuer_chain.pem");
	if (reply->status != 200)
		return;
	json_member(reply->body, "enclaveIdentity", "id", id);
	if ((strcmp(id, "TD_QE") == 0) != a->is_tdx)
		no_data(reply);
}

static char *hex_text(const void *bytes, size_t size)
{
	char *text = malloc(2 * size + 1);

	if (text != NULL)
		hex_encode(bytes, size, text);
	return text;
}

static char *issuers_of(const char *chain)
{
	const char *rest = strstr(chain, END_CERTIFICATE);

	if (rest == NULL)
		return NULL;
	rest += strlen(END_CERTIFICATE);
	return percent_encode(rest + strspn(rest, "\r\n"));
}

/* The leaf alone is the body; what it is for and who issued it are headers. */
static void get_pck_cert(const struct asked *a, struct pccs_reply *reply)
{
	static const char *const wanted[] = { "qeid", "cpusvn", "pcesvn", "pceid" };
	_cleanup_(dcap_chain_free) struct dcap_chain chain = { .count = 0 };
	uint8_t tcbm[18];
	const char *ca;
	char *end;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (parameter(a, wanted[i]) == NULL) {
			bad_request(reply);
			return;
		}
	ca = ca_of(a);
	serve(a, reply, "pck_cert_chain.pem", "application/x-pem-file", NULL, NULL);
	if (reply->status != 200 || ca == NULL || parse_chain(a, &chain) < 0) {
		no_data(reply);
		return;
	}
	memcpy(tcbm, chain.sgx.cpusvn, 16);
	tcbm[16] = (uint8_t)chain.sgx.pcesvn;
	tcbm[17] = (uint8_t)(chain.sgx.pcesvn >> 8);
	add_header(reply, "SGX-PCK-Certificate-Issuer-Chain", issuers_of(reply->body));
	add_header(reply, "SGX-TCBm", hex_text(tcbm, sizeof(tcbm)));
	add_header(reply, "SGX-FMSPC", hex_text(chain.sgx.fmspc, sizeof(chain.sgx.fmspc)));
	add_header(reply, "SGX-PCK-Certificate-CA-Type", strdup(ca));
	end = strstr(reply->body, END_CERTIFICATE);
	reply->size = (size_t)(end - reply->body) + strlen(END_CERTIFICATE);
}

static const struct {
	const char *path;
	void (*get)(const struct asked *a, struct pccs_reply *reply);
	bool for_tdx; /* also below /tdx */
} resources[] = {
	{ "pckcrl", get_pck_crl, false },
	{ "rootcacrl", get_root_crl, false },
	{ "crl", get_crl, false },
	{ "tcb", get_tcb, true },
	{ "qe/identity", get_qe_identity, true },
	{ "pckcert", get_pck_cert, false },
};

/* Behind /sgx/certification/v3/ and the like, or NULL. */
static const char *below(const char *path, struct asked *a)
{
	if (strncmp(path, "/sgx/", 5) != 0 && strncmp(path, "/tdx/", 5) != 0)
		return NULL;
	a->is_tdx = path[1] == 't';
	path += 5;
	if (strncmp(path, "certification/v", 15) != 0 || (path[15] != '3' && path[15] != '4') ||
	    path[16] != '/')
		return NULL;
	a->version = (unsigned int)(path[15] - '0');
	return path + 17;
}

void pccs_get(const char *folder, const char *path, pccs_query_fn *query, void *context,
              struct pccs_reply *ret)
{
	struct asked a = { .folder = folder, .query = query, .context = context };
	const char *rest = below(path, &a);

	*ret = (struct pccs_reply){ .body = NULL };
	for (size_t i = 0; rest != NULL && i < sizeof(resources) / sizeof(resources[0]); i++)
		if (strcmp(rest, resources[i].path) == 0 && (!a.is_tdx || resources[i].for_tdx)) {
			resources[i].get(&a, ret);
			return;
		}
	fail(ret, 404, "No such resource.\n");
}
