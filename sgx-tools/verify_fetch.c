// SPDX-License-Identifier: Apache-2.0
/*
 * Collateral from a PCCS, or from Intel's PCS, by its REST interface (versions 3 and 4).  What comes is a
 * stranger's: bounded in size and time, over verified TLS where the address says https, and judged by
 * dcap_verify afterwards like any other.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <dlfcn.h>

#include "lib/base/cleanup.h"
#include "lib/base/hex.h"
#include "lib/base/io.h"
#include "sgx-tools/verify_fetch.h"

#define ANSWER_MAX   (8 * 1024 * 1024)
#define CHAIN_MAX    (64 * 1024)
#define CA_MAX       (1024 * 1024)
#define TIMEOUT      30L /* seconds */
#define PATH_REST    "/certification/v4"
#define INTEL_DOMAIN "trustedservices.intel.com"

/*
 * libcurl, loaded when a service is asked: it costs every other command more than all that
 * they do.
 */
static struct {
	__typeof__(curl_easy_init) *init;
	__typeof__(curl_easy_cleanup) *cleanup;
	__typeof__(curl_easy_setopt) *setopt;
	__typeof__(curl_easy_perform) *perform;
	__typeof__(curl_easy_getinfo) *getinfo;
	__typeof__(curl_easy_strerror) *strerror;
	__typeof__(curl_easy_unescape) *unescape;
	__typeof__(curl_free) *free;
} curl_calls;

static int load_curl(struct err *e)
{
	const struct {
		const char *name;
		void **to;
	} calls[] = {
		{ "curl_easy_init", (void **)&curl_calls.init },
		{ "curl_easy_cleanup", (void **)&curl_calls.cleanup },
		{ "curl_easy_setopt", (void **)&curl_calls.setopt },
		{ "curl_easy_perform", (void **)&curl_calls.perform },
		{ "curl_easy_getinfo", (void **)&curl_calls.getinfo },
		{ "curl_easy_strerror", (void **)&curl_calls.strerror },
		{ "curl_easy_unescape", (void **)&curl_calls.unescape },
		{ "curl_free", (void **)&curl_calls.free },
	};
	void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);

	for (size_t i = 0; library && i < sizeof(calls) / sizeof(calls[0]); i++) {
		*calls[i].to = dlsym(library, calls[i].name);
		if (!*calls[i].to)
			library = NULL;
	}
	return library ? 0 : err_set(e, -ENOENT, "--pccs needs libcurl: %s", dlerror());
}

struct answer {
	char *body;
	size_t size;
	const char *const *header; /* names, any of which holds the issuer chain; NULL-terminated */
	char *chain;               /* decoded; NULL: none of them came */
	bool is_too_large;
};

static void answer_release(struct answer *a)
{
	free(a->body);
	free(a->chain);
}

static void curl_freep(CURL **curl)
{
	if (*curl)
		curl_calls.cleanup(*curl);
}

static size_t take_body(char *data, size_t one, size_t size, void *context)
{
	struct answer *a = context;
	char *grown;

	if (size * one > ANSWER_MAX - a->size) {
		a->is_too_large = true;
		return 0;
	}
	grown = realloc(a->body, a->size + size * one + 1);
	if (!grown)
		return 0;
	a->body = grown;
	memcpy(a->body + a->size, data, size * one);
	a->size += size * one;
	a->body[a->size] = '\0';
	return size * one;
}

/* A header's value without the blanks around it, percent-decoded, where its name is one of ours. */
static size_t take_header(char *data, size_t one, size_t size, void *context)
{
	struct answer *a = context;
	size_t length = size * one;

	for (const char *const *name = a->header; *name && length <= CHAIN_MAX; name++) {
		size_t at = strlen(*name);
		char *decoded;

		if (length <= at || strncasecmp(data, *name, at) != 0 || data[at] != ':')
			continue;
		at++;
		while (at < length && (data[at] == ' ' || data[at] == '\t'))
			at++;
		while (length > at && strchr("\r\n \t", data[length - 1]))
			length--;
		if (at == length)
			continue;
		decoded = curl_calls.unescape(NULL, data + at, (int)(length - at), NULL);
		if (!decoded)
			return 0;
		free(a->chain);
		a->chain = strdup(decoded);
		curl_calls.free(decoded);
	}
	return size * one;
}

static int get(CURL *curl, const char *url, const char *const *header, struct answer *ret,
               struct err *e)
{
	struct answer a = { .header = header };
	char why[CURL_ERROR_SIZE] = "";
	long status = 0;
	CURLcode code;

	curl_calls.setopt(curl, CURLOPT_URL, url);
	curl_calls.setopt(curl, CURLOPT_ERRORBUFFER, why);
	curl_calls.setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_calls.setopt(curl, CURLOPT_WRITEDATA, &a);
	curl_calls.setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_calls.setopt(curl, CURLOPT_HEADERDATA, &a);
	code = curl_calls.perform(curl);
	curl_calls.setopt(curl, CURLOPT_ERRORBUFFER, NULL);
	curl_calls.getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_OK && status == 200 && a.size > 0) {
		*ret = a;
		return 0;
	}
	answer_release(&a);
	if (a.is_too_large)
		return err_set(e, -EFBIG, "%s: more than %d bytes", url, ANSWER_MAX);
	if (code != CURLE_OK)
		return err_set(e, -EIO, "%s: %s", url, why[0] ? why : curl_calls.strerror(code));
	if (status == 200)
		return err_set(e, -EIO, "%s: an empty answer", url);
	return err_set(e, status == 404 ? -ENOENT : -EIO, "%s: HTTP status %ld", url, status);
}

static CURL *prepare(const char *pccs)
{
	CURL *curl = curl_calls.init();

	if (!curl)
		return NULL;
	curl_calls.setopt(curl, CURLOPT_TIMEOUT, TIMEOUT);
	curl_calls.setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_calls.setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_calls.setopt(curl, CURLOPT_USERAGENT, "sgx-tools");
	if (strncmp(pccs, "unix:", 5) == 0)
		curl_calls.setopt(curl, CURLOPT_UNIX_SOCKET_PATH, pccs + 5);
	return curl;
}

/* Issuers in PEM that https is to believe, instead of the machine's. */
static int trust(CURL *curl, const char *path, struct err *e)
{
	_cleanup_(freep) char *pem = NULL;
	size_t size;
	struct curl_blob blob = { .flags = CURL_BLOB_COPY };
	int r = io_read_file(path, CA_MAX, &pem, &size, e);

	if (r < 0)
		return r;
	if (!strstr(pem, "-----BEGIN "))
		return err_set(e, -EINVAL, "%s: holds no certificate in PEM", path);
	blob.data = pem;
	blob.len = size;
	if (curl_calls.setopt(curl, CURLOPT_CAINFO_BLOB, &blob) != CURLE_OK ||
	    curl_calls.setopt(curl, CURLOPT_CAPATH, NULL) != CURLE_OK)
		return err_set(e, -ENOTSUP, "%s: this libcurl does not take it", path);
	return 0;
}

/* The address of a request: PCCS at pccs, "tdx" or "sgx", and what is asked. */
static int address(const char *pccs, bool is_tdx, const char *request, char *ret, size_t size,
                   struct err *e)
{
	const char *base = strncmp(pccs, "unix:", 5) == 0 ? "http://localhost" : pccs;
	const char *path = strstr(base, "/sgx/certification/");
	size_t length = strlen(base);
	int n;

	while (length > 0 && base[length - 1] == '/')
		length--;
	if (!path)
		n = snprintf(ret, size, "%.*s%s/%s", (int)length, base,
		             is_tdx ? "/tdx" PATH_REST : "/sgx" PATH_REST, request);
	else
		n = snprintf(ret, size, "%.*s/%s%.*s/%s", (int)(path - base), base,
		             is_tdx ? "tdx" : "sgx", (int)(length - (size_t)(path + 4 - base)),
		             path + 4, request);
	return n < (int)size ? 0 : err_set(e, -EINVAL, "--pccs %.60s...: too long", pccs);
}

static void keep(struct dcap_files *files, enum dcap_item item, char **bytes, size_t size)
{
	files->item[item].data = take_ptr(*bytes);
	files->item[item].size = size;
}

struct fetch {
	CURL *curl;
	const char *pccs;
	struct dcap_files *files;
};

/* Fetch an item, and the chain in its header where chain_item is not DCAP_ITEM_COUNT. */
static int fetch_item(const struct fetch *f, bool is_tdx, const char *request, enum dcap_item item,
                      enum dcap_item chain_item, struct err *e)
{
	static const char *const header[] = {
		"SGX-PCK-CRL-Issuer-Chain",
		"TCB-Info-Issuer-Chain",
		"SGX-TCB-Info-Issuer-Chain",
		"SGX-Enclave-Identity-Issuer-Chain",
		NULL,
	};
	_cleanup_(answer_release) struct answer a = { 0 };
	char url[1024];
	int r = address(f->pccs, is_tdx, request, url, sizeof(url), e);

	if (r == 0)
		r = get(f->curl, url, header, &a, e);
	if (r < 0)
		return r;
	if (chain_item != DCAP_ITEM_COUNT) {
		if (!a.chain)
			return err_set(e, -EIO, "%s: the answer has no issuer chain", url);
		keep(f->files, chain_item, &a.chain, strlen(a.chain));
	}
	keep(f->files, item, &a.body, a.size);
	return 0;
}

/* A PCCS has it; Intel's PCS leaves it where the certificates are. */
static int fetch_root_crl(const struct fetch *f, struct err *e)
{
	static const char *const no_header[] = { NULL };
	_cleanup_(answer_release) struct answer a = { 0 };
	int r = fetch_item(f, false, "rootcacrl", DCAP_ROOT_CA_CRL, DCAP_ITEM_COUNT, e);

	if (r != -ENOENT || !strstr(f->pccs, "." INTEL_DOMAIN))
		return r;
	r = get(f->curl, "https://certificates." INTEL_DOMAIN "/IntelSGXRootCA.der", no_header, &a,
	        e);
	if (r == 0)
		keep(f->files, DCAP_ROOT_CA_CRL, &a.body, a.size);
	return r;
}

int verify_fetch(const char *pccs, const char *ca, const struct verify_platform *platform,
                 struct dcap_files *ret, struct err *e)
{
	_cleanup_(curl_freep) CURL *curl = NULL;
	_cleanup_(dcap_files_free) struct dcap_files files = { .version = DCAP_COLLATERAL_V3 };
	struct fetch f = { .pccs = pccs, .files = &files };
	char fmspc[13], request[64];
	int r = load_curl(e);

	if (r < 0)
		return r;
	f.curl = curl = prepare(pccs);
	if (!curl)
		return err_set(e, -ENOMEM, "libcurl does not start");
	r = ca ? trust(curl, ca, e) : 0;
	if (r < 0)
		return r;
	snprintf(request, sizeof(request), "pckcrl?ca=%s&encoding=der",
	         platform->is_platform_ca ? "platform" : "processor");
	r = fetch_item(&f, false, request, DCAP_PCK_CRL, DCAP_PCK_CRL_ISSUER_CHAIN, e);
	if (r == 0)
		r = fetch_root_crl(&f, e);
	hex_encode(platform->fmspc, sizeof(platform->fmspc), fmspc);
	snprintf(request, sizeof(request), "tcb?fmspc=%s", fmspc);
	if (r == 0)
		r = fetch_item(&f, platform->is_tdx, request, DCAP_TCB_INFO,
		               DCAP_TCB_INFO_ISSUER_CHAIN, e);
	if (r == 0)
		r = fetch_item(&f, platform->is_tdx, "qe/identity", DCAP_QE_IDENTITY,
		               DCAP_QE_IDENTITY_ISSUER_CHAIN, e);
	if (r < 0)
		return r;
	*ret = files;
	files = (struct dcap_files){ 0 };
	return 0;
}
