// SPDX-License-Identifier: Apache-2.0
/*
 * EPCM entries: what a page may be used for, and how it gets its entry (SDM vol. 3D, EPCM).
 */
#include "swsgx/cpu/epc.h"

bool epcm_permits(const struct epcm_entry *e, uint32_t secs, uint64_t page, uint64_t perm)
{
	return e->valid && !e->blocked && !e->pending && !e->modified && e->pt == SGX_PT_REG &&
	       e->secs == secs && e->enclaveaddress == page && (!(perm & SGX_SECINFO_R) || e->r) &&
	       (!(perm & SGX_SECINFO_W) || e->w) && (!(perm & SGX_SECINFO_X) || e->x);
}

bool epcm_secinfo_valid(const struct sgx_secinfo *secinfo)
{
	const uint64_t defined = SGX_SECINFO_RWX | SGX_SECINFO_PENDING | SGX_SECINFO_MODIFIED |
	                         SGX_SECINFO_PR | SGX_SECINFO_PT_MASK;

	return (secinfo->flags & ~defined) == 0 &&
	       bytes_zero(secinfo->reserved, sizeof(secinfo->reserved));
}

bool epcm_permits_secinfo(const struct cpu *cpu, uint32_t index, uint64_t la)
{
	return epcm_permits(&cpu->epc->epcm[index], cpu->secs_index, la_page(la), SGX_SECINFO_R);
}

bool tcs_limits_valid(const struct sgx_tcs *tcs, const struct sgx_secs *secs)
{
	return (secs->attributes.flags & SGX_ATTR_MODE64BIT) ||
	       ((tcs->fslimit & 0xfff) == 0xfff && (tcs->gslimit & 0xfff) == 0xfff);
}

void epcm_start_tracking(const struct epc *epc, struct epcm_entry *e)
{
	e->epoch = epc_hidden(epc, e->secs)->epoch;
}

bool epcm_tracked(const struct epc *epc, const struct epcm_entry *e)
{
	const struct secs_hidden *hidden = epc_hidden(epc, e->secs);
	uint64_t epoch = __atomic_load_n(&hidden->epoch, __ATOMIC_SEQ_CST);

	if (epoch <= e->epoch)
		return false;
	return epoch > e->epoch + 1 ||
	       __atomic_load_n(&hidden->inside[(epoch + 1) & 1], __ATOMIC_SEQ_CST) == 0;
}

void epcm_set(struct epcm_entry *e, uint8_t pt, uint64_t perm, uint32_t secs, uint64_t address)
{
	*e = (struct epcm_entry){
		.enclaveaddress = address,
		.secs = secs,
		.valid = 1,
		.r = (perm & SGX_SECINFO_R) != 0,
		.w = (perm & SGX_SECINFO_W) != 0,
		.x = (perm & SGX_SECINFO_X) != 0,
		.pt = pt,
	};
}
