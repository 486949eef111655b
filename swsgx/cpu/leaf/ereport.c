// SPDX-License-Identifier: Apache-2.0
/*
 * EREPORT: who this enclave is, for one other enclave of the platform to verify.  RBX TARGETINFO,
 * RCX REPORTDATA, RDX the REPORT.  Checks are in the order of the SDM's pseudocode (vol. 3D,
 * EREPORT).
 *
 * Needs the caller's lock only against the leaves that change the EPCM: a SECS does not change once
 * its enclave runs, and the operands are copied once.
 */
#include <string.h>

#include "lib/crypto/crypto.h"
#include "sgx/report.h"
#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/keys.h"
#include "swsgx/cpu/leaf.h"

static bool target_valid(const struct sgx_targetinfo *target)
{
	return target->cet_attributes == 0 && /* no CET here: reserved */
	       bytes_zero(target->reserved1, sizeof(target->reserved1)) &&
	       bytes_zero(target->reserved2, sizeof(target->reserved2)) &&
	       bytes_zero(target->reserved3, sizeof(target->reserved3));
}

static void make_report(const struct platform *p, const struct sgx_secs *secs,
                        const struct secs_hidden *hidden, const struct sgx_targetinfo *target,
                        const uint8_t *reportdata, struct sgx_report *ret)
{
	uint8_t key[SGX_KEY_SIZE];

	*ret = (struct sgx_report){
		.miscselect = secs->miscselect,
		.cet_attributes = secs->cet_attributes,
		.attributes = secs->attributes,
		.isvprodid = secs->isvprodid,
		.isvsvn = secs->isvsvn,
		.configsvn = secs->configsvn,
	};
	memcpy(ret->cpusvn, p->cpusvn, sizeof(ret->cpusvn));
	memcpy(ret->isvextprodid, hidden->isvextprodid, sizeof(ret->isvextprodid));
	memcpy(ret->mrenclave, secs->mrenclave, sizeof(ret->mrenclave));
	memcpy(ret->mrsigner, secs->mrsigner, sizeof(ret->mrsigner));
	memcpy(ret->configid, secs->configid, sizeof(ret->configid));
	memcpy(ret->isvfamilyid, hidden->isvfamilyid, sizeof(ret->isvfamilyid));
	memcpy(ret->reportdata, reportdata, sizeof(ret->reportdata));
	memcpy(ret->keyid, p->report_keyid, sizeof(ret->keyid));
	key_report(p, target, ret->keyid, hidden->padding, key);
	cmac_aes128(key, ret, SGX_REPORT_MACED, ret->mac);
}

struct trap leaf_ereport(struct cpu *cpu)
{
	const struct sgx_secs *secs = epc_secs(cpu->epc, cpu->secs_index);
	const struct secs_hidden *hidden = epc_hidden(cpu->epc, cpu->secs_index);
	void *target_at, *reportdata_at, *report_at;
	uint8_t reportdata[SGX_REPORTDATA_SIZE];
	struct sgx_targetinfo target;
	struct sgx_report report;
	struct trap t;

	t = epc_operand(cpu, cpu->regs.rbx, 512, SGX_SECINFO_R, &target_at);
	if (!retired(t))
		return t;
	memcpy(&target, target_at, sizeof(target));
	if (!target_valid(&target))
		return GP0;
	t = epc_operand(cpu, cpu->regs.rcx, 128, SGX_SECINFO_R, &reportdata_at);
	if (!retired(t))
		return t;
	memcpy(reportdata, reportdata_at, sizeof(reportdata));
	t = epc_operand(cpu, cpu->regs.rdx, 512, SGX_SECINFO_W, &report_at);
	if (!retired(t))
		return t;

	make_report(cpu->platform, secs, hidden, &target, reportdata, &report);
	memcpy(report_at, &report, sizeof(report));
	return RETIRED;
}
