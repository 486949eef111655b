// SPDX-License-Identifier: Apache-2.0
/*
 * EINIT: make an enclave runnable.  RBX SIGSTRUCT, RCX SECS, RDX EINITTOKEN; the code is in RAX.
 * Checks are in the order of the SDM's pseudocode (vol. 3D, EINIT).  An interrupt is never pending
 * here, so UNMASKED_EVENT does not occur.  On any code the SECS is as it was.
 */
#include <string.h>

#include "lib/crypto/crypto.h"
#include "lib/sgx/sigstruct.h"
#include "sgx/token.h"
#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/keys.h"
#include "swsgx/cpu/leaf.h"

#define TOKEN_VALID UINT32_C(1)
#define TOKEN_MACED offsetof(struct sgx_einittoken, cpusvnle)

static bool header_valid(const struct sgx_sigstruct *sig)
{
	static const uint8_t header[16] = SGX_SIGSTRUCT_HEADER;
	static const uint8_t header2[16] = SGX_SIGSTRUCT_HEADER2;

	return memcmp(sig->header, header, sizeof(header)) == 0 &&
	       (sig->vendor == 0 || sig->vendor == SGX_SIGSTRUCT_VENDOR_INTEL) &&
	       memcmp(sig->header2, header2, sizeof(header2)) == 0 &&
	       sig->exponent == SGX_RSA_EXPONENT &&
	       bytes_zero(sig->reserved1, sizeof(sig->reserved1)) && sig->cet_attributes == 0 &&
	       sig->cet_attributes_mask == 0 && /* no CET here */
	       bytes_zero(sig->reserved2, sizeof(sig->reserved2)) &&
	       bytes_zero(sig->reserved3, sizeof(sig->reserved3)) &&
	       bytes_zero(sig->reserved4, sizeof(sig->reserved4));
}

static bool signature_valid(const struct sgx_sigstruct *sig)
{
	uint8_t digest[SHA256_SIZE];

	sigstruct_tbs_digest(sig, digest);
	return rsa3072_verify_q(sig->modulus, sig->signature, sig->q1, sig->q2, digest);
}

/* Does the signer agree to what the enclave was created with? */
static bool signer_permits(const struct sgx_sigstruct *sig, const struct sgx_secs *secs)
{
	const struct sgx_attributes mask = sig->attributemask;

	return (secs->attributes.flags & mask.flags) == (sig->attributes.flags & mask.flags) &&
	       (secs->attributes.xfrm & mask.xfrm) == (sig->attributes.xfrm & mask.xfrm) &&
	       (secs->miscselect & sig->miscmask) == (sig->miscselect & sig->miscmask);
}

static bool token_reserved_zero(const struct sgx_einittoken *token)
{
	return (token->valid & ~TOKEN_VALID) == 0 &&
	       bytes_zero(token->reserved1, sizeof(token->reserved1)) &&
	       bytes_zero(token->reserved2, sizeof(token->reserved2)) &&
	       bytes_zero(token->reserved3, sizeof(token->reserved3)) &&
	       bytes_zero(token->reserved4, sizeof(token->reserved4));
}

static bool token_mac_valid(const struct platform *p, const struct sgx_einittoken *token)
{
	uint8_t key[SGX_KEY_SIZE], mac[16];

	key_launch(p, token, key);
	cmac_aes128(key, token, TOKEN_MACED, mac);
	return crypto_equal(mac, token->mac, sizeof(mac));
}

static enum sgx_code token_code(const struct platform *p, const struct sgx_einittoken *token,
                                const struct sgx_secs *secs, const uint8_t mrenclave[32],
                                const uint8_t mrsigner[32])
{
	if (!(token->valid & TOKEN_VALID))
		return memcmp(mrsigner, p->lepubkeyhash, 32) == 0 ? SGX_SUCCESS
		                                                  : SGX_INVALID_EINITTOKEN;
	/* A launch enclave that was debugged launches debug enclaves only. */
	if ((token->maskedattributesle.flags & SGX_ATTR_DEBUG) &&
	    !(secs->attributes.flags & SGX_ATTR_DEBUG))
		return SGX_INVALID_EINITTOKEN;
	if (!token_reserved_zero(token))
		return SGX_INVALID_EINITTOKEN;
	if (!key_cpusvn_allowed(p, token->cpusvnle))
		return SGX_INVALID_CPUSVN;
	if (!token_mac_valid(p, token))
		return SGX_INVALID_EINITTOKEN;
	if (memcmp(token->mrenclave, mrenclave, 32) != 0 ||
	    memcmp(token->mrsigner, mrsigner, 32) != 0)
		return SGX_INVALID_MEASUREMENT;
	if (memcmp(&token->attributes, &secs->attributes, sizeof(token->attributes)) != 0)
		return SGX_INVALID_ATTRIBUTE;
	return SGX_SUCCESS;
}

/* What is left once the SECS is known to be one. */
static enum sgx_code launch_code(const struct platform *p, const struct sgx_sigstruct *sig,
                                 const struct sgx_einittoken *token, const struct sgx_secs *secs,
                                 const uint8_t mrenclave[32], const uint8_t mrsigner[32])
{
	if (!(secs->attributes.flags & SGX_ATTR_KSS) &&
	    !bytes_zero(sig->isvfamilyid, sizeof(sig->isvfamilyid)))
		return SGX_INVALID_SIG_STRUCT;
	if (memcmp(sig->enclavehash, mrenclave, 32) != 0)
		return SGX_INVALID_MEASUREMENT;
	if ((secs->attributes.flags & SGX_ATTR_EINITTOKENKEY) &&
	    memcmp(mrsigner, p->lepubkeyhash, 32) != 0)
		return SGX_INVALID_ATTRIBUTE;
	if (!signer_permits(sig, secs))
		return SGX_INVALID_ATTRIBUTE;
	return token_code(p, token, secs, mrenclave, mrsigner);
}

static void commit(struct sgx_secs *secs, struct secs_hidden *hidden,
                   const struct sgx_sigstruct *sig, const uint8_t mrenclave[32],
                   const uint8_t mrsigner[32])
{
	memcpy(secs->mrenclave, mrenclave, sizeof(secs->mrenclave));
	memcpy(secs->mrsigner, mrsigner, sizeof(secs->mrsigner));
	secs->isvprodid = sig->isvprodid;
	secs->isvsvn = sig->isvsvn;
	memcpy(hidden->isvextprodid, sig->isvextprodid, sizeof(hidden->isvextprodid));
	memcpy(hidden->isvfamilyid, sig->isvfamilyid, sizeof(hidden->isvfamilyid));
	key_padding(hidden->padding);
	secs->attributes.flags |= SGX_ATTR_INIT;
}

struct trap leaf_einit(struct cpu *cpu)
{
	uint64_t rbx = cpu->regs.rbx, rcx = cpu->regs.rcx, rdx = cpu->regs.rdx;
	uint8_t mrenclave[SHA256_SIZE], mrsigner[SHA256_SIZE];
	struct sgx_einittoken token;
	struct sgx_sigstruct sig;
	struct sha256 measurement;
	struct secs_hidden *hidden;
	struct sgx_secs *secs;
	enum sgx_code code;
	uint32_t page;
	struct trap t;

	if (!la_aligned(rbx, SGX_PAGE_SIZE) || !la_aligned(rcx, SGX_PAGE_SIZE) ||
	    !la_aligned(rdx, 512))
		return GP0;
	t = epc_find(cpu, rcx, PF_W, &page);
	if (!retired(t))
		return t;
	t = epc_read(cpu, rbx, &sig, sizeof(sig));
	if (!retired(t))
		return t;
	t = epc_read(cpu, rdx, &token, sizeof(token));
	if (!retired(t))
		return t;
	code = !header_valid(&sig)      ? SGX_INVALID_SIG_STRUCT
	       : !signature_valid(&sig) ? SGX_INVALID_SIGNATURE
	                                : SGX_SUCCESS;
	if (code != SGX_SUCCESS) {
		cpu_set_code(cpu, code);
		return RETIRED;
	}
	if (!cpu->epc->epcm[page].valid || cpu->epc->epcm[page].pt != SGX_PT_SECS)
		return encls_pf(rcx);
	secs = epc_secs(cpu->epc, page);
	if (secs->attributes.flags & SGX_ATTR_INIT)
		return GP0;

	hidden = epc_hidden(cpu->epc, page);
	measurement = hidden->measurement; /* EINIT may be tried again */
	sha256_final(&measurement, mrenclave);
	sigstruct_mrsigner(&sig, mrsigner);
	code = launch_code(cpu->platform, &sig, &token, secs, mrenclave, mrsigner);
	if (code == SGX_SUCCESS)
		commit(secs, hidden, &sig, mrenclave, mrsigner);
	cpu_set_code(cpu, code);
	return RETIRED;
}
