// SPDX-License-Identifier: Apache-2.0
/*
 * sgx-tools gen-token: a launch token from aesmd's launch enclave, for the enclave that a SIGSTRUCT
 * signs.  Where launch control is locked to Intel, EINIT wants one.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "aesm/client.h"
#include "lib/base/cleanup.h"
#include "lib/sgx/sigstruct.h"
#include "sgx-tools/gen.h"
#include "sgx-tools/output.h"
#include "sgx-tools/tool.h"

static const char usage[] =
	"usage: %1$s --signature FILE [--token FILE] [--aesm SOCKET]\n"
	"\n"
	"Ask aesmd for the launch token of an enclave, which the legacy driver (/dev/isgx) wants.\n"
	"\n"
	"      --signature FILE  the enclave's SIGSTRUCT (encl.ss)\n"
	"      --token FILE      where the EINITTOKEN goes; default: the signature's name with\n"
	"                        .token in place of its extension\n"
	"      --aesm SOCKET     aesmd's socket; default: " AESM_SOCKET "\n";

/* A token that is valid has to be this enclave's. */
static int check(const char *aesm, const struct sgx_einittoken *token,
                 const struct sgx_sigstruct *sig, struct err *e)
{
	uint8_t mrsigner[SHA256_SIZE];

	sigstruct_mrsigner(sig, mrsigner);
	if (!(token->valid & 1))
		return err_set(e, -EBADMSG,
		               "aesmd at %s: its token is not valid: no launch control here?",
		               aesm);
	if (memcmp(token->mrenclave, sig->enclavehash, sizeof(token->mrenclave)) != 0 ||
	    memcmp(token->mrsigner, mrsigner, sizeof(mrsigner)) != 0)
		return err_set(e, -EBADMSG, "aesmd at %s: its token is another enclave's", aesm);
	return 0;
}

static int generate(const char *aesm, const char *signature, const char *path, struct err *e)
{
	struct sgx_attributes attributes;
	struct sgx_einittoken token;
	struct sgx_sigstruct sig;
	int r = output_differs(path, signature, e);

	if (r == 0)
		r = sigstruct_load(signature, &sig, e);
	if (r == 0)
		r = sigstruct_check(signature, &sig, e);
	if (r < 0)
		return r;
	attributes = sig.attributes;
	r = aesm_get_launch_token(aesm, sig.enclavehash, sig.modulus, &attributes, &token, e);
	if (r == 0)
		r = check(aesm, &token, &sig, e);
	return r < 0 ? r : gen_save("token", path, &token, sizeof(token), e);
}

int cmd_gen_token(int argc, char **argv, struct err *e)
{
	const char *signature = NULL, *token = NULL, *aesm = AESM_SOCKET;
	const struct gen_option options[] = {
		{ "signature", &signature },
		{ "token", &token },
		{ "aesm", &aesm },
	};
	_cleanup_(freep) char *name = NULL;
	bool is_help;
	int r = gen_parse(argc, argv, options, 3, &is_help, e);

	if (r == 0 && is_help)
		printf(usage, argv[0]);
	if (r < 0 || is_help)
		return r;
	if (!signature)
		return err_set(e, -EINVAL, "--signature FILE is missing; --help says more");
	name = token ? strdup(token) : gen_token_name(signature);
	if (!name)
		return err_set(e, -ENOMEM, "out of memory");
	r = crypto_load(e);
	return r < 0 ? r : generate(aesm, signature, name, e);
}
