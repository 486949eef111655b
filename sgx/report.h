/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What EREPORT takes and makes (SDM vol. 3D, TARGETINFO, REPORTDATA, REPORT).
 */
#ifndef SGX_REPORT_H
#define SGX_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "sgx/attributes.h"

#define SGX_REPORTDATA_SIZE 64
#define SGX_REPORT_MACED    384 /* the MAC covers this much of a REPORT */

/* The enclave that is to verify the report.  Operand alignment 512. */
struct sgx_targetinfo {
	uint8_t measurement[32];
	struct sgx_attributes attributes;
	uint8_t cet_attributes;
	uint8_t reserved1[1]; /* 0 */
	uint16_t configsvn;
	uint32_t miscselect;
	uint8_t reserved2[8]; /* 0 */
	uint8_t configid[64];
	uint8_t reserved3[384]; /* 0 */
};
_Static_assert(sizeof(struct sgx_targetinfo) == 512, "sgx_targetinfo");
_Static_assert(offsetof(struct sgx_targetinfo, measurement) == 0, "sgx_targetinfo.measurement");
_Static_assert(offsetof(struct sgx_targetinfo, attributes) == 32, "sgx_targetinfo.attributes");
_Static_assert(offsetof(struct sgx_targetinfo, cet_attributes) == 48,
               "sgx_targetinfo.cet_attributes");
_Static_assert(offsetof(struct sgx_targetinfo, reserved1) == 49, "sgx_targetinfo.reserved1");
_Static_assert(offsetof(struct sgx_targetinfo, configsvn) == 50, "sgx_targetinfo.configsvn");
_Static_assert(offsetof(struct sgx_targetinfo, miscselect) == 52, "sgx_targetinfo.miscselect");
_Static_assert(offsetof(struct sgx_targetinfo, reserved2) == 56, "sgx_targetinfo.reserved2");
_Static_assert(offsetof(struct sgx_targetinfo, configid) == 64, "sgx_targetinfo.configid");
_Static_assert(offsetof(struct sgx_targetinfo, reserved3) == 128, "sgx_targetinfo.reserved3");

/* Operand alignment 512. */
struct sgx_report {
	uint8_t cpusvn[16];
	uint32_t miscselect;
	uint8_t cet_attributes;
	uint8_t reserved1[11]; /* 0 */
	uint8_t isvextprodid[16];
	struct sgx_attributes attributes;
	uint8_t mrenclave[32];
	uint8_t reserved2[32]; /* 0 */
	uint8_t mrsigner[32];
	uint8_t reserved3[32]; /* 0 */
	uint8_t configid[64];
	uint16_t isvprodid;
	uint16_t isvsvn;
	uint16_t configsvn;
	uint8_t reserved4[42]; /* 0 */
	uint8_t isvfamilyid[16];
	uint8_t reportdata[64];
	uint8_t keyid[32];
	uint8_t mac[16];
};
_Static_assert(sizeof(struct sgx_report) == 432, "sgx_report");
_Static_assert(offsetof(struct sgx_report, cpusvn) == 0, "sgx_report.cpusvn");
_Static_assert(offsetof(struct sgx_report, miscselect) == 16, "sgx_report.miscselect");
_Static_assert(offsetof(struct sgx_report, cet_attributes) == 20, "sgx_report.cet_attributes");
_Static_assert(offsetof(struct sgx_report, reserved1) == 21, "sgx_report.reserved1");
_Static_assert(offsetof(struct sgx_report, isvextprodid) == 32, "sgx_report.isvextprodid");
_Static_assert(offsetof(struct sgx_report, attributes) == 48, "sgx_report.attributes");
_Static_assert(offsetof(struct sgx_report, mrenclave) == 64, "sgx_report.mrenclave");
_Static_assert(offsetof(struct sgx_report, reserved2) == 96, "sgx_report.reserved2");
_Static_assert(offsetof(struct sgx_report, mrsigner) == 128, "sgx_report.mrsigner");
_Static_assert(offsetof(struct sgx_report, reserved3) == 160, "sgx_report.reserved3");
_Static_assert(offsetof(struct sgx_report, configid) == 192, "sgx_report.configid");
_Static_assert(offsetof(struct sgx_report, isvprodid) == 256, "sgx_report.isvprodid");
_Static_assert(offsetof(struct sgx_report, isvsvn) == 258, "sgx_report.isvsvn");
_Static_assert(offsetof(struct sgx_report, configsvn) == 260, "sgx_report.configsvn");
_Static_assert(offsetof(struct sgx_report, reserved4) == 262, "sgx_report.reserved4");
_Static_assert(offsetof(struct sgx_report, isvfamilyid) == 304, "sgx_report.isvfamilyid");
_Static_assert(offsetof(struct sgx_report, reportdata) == 320, "sgx_report.reportdata");
_Static_assert(offsetof(struct sgx_report, keyid) == 384, "sgx_report.keyid");
_Static_assert(offsetof(struct sgx_report, mac) == 416, "sgx_report.mac");

#endif
