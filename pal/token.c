// SPDX-License-Identifier: Apache-2.0
/*
 * The launch token.  EINIT judges it, and only when it has refused is it read here, to say what of it
 * is another enclave's (SDM vol. 3D, EINIT).
 */
#include "pal/token.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/cleanup.h"
#include "lib/base/io.h"
#include "sgx/leaf.h"

#define TOKEN_FILE "encl.token"
#define MAKE_ONE   "(sgx-tools gen-token)"

int token_load(struct token *ret, struct err *e)
{
	_cleanup_(closep) int fd = open(TOKEN_FILE, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct token token = { .is_found = true };
	struct stat st;
	int r;

	if (fd < 0 && errno == ENOENT) {
		*ret = (struct token){ 0 };
		return 0;
	}
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, TOKEN_FILE);
	if (!S_ISREG(st.st_mode) || st.st_size != (off_t)sizeof(token.body))
		return err_set(e, -EINVAL, TOKEN_FILE ": not a launch token of %zu bytes",
		               sizeof(token.body));
	r = io_read_exact(fd, &token.body, sizeof(token.body));
	if (r < 0)
		return err_set(e, r, "read " TOKEN_FILE ": %s", strerror(-r));
	*ret = token;
	return 0;
}

/* The rules of EINIT that the token itself breaks; NULL: none that can be seen outside. */
static const char *broken_rule(const struct sgx_einittoken *token, const struct sgx_secs *secs,
                               const uint8_t *mrenclave, const uint8_t *mrsigner)
{
	if (!(token->valid & 1))
		return "is not valid";
	if (memcmp(token->mrenclave, mrenclave, sizeof(token->mrenclave)) != 0)
		return "has another enclave's MRENCLAVE";
	if (memcmp(token->mrsigner, mrsigner, sizeof(token->mrsigner)) != 0)
		return "has another signer's MRSIGNER";
	if (token->attributes.flags != secs->attributes.flags ||
	    token->attributes.xfrm != secs->attributes.xfrm)
		return "was made for other attributes";
	if (token->maskedattributesle.flags & ~secs->attributes.flags & SGX_ATTR_DEBUG)
		return "comes from a debug launch enclave, which starts only debug enclaves";
	return NULL;
}

int token_blame(const struct token *token, const char *node, uint32_t code,
                const struct sgx_secs *secs, const uint8_t mrenclave[SHA256_SIZE],
                const uint8_t mrsigner[SHA256_SIZE], struct err *e)
{
	const char *rule;

	if (!token->is_found && code == SGX_INVALID_EINITTOKEN)
		return err_set(e, -EPERM,
		               TOKEN_FILE
		               ": No such file: the %s driver needs a launch token " MAKE_ONE,
		               node);
	if (!token->is_found)
		return 0;
	rule = broken_rule(&token->body, secs, mrenclave, mrsigner);
	if (!rule && code == SGX_INVALID_EINITTOKEN)
		rule = "is not from this machine's launch enclave";
	if (!rule && code == SGX_INVALID_CPUSVN)
		rule = "is for a newer security version of the processor";
	if (!rule)
		return 0;
	return err_set(e, -EPERM, TOKEN_FILE ": %s: make a new one " MAKE_ONE, rule);
}
