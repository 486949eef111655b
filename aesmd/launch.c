// SPDX-License-Identifier: Apache-2.0
/* The launch enclave's service; see launch.h. */
#include "aesmd/launch.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "sgx/uapi/legacy.h"

void launch_signer(const struct platform *platform, uint8_t ret[32])
{
	uint8_t modulus[RSA3072_SIZE];

	rsa3072_modulus(platform->le, modulus);
	sha256_digest(modulus, sizeof(modulus), ret);
}

int launch_open(const struct platform *platform, struct launch *ret, struct err *e)
{
	struct arch_image image = arch_image_le();

	*ret = (struct launch){ .signer_count = 0 };
	if (access(SGX_DEV_ISGX, F_OK) < 0)
		return 0;
	return arch_load_isgx(&image, platform->le, &ret->enclave, e);
}

enum aesm_error launch_token(const struct launch *l, const uint8_t mrenclave[32],
                             const uint8_t modulus[SGX_RSA_BYTES],
                             const struct sgx_attributes *attributes, struct sgx_einittoken *ret)
{
	struct arch_args args = { .op = ARCH_TOKEN };
	struct sgx_einittoken *token = &args.launch.token;
	struct err e;

	if (l->enclave.tcs == 0)
		return AESM_SERVICE_UNAVAILABLE;
	token->attributes = *attributes;
	memcpy(token->mrenclave, mrenclave, sizeof(token->mrenclave));
	sha256_digest(modulus, SGX_RSA_BYTES, token->mrsigner);
	if (crypto_random(token->keyid, sizeof(token->keyid), &e) < 0)
		return AESM_UNEXPECTED_ERROR;
	memcpy(args.launch.signer, l->signer, sizeof(args.launch.signer));
	args.launch.signer_count = l->signer_count;
	switch (arch_enter(&l->enclave, &args)) {
	case ARCH_OK: *ret = *token; return AESM_SUCCESS;
	case ARCH_REFUSED: return AESM_GET_LICENSETOKEN_ERROR;
	default: return AESM_UNEXPECTED_ERROR;
	}
}
