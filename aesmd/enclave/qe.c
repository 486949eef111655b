// SPDX-License-Identifier: Apache-2.0
/*
 * The quoting enclave: it verifies that a REPORT is for it and comes from this platform, which only it
 * can (SDM vol. 3D, EREPORT and EGETKEY), and names the platform.
 */
#include "aesmd/enclave/enclave.h"
#include "aesmd/enclave/trusted.h"
#include "sgx/attributes.h"

static _Alignas(512) struct sgx_keyrequest request;
static _Alignas(16) uint8_t key[SGX_KEY_SIZE];

/* The REPORT key is of whom the report is for: of this enclave, whatever the report says. */
static uint64_t verify(const struct sgx_report *report)
{
	uint8_t mac[16];

	memset(&request, 0, sizeof(request));
	request.keyname = SGX_KEY_REPORT;
	memcpy(request.keyid, report->keyid, sizeof(request.keyid));
	if (leaf_egetkey(&request, key) != SGX_SUCCESS)
		return ARCH_FAILED;
	trusted_cmac(key, report, SGX_REPORT_MACED, mac);
	memset(key, 0, sizeof(key));
	return trusted_equal(mac, report->mac, sizeof(mac)) ? ARCH_OK : ARCH_REFUSED;
}

/*
 * QEID: CMAC of a fixed string by a seal key of the signer that no version changes: KEYID, CPUSVN and
 * ISVSVN are 0.
 */
static uint64_t qeid(uint8_t ret[16])
{
	static const uint8_t derivation[16] = {
		0x00, 'Q', 'E',  '_',  'I',  'D',  '_',  'D',
		'E',  'R', 0x00, 0x00, 0x00, 0x00, 0x00, 0x80,
	};

	memset(&request, 0, sizeof(request));
	request.keyname = SGX_KEY_SEAL;
	request.keypolicy = SGX_KEYPOLICY_MRSIGNER;
	request.attributemask.flags = ~SGX_ATTR_MODE64BIT;
	request.attributemask.xfrm = 0;
	request.miscmask = UINT32_MAX;
	if (leaf_egetkey(&request, key) != SGX_SUCCESS)
		return ARCH_FAILED;
	trusted_cmac(key, derivation, sizeof(derivation), ret);
	memset(key, 0, sizeof(key));
	return ARCH_OK;
}

uint64_t arch_call(struct arch_args *args)
{
	switch (args->op) {
	case ARCH_VERIFY: return verify(&args->verify);
	case ARCH_QEID: return qeid(args->qeid);
	default: return ARCH_INVALID;
	}
}
