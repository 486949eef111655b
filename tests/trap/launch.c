// SPDX-License-Identifier: Apache-2.0
/*
 * Launch tokens at /dev/isgx, where launch control is not open.  Each row breaks one thing of a good
 * token, which a launch enclave of Intel's would have made: its key comes from the platform's file.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/crypto/crypto.h"
#include "sgx/leaf.h"
#include "swsgx/cpu/keys.h"
#include "tests/trap/harness.h"
#include "tests/trap/isgx.h"

#define STATE_MAGIC_SIZE 8

static struct test_enclave e;
static struct platform platform;

static void read_platform(void)
{
	struct {
		char magic[STATE_MAGIC_SIZE];
		uint8_t random[80];
	} file;
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/platform", getenv("SWSGX_STATE"));
	fd = open(path, O_RDONLY);
	NEED(fd >= 0 && read(fd, &file, sizeof(file)) == sizeof(file));
	close(fd);
	platform_init(&platform, 3, file.random);
}

static void mac(struct sgx_einittoken *token)
{
	uint8_t key[SGX_KEY_SIZE];

	key_launch(&platform, token, key);
	cmac_aes128(key, token, offsetof(struct sgx_einittoken, cpusvnle), token->mac);
}

/* For e, which is built. */
static void good_token(struct sgx_einittoken *ret)
{
	read_platform();
	memset(ret, 0, sizeof(*ret));
	ret->valid = 1;
	ret->attributes = e.secs.attributes;
	memcpy(ret->mrenclave, e.sigstruct.enclavehash, sizeof(ret->mrenclave));
	sha256_digest(e.sigstruct.modulus, sizeof(e.sigstruct.modulus), ret->mrsigner);
	memcpy(ret->cpusvnle, platform.cpusvn, sizeof(ret->cpusvnle));
	ret->isvprodidle = 1;
	ret->isvsvnle = 1;
	memset(ret->keyid, 0x6b, sizeof(ret->keyid));
	mac(ret);
}

#define AT(field) offsetof(struct sgx_einittoken, field)

static const struct {
	size_t offset; /* of the bit that is flipped: the lowest of this byte */
	bool is_mac_new;
	enum sgx_code code;
} rows[] = {
	{ AT(valid), true, SGX_INVALID_EINITTOKEN },
	{ AT(valid) + 1, true, SGX_INVALID_EINITTOKEN },
	{ AT(reserved1), true, SGX_INVALID_EINITTOKEN },
	{ AT(reserved2) + 31, true, SGX_INVALID_EINITTOKEN },
	{ AT(reserved3), true, SGX_INVALID_EINITTOKEN },
	{ AT(reserved4), true, SGX_INVALID_EINITTOKEN },
	{ AT(mac), false, SGX_INVALID_EINITTOKEN },
	{ AT(mac) + 15, false, SGX_INVALID_EINITTOKEN },
	{ AT(keyid), false, SGX_INVALID_EINITTOKEN },
	{ AT(isvsvnle), false, SGX_INVALID_EINITTOKEN },
	{ AT(isvprodidle), false, SGX_INVALID_EINITTOKEN },
	{ AT(mrenclave), false, SGX_INVALID_EINITTOKEN },
	{ AT(mrenclave), true, SGX_INVALID_MEASUREMENT },
	{ AT(mrsigner) + 31, true, SGX_INVALID_MEASUREMENT },
	{ AT(attributes) + 8, true, SGX_INVALID_ATTRIBUTE },
	{ AT(cpusvnle) + 15, true, SGX_SUCCESS }, /* 1 becomes 0: an older processor's */
};

static void tokens(void)
{
	struct sgx_einittoken good, token;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		isgx_build(&e);
		good_token(&good);
		token = good;
		((uint8_t *)&token)[rows[i].offset] ^= 1;
		if (rows[i].is_mac_new)
			mac(&token);
		CHECK_EQUAL(isgx_init(&e, &e.sigstruct, &token), rows[i].code);
		/* An enclave whose INIT has failed can be initialised yet. */
		CHECK_EQUAL(isgx_init(&e, &e.sigstruct, &good), SGX_SUCCESS);
		CHECK_EQUAL(isgx_enter(&e, OP_EXIT, 0, i), i);
		close(e.fd);
	}
}

static void newer_processor(void)
{
	struct sgx_einittoken token;

	isgx_build(&e);
	good_token(&token);
	token.cpusvnle[3]++;
	mac(&token);
	CHECK_EQUAL(isgx_init(&e, &e.sigstruct, &token), SGX_INVALID_CPUSVN);
}

static void no_token(void)
{
	isgx_build(&e);
	CHECK_EQUAL(isgx_init(&e, &e.sigstruct, NULL), SGX_INVALID_EINITTOKEN);
	/* Of the reasons to refuse it, the token is the last. */
	e.sigstruct.signature[0] ^= 1;
	CHECK_EQUAL(isgx_init(&e, &e.sigstruct, NULL), SGX_INVALID_SIGNATURE);
}

static void launch_key(void)
{
	struct sgx_einittoken token;

	isgx_map(&e);
	e.secs.attributes.flags |= SGX_ATTR_EINITTOKENKEY;
	CHECK_EQUAL(isgx_create(&e, &e.secs), 0);
	isgx_add_all(&e);
	enclave_sign(&e);
	good_token(&token);
	CHECK_EQUAL(isgx_init(&e, &e.sigstruct, &token), SGX_INVALID_ATTRIBUTE);
}

static void other_platform(void)
{
	struct sgx_einittoken token;

	isgx_build(&e);
	good_token(&token);
	platform.root_key[0] ^= 1;
	mac(&token);
	CHECK_EQUAL(isgx_init(&e, &e.sigstruct, &token), SGX_INVALID_EINITTOKEN);
}

static const struct test tests[] = {
	{ "without a token nothing is launched", no_token, 0 },
	{ "a token is good for its enclave and signer, and as long as nobody changes it", tokens,
	  60 },
	{ "a token of a newer processor is refused", newer_processor, 0 },
	{ "a token of another platform is refused", other_platform, 0 },
	{ "only the signer of the launch enclave may have its key", launch_key, 0 },
};

int main(int argc, char **argv)
{
	setenv("SWSGX_LAUNCH", "token", 1);
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), "legacy");
}
