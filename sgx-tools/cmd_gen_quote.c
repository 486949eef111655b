// SPDX-License-Identifier: Apache-2.0
/*
 * sgx-tools gen-quote: a quote for an enclave's REPORT, from aesmd.  What comes back must be a quote of
 * this report; nothing else is written.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "aesm/client.h"
#include "lib/base/cleanup.h"
#include "lib/base/hex.h"
#include "lib/base/io.h"
#include "lib/dcap/quote.h"
#include "sgx-tools/gen.h"
#include "sgx-tools/output.h"
#include "sgx-tools/tool.h"

#define EPID_BUFFER 2048 /* what clients give aesmd for a quote without a SigRL */

static const char usage[] =
	"usage: %1$s [--quote-type ecdsa] --report FILE [--quote FILE] [--aesm SOCKET]\n"
	"       %1$s --quote-type epidLinkable|epidUnlinkable --spid HEX --report FILE\n"
	"                [--quote FILE] [--aesm SOCKET]\n"
	"\n"
	"Have aesmd make a quote of a REPORT, which is for its quoting enclave.\n"
	"\n"
	"      --quote-type TYPE  ecdsa (default), epidLinkable or epidUnlinkable\n"
	"      --report FILE      the REPORT, 432 bytes\n"
	"      --spid HEX         EPID: the service provider's ID, 32 digits\n"
	"      --quote FILE       where the quote goes; default: quote.bin\n"
	"      --aesm SOCKET      aesmd's socket; default: " AESM_SOCKET "\n"
	"\n"
	"Intel's service that verified EPID quotes ended on 2 April 2025.\n";

struct request {
	const char *aesm, *report, *quote;
	enum gen_type type;
	uint8_t spid[16];
};

static int load_report(const char *path, struct sgx_report *ret, struct err *e)
{
	_cleanup_(freep) char *bytes = NULL;
	size_t size = 0;
	int r = io_read_file(path, sizeof(*ret), &bytes, &size, e);

	if (r == -EFBIG || (r == 0 && size != sizeof(*ret)))
		return err_set(e, -EINVAL, "%s: not a REPORT of %zu bytes", path, sizeof(*ret));
	if (r == 0)
		memcpy(ret, bytes, size);
	return r;
}

/* The bytes of the report that a quote is about, or NULL. */
static const uint8_t *quoted(const struct request *q, const uint8_t *quote, size_t *size)
{
	struct dcap_quote parsed;
	struct err e;

	if (q->type == GEN_ECDSA)
		return dcap_quote_parse(quote, *size, &parsed, &e) == 0 ? parsed.body : NULL;
	*size = gen_epid_size(quote, *size);
	return *size > 0 ? quote + offsetof(struct sgx_epid_quote, report) : NULL;
}

static int ask(const struct request *q, const struct sgx_report *report, uint8_t **ret,
               size_t *ret_size, struct err *e)
{
	struct sgx_att_key_id key;
	struct sgx_targetinfo target;
	uint8_t hash[32];
	int r;

	if (q->type != GEN_ECDSA)
		return aesm_get_quote(q->aesm, report, q->type, q->spid, EPID_BUFFER, ret, ret_size,
		                      e);
	r = aesm_ecdsa_key(q->aesm, &key, e);
	if (r == 0)
		r = aesm_init_quote_ex(q->aesm, &key, &target, hash, e);
	return r < 0 ? r : aesm_get_quote_ex(q->aesm, &key, report, NULL, ret, ret_size, e);
}

static int generate(const struct request *q, struct err *e)
{
	_cleanup_(freep) uint8_t *quote = NULL;
	struct sgx_report report;
	const uint8_t *body;
	size_t size = 0;
	int r = output_differs(q->quote, q->report, e);

	if (r == 0)
		r = load_report(q->report, &report, e);
	if (r == 0)
		r = ask(q, &report, &quote, &size, e);
	if (r < 0)
		return r;
	body = quoted(q, quote, &size);
	if (!body || memcmp(body, &report, SGX_REPORT_BODY_SIZE) != 0)
		return err_set(e, -EBADMSG, "aesmd at %s: its quote is not one of %s", q->aesm,
		               q->report);
	return gen_save("target enclave's quote", q->quote, quote, size, e);
}

static int check(struct request *q, const char *type, const char *spid, struct err *e)
{
	int r = gen_type_parse(type, &q->type, e);

	if (r < 0)
		return r;
	if (!q->report)
		return err_set(e, -EINVAL, "--report FILE is missing; --help says more");
	if (q->type != GEN_ECDSA && !spid)
		return err_set(e, -EINVAL, "--spid HEX is missing: EPID quotes are for somebody");
	if (spid && hex_decode(spid, q->spid, sizeof(q->spid)) < 0)
		return err_set(e, -EINVAL, "--spid %s: not 32 hexadecimal digits", spid);
	return 0;
}

int cmd_gen_quote(int argc, char **argv, struct err *e)
{
	struct request q = { .aesm = AESM_SOCKET, .quote = "quote.bin" };
	const char *type = NULL, *spid = NULL;
	const struct gen_option options[] = {
		{ "quote-type", &type }, { "report", &q.report }, { "spid", &spid },
		{ "quote", &q.quote },   { "aesm", &q.aesm },
	};
	bool is_help;
	int r = gen_parse(argc, argv, options, 5, &is_help, e);

	if (r == 0 && is_help)
		printf(usage, argv[0]);
	if (r < 0 || is_help)
		return r;
	r = check(&q, type, spid, e);
	if (r == 0)
		r = generate(&q, e);
	if (r == 0 && q.type != GEN_ECDSA)
		fprintf(stderr,
		        "note: nobody verifies EPID quotes since Intel's service ended on 2 April 2025\n");
	return r;
}
