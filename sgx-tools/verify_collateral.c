// SPDX-License-Identifier: Apache-2.0
/* Where the collateral is: a folder, one JSON file, a service, or what was kept of its answers. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <json-c/json.h>

#include "lib/base/cleanup.h"
#include "lib/base/hex.h"
#include "lib/base/io.h"
#include "lib/dcap/chain.h"
#include "sgx-tools/verify.h"
#include "sgx-tools/verify_fetch.h"

#define FILE_MAX (16 * 1024 * 1024)

/* ---- one file: the members of sgx_ql_qve_collateral_t, as strings ---- */

static void json_putp(struct json_object **o)
{
	json_object_put(*o);
}

/* {"NAME": ..., "signature": "..."} from its two halves, where a file has them apart. */
static char *join_signed(const char *name, const char *object, const char *signature)
{
	char *ret;

	return asprintf(&ret, "{\"%s\":%s,\"signature\":\"%s\"}", name, object, signature) < 0
	               ? NULL
	               : ret;
}

static char *member_text(struct json_object *top, const char *name, const char *signed_name)
{
	struct json_object *value, *signature;
	char key[64];
	const char *text;

	if (!json_object_object_get_ex(top, name, &value))
		return NULL;
	text = json_object_is_type(value, json_type_string)
	               ? json_object_get_string(value)
	               : json_object_to_json_string_ext(
				 value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	snprintf(key, sizeof(key), "%s_signature", name);
	if (signed_name && json_object_object_get_ex(top, key, &signature))
		return join_signed(signed_name, text, json_object_get_string(signature));
	return strdup(text);
}

static int load_json(const char *path, struct dcap_files *ret, struct err *e)
{
	static const struct {
		const char *name, *signed_name;
	} members[DCAP_ITEM_COUNT] = {
		[DCAP_PCK_CRL_ISSUER_CHAIN] = { "pck_crl_issuer_chain", NULL },
		[DCAP_ROOT_CA_CRL] = { "root_ca_crl", NULL },
		[DCAP_PCK_CRL] = { "pck_crl", NULL },
		[DCAP_TCB_INFO_ISSUER_CHAIN] = { "tcb_info_issuer_chain", NULL },
		[DCAP_TCB_INFO] = { "tcb_info", "tcbInfo" },
		[DCAP_QE_IDENTITY_ISSUER_CHAIN] = { "qe_identity_issuer_chain", NULL },
		[DCAP_QE_IDENTITY] = { "qe_identity", "enclaveIdentity" },
	};
	_cleanup_(dcap_files_free) struct dcap_files files = { .version = DCAP_COLLATERAL_V3 };
	_cleanup_(json_putp) struct json_object *top = NULL;
	_cleanup_(freep) char *bytes = NULL;
	size_t size;
	int r = io_read_file(path, FILE_MAX, &bytes, &size, e);

	if (r < 0)
		return r;
	top = json_tokener_parse(bytes);
	if (!json_object_is_type(top, json_type_object))
		return err_set(e, -EINVAL, "%s: neither a folder nor a JSON object of collateral",
		               path);
	for (int i = 0; i < DCAP_ITEM_COUNT; i++) {
		char *text = member_text(top, members[i].name, members[i].signed_name);

		if (!text)
			return err_set(e, -EINVAL, "%s: %s is missing", path, members[i].name);
		files.item[i].data = text;
		files.item[i].size = strlen(text);
	}
	*ret = files;
	files = (struct dcap_files){ 0 };
	return 0;
}

int verify_collateral_load(const char *path, struct dcap_files *ret, struct err *e)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_errno(e, "--collateral %s", path);
	return S_ISDIR(st.st_mode) ? dcap_files_load(path, ret, e) : load_json(path, ret, e);
}

/* ---- a service, and its cache: a folder for each platform, laid out as --collateral takes it ---- */

static int find_platform(const char *path, const void *quote, size_t size,
                         struct verify_platform *ret, struct err *e)
{
	_cleanup_(dcap_chain_free) struct dcap_chain chain = { 0 };
	const struct x509_cert *pck;
	struct dcap_quote q;
	int r = dcap_quote_parse(quote, size, &q, e);

	if (r < 0)
		return err_wrap(e, r, "%s", path);
	if (q.cert_type != SGX_CERT_PCK_CHAIN)
		return err_set(e, -EINVAL,
		               "%s: certification data of type %u: no PCK certificate says which "
		               "platform's collateral to ask for",
		               path, q.cert_type);
	if (dcap_chain_parse(q.cert, q.cert_size, NULL, 0, &chain, e) != DCAP_OK)
		return err_wrap(e, -EINVAL, "%s", path);
	pck = dcap_chain_cert(&chain, chain.pck);
	if (!pck)
		return err_set(e, -EINVAL, "%s: its certificates have no PCK certificate", path);
	memcpy(ret->fmspc, chain.sgx.fmspc, sizeof(ret->fmspc));
	ret->is_tdx = dcap_quote_is_tdx(&q);
	ret->is_platform_ca = dcap_name_contains(x509_cert_issuer(pck), "Platform");
	return 0;
}

/* What is kept will do when nothing of it has expired. */
static bool is_current(const struct verify_options *o, const uint8_t *root, const void *quote,
                       size_t size, const struct dcap_files *files)
{
	_cleanup_(dcap_collateral_freep) struct dcap_collateral *collateral = NULL;
	struct dcap_result result;

	if (dcap_collateral_new(files, &collateral) < 0)
		return false;
	dcap_verify(quote, size, collateral, o->at, root, &result);
	for (int x = DCAP_X_ROOT_CRL; x < DCAP_X_COUNT; x++) {
		if (!result.expiry[x].known || result.expiry[x].expired)
			return false;
	}
	return true;
}

static int keep_in(const char *folder, const struct dcap_files *files, struct err *e)
{
	char path[4096];

	if (mkdir(folder, 0755) < 0 && errno != EEXIST)
		return err_errno(e, "--cache %s", folder);
	for (int i = 0; i < DCAP_ITEM_COUNT; i++) {
		int r;

		snprintf(path, sizeof(path), "%s/%s", folder, dcap_item_file((enum dcap_item)i));
		r = io_write_file(path, files->item[i].data, files->item[i].size, 0644, e);
		if (r < 0)
			return r;
	}
	return 0;
}

int verify_collateral_fetch(const struct verify_options *o, const uint8_t *root, const void *quote,
                            size_t size, struct dcap_files *ret, struct err *e)
{
	_cleanup_(dcap_files_free) struct dcap_files kept = { 0 };
	struct verify_platform platform;
	char folder[4000], fmspc[13];
	struct err miss;
	int r = find_platform(o->quote, quote, size, &platform, e);

	if (r < 0 || !o->cache)
		return r < 0 ? r : verify_fetch(o->pccs, o->pccs_ca, &platform, ret, e);
	hex_encode(platform.fmspc, sizeof(platform.fmspc), fmspc);
	if (snprintf(folder, sizeof(folder), "%s/%s-%s-%s", o->cache, fmspc,
	             platform.is_tdx ? "tdx" : "sgx",
	             platform.is_platform_ca ? "platform" : "processor") >= (int)sizeof(folder))
		return err_set(e, -ENAMETOOLONG, "--cache %.60s...", o->cache);
	if (dcap_files_load(folder, &kept, &miss) == 0 && is_current(o, root, quote, size, &kept)) {
		*ret = kept;
		kept = (struct dcap_files){ 0 };
		return 0;
	}
	if (mkdir(o->cache, 0755) < 0 && errno != EEXIST)
		return err_errno(e, "--cache %s", o->cache);
	r = verify_fetch(o->pccs, o->pccs_ca, &platform, ret, e);
	return r < 0 ? r : keep_in(folder, ret, e);
}
