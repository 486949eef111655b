// SPDX-License-Identifier: Apache-2.0
/*
 * sgx-tools verify-quote: is this quote genuine, and is it what the relying party wants?  Two questions,
 * two exit statuses: nobody can mistake one for the other.
 */
#include <errno.h>
#include <stdio.h>

#include "lib/base/cleanup.h"
#include "lib/base/io.h"
#include "sgx-tools/tool.h"
#include "sgx-tools/verify.h"

#define QUOTE_MAX     (1024 * 1024)
#define ROOT_CERT_MAX (64 * 1024)

static int load_root(const char *path, uint8_t ret[P256_KEY_SIZE], struct err *e)
{
	_cleanup_(freep) char *bytes = NULL;
	size_t size;
	int r = io_read_file(path, ROOT_CERT_MAX, &bytes, &size, e);

	if (r < 0)
		return r;
	r = dcap_root_load(bytes, size, ret, e);
	return r < 0 ? err_wrap(e, r, "%s", path) : 0;
}

static int judge(const struct verify_options *o, const struct dcap_result *result, struct err *e)
{
	struct verify_reasons reasons = { .count = 0 };
	bool is_genuine = result->status != DCAP_NONE;
	int r = 0;

	if (is_genuine)
		verify_policy_apply(&o->policy, result, &reasons);
	if (o->is_json)
		r = verify_print_json(o, result, &reasons, e);
	else
		verify_print_text(o, result, &reasons);
	if (r < 0)
		return r;
	if (!is_genuine)
		return VERIFY_NOT_GENUINE;
	return reasons.count > 0 ? VERIFY_REFUSED : 0;
}

static int verify(const struct verify_options *o, struct err *e)
{
	_cleanup_(freep) char *quote = NULL;
	_cleanup_(dcap_files_free) struct dcap_files files = { 0 };
	_cleanup_(dcap_collateral_freep) struct dcap_collateral *collateral = NULL;
	struct dcap_result result;
	uint8_t root[P256_KEY_SIZE];
	size_t size;
	int r = o->root ? load_root(o->root, root, e) : 0;

	if (r == 0)
		r = io_read_file(o->quote, QUOTE_MAX, &quote, &size, e);
	if (r < 0)
		return r;
	r = o->pccs ? verify_collateral_fetch(o, o->root ? root : NULL, quote, size, &files, e)
	            : verify_collateral_load(o->collateral, &files, e);
	if (r < 0)
		return r;
	r = dcap_collateral_new(&files, &collateral);
	if (r < 0)
		return err_set(e, r, "no memory for the collateral");
	dcap_verify(quote, size, collateral, o->at, o->root ? root : NULL, &result);
	return judge(o, &result, e);
}

int cmd_verify_quote(int argc, char **argv, struct err *e)
{
	struct verify_options o;
	int r = verify_options_parse(argc, argv, &o, e);

	return r < 0 || o.is_help ? r : verify(&o, e);
}
