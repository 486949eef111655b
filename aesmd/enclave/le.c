// SPDX-License-Identifier: Apache-2.0
/*
 * The launch enclave: a token for every enclave that can be debugged, and for others of the signers on
 * the list.  Only the list's may have the provisioning key, and nobody the key that signs tokens
 * (SDM vol. 3D, EINITTOKEN).  MRENCLAVE is what EINIT will compare, so it may say anything.
 */
#include "aesmd/enclave/enclave.h"
#include "aesmd/enclave/trusted.h"
#include "sgx/attributes.h"

#define TOKEN_MACED 192

static _Alignas(512) struct sgx_keyrequest request;
static _Alignas(512) struct sgx_report self;
static _Alignas(512) struct sgx_targetinfo nobody;
static _Alignas(128) uint8_t nothing[SGX_REPORTDATA_SIZE];
static _Alignas(16) uint8_t key[SGX_KEY_SIZE];

static bool is_listed(const struct arch_args *args)
{
	for (uint32_t i = 0; i < args->launch.signer_count && i < ARCH_SIGNERS_MAX; i++)
		if (trusted_equal(args->launch.signer[i], args->launch.token.mrsigner, 32))
			return true;
	return false;
}

static bool may_launch(const struct arch_args *args)
{
	uint64_t flags = args->launch.token.attributes.flags;

	if (flags & (SGX_ATTR_INIT | SGX_ATTR_EINITTOKENKEY))
		return false;
	if (is_listed(args))
		return true;
	return (flags & SGX_ATTR_DEBUG) && !(flags & SGX_ATTR_PROVISIONKEY);
}

static uint64_t make_token(struct arch_args *args)
{
	const struct sgx_einittoken *asked = &args->launch.token;
	struct sgx_einittoken token;

	if (!may_launch(args))
		return ARCH_REFUSED;
	leaf_ereport(&nobody, nothing, &self);
	memset(&request, 0, sizeof(request));
	request.keyname = SGX_KEY_EINITTOKEN;
	request.isvsvn = self.isvsvn;
	memcpy(request.cpusvn, self.cpusvn, sizeof(request.cpusvn));
	request.attributemask.flags = UINT64_MAX;
	memcpy(request.keyid, asked->keyid, sizeof(request.keyid));
	request.miscmask = UINT32_MAX;

	memset(&token, 0, sizeof(token));
	token.valid = 1;
	token.attributes = asked->attributes;
	memcpy(token.mrenclave, asked->mrenclave, sizeof(token.mrenclave));
	memcpy(token.mrsigner, asked->mrsigner, sizeof(token.mrsigner));
	memcpy(token.keyid, asked->keyid, sizeof(token.keyid));
	memcpy(token.cpusvnle, self.cpusvn, sizeof(token.cpusvnle));
	token.isvprodidle = self.isvprodid;
	token.isvsvnle = self.isvsvn;
	token.maskedmiscselectle = self.miscselect;
	token.maskedattributesle.flags = self.attributes.flags;
	token.maskedattributesle.xfrm = 0; /* as the request's mask */
	if (leaf_egetkey(&request, key) != SGX_SUCCESS)
		return ARCH_FAILED;
	trusted_cmac(key, &token, TOKEN_MACED, token.mac);
	memset(key, 0, sizeof(key));
	args->launch.token = token;
	return ARCH_OK;
}

uint64_t arch_call(struct arch_args *args)
{
	return args->op == ARCH_TOKEN ? make_token(args) : ARCH_INVALID;
}
