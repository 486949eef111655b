// SPDX-License-Identifier: Apache-2.0
/* See sample.h. */
#include "tests/unit/pal/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/sgx/sigstruct.h"
#include "sgx/tcs.h"
#include "tests/unit/lib/crypto/keys.h"

uint8_t sample[6 * 4096] __attribute__((aligned(4096)));

static const struct sgx_layout layout = {
	.magic = SGX_LAYOUT_MAGIC,
	.size = SAMPLE_SIZE,
	.file_size = sizeof(sample),
	.ssaframesize = 2,
	.miscselect = SGX_MISC_EXINFO,
	.attributes = SGX_ATTR_MODE64BIT,
	.xfrm = SGX_XFRM_LEGACY,
	.segment_count = 4,
	.segment = {
		{ 0, 4096, 0, SGX_SECINFO_REG | SGX_SECINFO_R, 0, 0 },
		{ 8192, 8192, 4096, SGX_SECINFO_TCS, 0, 0 },
		{ 0x10000, 3 * 4096, 3 * 4096, SAMPLE_RX, 0, 0 },
		{ 0x100000, 0x100000, 0, SAMPLE_RW, SGX_LAYOUT_ZERO, 0 },
	},
};

void sample_files(struct encl_files *ret)
{
	static const struct sgx_tcs tcs = { .ossa = 0x100000, .nssa = 2, .oentry = 0x10000 };
	static const struct image_options none;
	struct err e;

	memset(ret, 0, sizeof(*ret));
	memset(sample, 0, sizeof(sample));
	memcpy(sample, &layout, sizeof(layout));
	memcpy(sample + 4096, &tcs, sizeof(tcs));
	memcpy(sample + 2 * 4096, &tcs, sizeof(tcs));
	for (size_t i = 3 * 4096; i < sizeof(sample); i++)
		sample[i] = (uint8_t)(i * 7 >> 3);
	assert_int_equal(crypto_load(&e), 0);
	assert_int_equal(
		image_parse("encl.bin", sample, sizeof(sample), &none, &ret->image.image, &e), 0);
}

void sample_sign(struct encl_files *files)
{
	struct rsa3072_key *key;
	EVP_PKEY *pkey = keys_rsa(3072, 3);
	struct keys keys;
	struct err e;

	keys_make(&keys);
	assert_int_equal(rsa3072_key_load(keys_pem(&keys, "key.pem", pkey, KEYS_PRIVATE), &key, &e),
	                 0);
	sigstruct_init(&files->sig);
	files->sig.miscselect = SGX_MISC_EXINFO;
	files->sig.miscmask = UINT32_MAX;
	files->sig.attributes.flags = SGX_ATTR_MODE64BIT;
	files->sig.attributes.xfrm = SGX_XFRM_LEGACY;
	files->sig.attributemask.flags = ~SGX_ATTR_DEBUG;
	files->sig.attributemask.xfrm = UINT64_MAX;
	image_measure(&files->image.image, files->sig.enclavehash);
	assert_int_equal(sigstruct_sign(&files->sig, key, &e), 0);
	rsa3072_key_free(key);
	EVP_PKEY_free(pkey);
	keys_remove(&keys);
}
