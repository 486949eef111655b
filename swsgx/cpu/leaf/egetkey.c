// SPDX-License-Identifier: Apache-2.0
/*
 * EGETKEY: a key of this enclave on this platform.  RBX KEYREQUEST, RCX the key; the code is in
 * RAX, and the output is untouched when there is one.  Checks are in the order of the SDM's
 * pseudocode (vol. 3D, EGETKEY).  Locking as in EREPORT.
 */
#include <string.h>

#include "sgx/key.h"
#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/keys.h"
#include "swsgx/cpu/leaf.h"

#define KEYPOLICY_KSS                                                                     \
	(SGX_KEYPOLICY_NOISVPRODID | SGX_KEYPOLICY_CONFIGID | SGX_KEYPOLICY_ISVFAMILYID | \
	 SGX_KEYPOLICY_ISVEXTPRODID)
#define KEYPOLICY_ALL (SGX_KEYPOLICY_MRENCLAVE | SGX_KEYPOLICY_MRSIGNER | KEYPOLICY_KSS)

static bool request_valid(const struct sgx_keyrequest *request, const struct sgx_secs *secs)
{
	if (request->cet_attributes_mask != 0 || /* no CET here: reserved */
	    !bytes_zero(request->reserved1, sizeof(request->reserved1)) ||
	    !bytes_zero(request->reserved2, sizeof(request->reserved2)) ||
	    (request->keypolicy & ~KEYPOLICY_ALL) != 0)
		return false;
	return (secs->attributes.flags & SGX_ATTR_KSS) ||
	       ((request->keypolicy & KEYPOLICY_KSS) == 0 && request->configsvn == 0);
}

/* What all keys but REPORT demand: an attribute, and versions that are not from the future. */
static enum sgx_code version_code(const struct platform *p, const struct sgx_secs *secs,
                                  const struct sgx_keyrequest *request, uint64_t attribute)
{
	if ((secs->attributes.flags & attribute) != attribute)
		return SGX_INVALID_ATTRIBUTE;
	if (!key_cpusvn_allowed(p, request->cpusvn))
		return SGX_INVALID_CPUSVN;
	if (request->isvsvn > secs->isvsvn)
		return SGX_INVALID_ISVSVN;
	return SGX_SUCCESS;
}

static enum sgx_code request_code(const struct platform *p, const struct sgx_secs *secs,
                                  const struct sgx_keyrequest *request)
{
	enum sgx_code code;

	switch (request->keyname) {
	case SGX_KEY_EINITTOKEN: return version_code(p, secs, request, SGX_ATTR_EINITTOKENKEY);
	case SGX_KEY_PROVISION:
	case SGX_KEY_PROVISION_SEAL: return version_code(p, secs, request, SGX_ATTR_PROVISIONKEY);
	case SGX_KEY_REPORT: return SGX_SUCCESS;
	case SGX_KEY_SEAL:
		code = version_code(p, secs, request, 0);
		if (code == SGX_SUCCESS && request->configsvn > secs->configsvn)
			code = SGX_INVALID_ISVSVN;
		return code;
	default: return SGX_INVALID_KEYNAME;
	}
}

struct trap leaf_egetkey(struct cpu *cpu)
{
	const struct sgx_secs *secs = epc_secs(cpu->epc, cpu->secs_index);
	const struct secs_hidden *hidden = epc_hidden(cpu->epc, cpu->secs_index);
	struct sgx_keyrequest request;
	void *request_at, *key_at;
	uint8_t key[SGX_KEY_SIZE];
	enum sgx_code code;
	struct trap t;

	t = epc_operand(cpu, cpu->regs.rbx, 512, SGX_SECINFO_R, &request_at);
	if (!retired(t))
		return t;
	memcpy(&request, request_at, sizeof(request));
	t = epc_operand(cpu, cpu->regs.rcx, 16, SGX_SECINFO_W, &key_at);
	if (!retired(t))
		return t;
	if (!request_valid(&request, secs))
		return GP0;

	code = request_code(cpu->platform, secs, &request);
	if (code == SGX_SUCCESS) {
		key_requested(cpu->platform, secs, hidden, &request, key);
		memcpy(key_at, key, sizeof(key));
	}
	cpu_set_code(cpu, code);
	return RETIRED;
}
