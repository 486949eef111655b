// SPDX-License-Identifier: Apache-2.0
/*
 * sgx-tools gen-qe-target-info: the TARGETINFO of aesmd's quoting enclave, which an enclave's REPORT
 * must be for if it is to become a quote.
 */
#include <stdio.h>

#include "aesm/client.h"
#include "sgx-tools/gen.h"
#include "sgx-tools/tool.h"

static const char usage[] =
	"usage: %1$s [--quote-type TYPE] [--targetinfo FILE] [--aesm SOCKET]\n"
	"\n"
	"Ask aesmd for the TARGETINFO of its quoting enclave.\n"
	"\n"
	"      --quote-type TYPE  ecdsa (default), epidLinkable or epidUnlinkable\n"
	"      --targetinfo FILE  where it goes; default: qe_targetinfo.bin\n"
	"      --aesm SOCKET      aesmd's socket; default: " AESM_SOCKET "\n";

static int ask(const char *aesm, enum gen_type type, struct sgx_targetinfo *ret, struct err *e)
{
	struct sgx_att_key_id key;
	uint8_t hash[32], group[4];
	int r;

	if (type != GEN_ECDSA)
		return aesm_init_quote(aesm, ret, group, e);
	r = aesm_ecdsa_key(aesm, &key, e);
	return r < 0 ? r : aesm_init_quote_ex(aesm, &key, ret, hash, e);
}

int cmd_gen_qe_target_info(int argc, char **argv, struct err *e)
{
	const char *type_name = NULL, *path = "qe_targetinfo.bin", *aesm = AESM_SOCKET;
	const struct gen_option options[] = {
		{ "quote-type", &type_name },
		{ "targetinfo", &path },
		{ "aesm", &aesm },
	};
	struct sgx_targetinfo target;
	enum gen_type type;
	bool is_help;
	int r = gen_parse(argc, argv, options, 3, &is_help, e);

	if (r == 0 && is_help)
		printf(usage, argv[0]);
	if (r < 0 || is_help)
		return r;
	r = gen_type_parse(type_name, &type, e);
	if (r == 0)
		r = ask(aesm, type, &target, e);
	return r < 0 ? r
	             : gen_save("quoting enclave's target info", path, &target, sizeof(target), e);
}
