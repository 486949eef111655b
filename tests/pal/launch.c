// SPDX-License-Identifier: Apache-2.0
/*
 * launch: what a launch enclave of the software platform does, for tests.
 *
 *	launch [debug] > encl.token
 *
 * Makes a token for the enclave of encl.bin and encl.ss in the working directory, with the secrets of
 * the platform that SWSGX_STATE names.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/sgx/sigstruct.h"
#include "pal/encl.h"
#include "sgx/token.h"
#include "swsgx/cpu/keys.h"
#include "swsgx/driver/state.h"

#define MACED offsetof(struct sgx_einittoken, cpusvnle)

static int make(bool is_debug, struct sgx_einittoken *token, struct err *e)
{
	uint8_t random[STATE_RANDOM_SIZE], key[SGX_KEY_SIZE];
	struct encl_files files;
	struct platform platform;
	int r = crypto_load(e);

	if (r == 0)
		r = state_read(random, e);
	if (r == 0)
		r = encl_files_load(&files, e);
	if (r < 0)
		return r;
	platform_init(&platform, SGX_XFRM_LEGACY, random);
	memset(token, 0, sizeof(*token));
	token->valid = 1;
	token->attributes.flags = files.image.image.layout.attributes;
	token->attributes.flags |= is_debug ? SGX_ATTR_DEBUG : 0;
	token->attributes.xfrm = files.image.image.layout.xfrm;
	image_measure(&files.image.image, token->mrenclave);
	sigstruct_mrsigner(&files.sig, token->mrsigner);
	memset(token->keyid, 0x6b, sizeof(token->keyid));
	key_launch(&platform, token, key);
	cmac_aes128(key, token, MACED, token->mac);
	encl_files_release(&files);
	return 0;
}

int main(int argc, char **argv)
{
	bool is_debug = argc == 2 && strcmp(argv[1], "debug") == 0;
	struct sgx_einittoken token;
	struct err e;

	if (make(is_debug, &token, &e) < 0) {
		fprintf(stderr, "launch: %s\n", e.text);
		return 1;
	}
	return io_write_all(STDOUT_FILENO, &token, sizeof(token)) < 0;
}
