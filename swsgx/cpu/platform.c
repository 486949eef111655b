// SPDX-License-Identifier: Apache-2.0
/*
 * What a processor package is born with: its keys and its capabilities.  The secrets are the
 * caller's random bytes and nothing else.
 */
#include <string.h>

#include "sgx/attributes.h"
#include "swsgx/cpu/cpu.h"
#include "swsgx/cpu/ssa.h"

/* Of the model, raised when it would get a microcode update: each byte is a version of its own. */
static const uint8_t cpusvn[16] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };

/* IA32_SGXLEPUBKEYHASH at reset (SDM vol. 3D, launch control configuration). */
static const uint64_t lepubkeyhash_reset[4] = {
	UINT64_C(0xa6053e051270b7ac),
	UINT64_C(0x6cfbe8ba8b3b413d),
	UINT64_C(0xc4916d99f2b3735d),
	UINT64_C(0xd4f8c05909f9bb3b),
};

void platform_init(struct platform *p, uint64_t xcr0, const uint8_t random[80])
{
	memcpy(p->cpusvn, cpusvn, sizeof(p->cpusvn));
	memcpy(p->ownerepoch, random, 16);
	memcpy(p->seal_fuses, random + 16, 16);
	memcpy(p->root_key, random + 32, 16);
	memcpy(p->report_keyid, random + 48, 32);
	memcpy(p->lepubkeyhash, lepubkeyhash_reset, sizeof(p->lepubkeyhash));
	p->attributes_mask = SGX_ATTR_DEBUG | SGX_ATTR_MODE64BIT | SGX_ATTR_PROVISIONKEY |
	                     SGX_ATTR_EINITTOKENKEY | SGX_ATTR_KSS | SGX_ATTR_AEXNOTIFY;
	p->xfrm_mask = (xcr0 & SSA_XFRM_KNOWN) | SGX_XFRM_LEGACY;
	p->miscselect_mask = SGX_MISC_EXINFO;
	p->max_size_log2_64 = 36;
	p->max_size_log2_32 = 31;
	p->next_eid = 1;
	p->next_version = 1;
}
