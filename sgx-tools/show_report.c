// SPDX-License-Identifier: Apache-2.0
/* A REPORT, the TARGETINFO that reports are made for, and a launch token (SDM vol. 3D). */
#include "sgx-tools/show.h"

void show_report_body(struct show *s, const struct sgx_report *report)
{
	show_hex(s, "MRENCLAVE", report->mrenclave, sizeof(report->mrenclave));
	show_hex(s, "MRSIGNER", report->mrsigner, sizeof(report->mrsigner));
	show_bool(s, "debug", report->attributes.flags & SGX_ATTR_DEBUG);
	show_attributes(s, report->attributes.flags, NULL);
	show_xfrm(s, report->attributes.xfrm, NULL);
	show_miscselect(s, report->miscselect, NULL);
	show_number(s, "CET_ATTRIBUTES", report->cet_attributes);
	show_number(s, "ISVPRODID", report->isvprodid);
	show_number(s, "ISVSVN", report->isvsvn);
	show_hex(s, "REPORTDATA|report_data", report->reportdata, sizeof(report->reportdata));
	show_hex(s, "CPUSVN", report->cpusvn, sizeof(report->cpusvn));
	show_hex(s, "ISVEXTPRODID", report->isvextprodid, sizeof(report->isvextprodid));
	show_hex(s, "ISVFAMILYID", report->isvfamilyid, sizeof(report->isvfamilyid));
	show_hex(s, "CONFIGID", report->configid, sizeof(report->configid));
	show_number(s, "CONFIGSVN", report->configsvn);
}

void show_report(struct show *s, const char *path, const struct sgx_report *report)
{
	show_title(s, path, "REPORT", "report");
	show_report_body(s, report);
	show_hex(s, "KEYID", report->keyid, sizeof(report->keyid));
	show_hex(s, "MAC", report->mac, sizeof(report->mac));
}

void show_targetinfo(struct show *s, const char *path, const struct sgx_targetinfo *targetinfo)
{
	show_title(s, path, "TARGETINFO", "targetinfo");
	show_hex(s, "MEASUREMENT", targetinfo->measurement, sizeof(targetinfo->measurement));
	show_attributes(s, targetinfo->attributes.flags, NULL);
	show_xfrm(s, targetinfo->attributes.xfrm, NULL);
	show_miscselect(s, targetinfo->miscselect, NULL);
	show_number(s, "CET_ATTRIBUTES", targetinfo->cet_attributes);
	show_number(s, "CONFIGSVN", targetinfo->configsvn);
	show_hex(s, "CONFIGID", targetinfo->configid, sizeof(targetinfo->configid));
}

void show_token(struct show *s, const char *path, const struct sgx_einittoken *token)
{
	show_title(s, path, "EINITTOKEN", "einittoken");
	show_number_as(s, "VALID", token->valid, token->valid & 1 ? "1" : "0, not valid");
	show_hex(s, "MRENCLAVE", token->mrenclave, sizeof(token->mrenclave));
	show_hex(s, "MRSIGNER", token->mrsigner, sizeof(token->mrsigner));
	show_attributes(s, token->attributes.flags, NULL);
	show_xfrm(s, token->attributes.xfrm, NULL);
	show_group(s, "launch enclave");
	show_hex(s, "CPUSVN", token->cpusvnle, sizeof(token->cpusvnle));
	show_number(s, "ISVPRODID", token->isvprodidle);
	show_number(s, "ISVSVN", token->isvsvnle);
	show_number(s, "CET_ATTRIBUTES", token->cet_masked_attributes_le);
	show_miscselect(s, token->maskedmiscselectle, NULL);
	show_attributes(s, token->maskedattributesle.flags, NULL);
	show_xfrm(s, token->maskedattributesle.xfrm, NULL);
	show_end(s);
	show_hex(s, "KEYID", token->keyid, sizeof(token->keyid));
	show_hex(s, "MAC", token->mac, sizeof(token->mac));
}
