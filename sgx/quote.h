/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quotes: what the quoting enclave signs and what it puts around it (Intel SGX ECDSA quote library
 * reference, quotes 3, 4 and 5; Intel TDX DCAP quoting library, TD quotes), and the structures that go
 * with them.  Integers are little-endian; signatures are r || s and keys x || y, each 32 bytes
 * big-endian.  What stands after a part of variable size has no fixed offset: a quote is read with
 * dcap_quote_parse (lib/dcap/quote.h).
 *
 *	version 3	header | REPORT body | u32 size | signature data
 *	version 4	header | REPORT body or TD report 1.0 | u32 size | signature data
 *	version 5	header | body header | body | u32 size | signature data
 *
 * Signature data of version 3: signature, attestation key, QE report, its signature, u16 size and QE
 * authentication data, certification data.  From version 4 on: signature, attestation key, and
 * certification data of type 6, which holds the rest, certification data of type 1 to 5 inside.
 */
#ifndef SGX_QUOTE_H
#define SGX_QUOTE_H

#include <stddef.h>
#include <stdint.h>

#include "sgx/report.h"

#define SGX_QUOTE_KEY_EPID       0 /* header.att_key_type of versions 1 and 2 (sign_type, in fact) */
#define SGX_QUOTE_KEY_ECDSA_P256 2
#define SGX_QUOTE_KEY_ECDSA_P384 3

#define SGX_TEE_SGX UINT32_C(0x00000000)
#define SGX_TEE_TDX UINT32_C(0x00000081)

#define SGX_QUOTE_BODY_SGX   1 /* 384 bytes: a REPORT without KEYID and MAC */
#define SGX_QUOTE_BODY_TD10  2 /* 584 bytes */
#define SGX_QUOTE_BODY_TD15  3 /* 648 bytes */
#define SGX_QUOTE_BODY_TD15X 4 /* 885 bytes */

#define SGX_REPORT_BODY_SIZE SGX_REPORT_MACED
#define SGX_TD10_SIZE        584
#define SGX_TD15_SIZE        648
#define SGX_TD15X_SIZE       885

/* Certification data: how the key that signed the QE report is known. */
#define SGX_CERT_PPID_CLEAR        1
#define SGX_CERT_PPID_RSA2048      2
#define SGX_CERT_PPID_RSA3072      3
#define SGX_CERT_PCK_LEAF          4 /* PEM */
#define SGX_CERT_PCK_CHAIN         5 /* PEM: leaf, intermediate, root; often a zero byte at the end */
#define SGX_CERT_QE_REPORT         6 /* from version 4 on, the outer one */
#define SGX_CERT_PLATFORM_MANIFEST 7

#define SGX_ECDSA_SIGNATURE_SIZE 64
#define SGX_ECDSA_KEY_SIZE       64

/* The QE of Intel, 939a7233-f79c-4ca9-940a-0db3957f0607. */
#define SGX_QE_VENDOR_INTEL                                                                   \
	{                                                                                     \
		0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, \
			0x7f, 0x06, 0x07                                                      \
	}

struct sgx_quote_header {
	uint16_t version;
	uint16_t att_key_type; /* SGX_QUOTE_KEY_* */
	uint32_t tee_type;     /* SGX_TEE_*; version 3: 0 */
	uint16_t qe_svn;       /* version 4 and later: 0 */
	uint16_t pce_svn;      /* the same */
	uint8_t qe_vendor_id[16];
	uint8_t user_data[20]; /* the platform's QEID, then 4 zero bytes */
};
_Static_assert(sizeof(struct sgx_quote_header) == 48, "sgx_quote_header");
_Static_assert(offsetof(struct sgx_quote_header, att_key_type) == 2, "sgx_quote_header");
_Static_assert(offsetof(struct sgx_quote_header, tee_type) == 4, "sgx_quote_header.tee_type");
_Static_assert(offsetof(struct sgx_quote_header, qe_svn) == 8, "sgx_quote_header.qe_svn");
_Static_assert(offsetof(struct sgx_quote_header, pce_svn) == 10, "sgx_quote_header.pce_svn");
_Static_assert(offsetof(struct sgx_quote_header, qe_vendor_id) == 12, "sgx_quote_header");
_Static_assert(offsetof(struct sgx_quote_header, user_data) == 28, "sgx_quote_header.user_data");

/* Version 5, between header and body. */
struct __attribute__((packed)) sgx_quote_body_header {
	uint16_t type; /* SGX_QUOTE_BODY_* */
	uint32_t size;
};
_Static_assert(sizeof(struct sgx_quote_body_header) == 6, "sgx_quote_body_header");

/* TDREPORT's part in a quote: 1.0 ends before tee_tcb_svn2, 1.5 before vmid.  Bytes only. */
struct sgx_td_report {
	uint8_t tee_tcb_svn[16]; /* [1] is the TDX module's major version, [0] its minor SVN */
	uint8_t mrseam[48];
	uint8_t mrsignerseam[48];
	uint8_t seamattributes[8];
	uint8_t tdattributes[8]; /* bit 0: DEBUG */
	uint8_t xfam[8];
	uint8_t mrtd[48];
	uint8_t mrconfigid[48];
	uint8_t mrowner[48];
	uint8_t mrownerconfig[48];
	uint8_t rtmr[4][48];
	uint8_t reportdata[64];
	uint8_t tee_tcb_svn2[16]; /* 1.5: of the TDX module now running */
	uint8_t mrservicetd[48];
	uint8_t vmid[1]; /* 1.5 extended */
	uint8_t tdid[32];
	uint8_t devinfo[48];
	uint8_t init_servtd_hash[48];
	uint8_t init_servtd_attributes[8];
	uint8_t init_cpusvn[16];
	uint8_t init_tee_tcb_svn[16];
	uint8_t init_tee_fmspc[12];
	uint8_t cur_servtd_hash[48];
	uint8_t cur_servtd_attributes[8];
};
_Static_assert(sizeof(struct sgx_td_report) == SGX_TD15X_SIZE, "sgx_td_report");
_Static_assert(offsetof(struct sgx_td_report, mrsignerseam) == 64, "sgx_td_report.mrsignerseam");
_Static_assert(offsetof(struct sgx_td_report, tdattributes) == 120, "sgx_td_report.tdattributes");
_Static_assert(offsetof(struct sgx_td_report, mrtd) == 136, "sgx_td_report.mrtd");
_Static_assert(offsetof(struct sgx_td_report, rtmr) == 328, "sgx_td_report.rtmr");
_Static_assert(offsetof(struct sgx_td_report, reportdata) == 520, "sgx_td_report.reportdata");
_Static_assert(offsetof(struct sgx_td_report, tee_tcb_svn2) == SGX_TD10_SIZE, "sgx_td_report 1.0");
_Static_assert(offsetof(struct sgx_td_report, vmid) == SGX_TD15_SIZE, "sgx_td_report 1.5");

#define SGX_TDATTR_DEBUG 0x01 /* tdattributes[0] */

/* Signature data of version 3 up to the QE authentication data. */
struct sgx_quote3_signature {
	uint8_t signature[SGX_ECDSA_SIGNATURE_SIZE]; /* header and body, by the attestation key */
	uint8_t attestation_key[SGX_ECDSA_KEY_SIZE];
	uint8_t qe_report[SGX_REPORT_BODY_SIZE];
	uint8_t qe_report_signature[SGX_ECDSA_SIGNATURE_SIZE]; /* by the PCK */
};
_Static_assert(sizeof(struct sgx_quote3_signature) == 576, "sgx_quote3_signature");
_Static_assert(offsetof(struct sgx_quote3_signature, qe_report) == 128, "sgx_quote3_signature");

/* Before each certification data. */
struct __attribute__((packed)) sgx_cert_header {
	uint16_t type; /* SGX_CERT_* */
	uint32_t size; /* of what follows */
};
_Static_assert(sizeof(struct sgx_cert_header) == 6, "sgx_cert_header");

/* Certification data of types 1 to 3: a PPID of 16, 256 or 384 bytes, then this. */
struct __attribute__((packed)) sgx_cert_ppid {
	uint8_t cpusvn[16];
	uint16_t pcesvn;
	uint16_t pceid;
};
_Static_assert(sizeof(struct sgx_cert_ppid) == 20, "sgx_cert_ppid");

/* What GetQuoteEx takes and returns to prove to the application that the QE made this quote. */
struct sgx_qe_report_info {
	uint8_t nonce[16];
	struct sgx_targetinfo app;
	struct sgx_report qe_report; /* out: REPORTDATA is SHA-256(nonce || quote), then zeros */
};
_Static_assert(sizeof(struct sgx_qe_report_info) == 960, "sgx_qe_report_info");
_Static_assert(offsetof(struct sgx_qe_report_info, app) == 16, "sgx_qe_report_info.app");
_Static_assert(offsetof(struct sgx_qe_report_info, qe_report) == 528,
               "sgx_qe_report_info.qe_report");

/* An attestation key's name: 158 bytes, and extended to 256. */
struct __attribute__((packed)) sgx_att_key_id {
	uint16_t id;              /* 0 */
	uint16_t version;         /* 0 */
	uint16_t mrsigner_length; /* 32 */
	uint8_t mrsigner[48];
	uint32_t prod_id;
	uint8_t extended_prod_id[16];
	uint8_t config_id[64];
	uint8_t family_id[16];
	uint32_t algorithm_id; /* SGX_QUOTE_KEY_* */
	/* Up to here two of them are compared. */
	uint8_t spid[16];
	uint16_t att_key_type;
	uint8_t reserved[80];
};
#define SGX_ATT_KEY_ID_COMPARED 158
_Static_assert(sizeof(struct sgx_att_key_id) == 256, "sgx_att_key_id");
_Static_assert(offsetof(struct sgx_att_key_id, spid) == SGX_ATT_KEY_ID_COMPARED, "sgx_att_key_id");

/* An EPID quote (versions 1 and 2) up to its encrypted signature. */
struct __attribute__((packed)) sgx_epid_quote {
	uint16_t version;
	uint16_t sign_type; /* 0 unlinkable, 1 linkable */
	uint8_t epid_group_id[4];
	uint16_t qe_svn;
	uint16_t pce_svn;
	uint32_t xeid;
	uint8_t basename[32];
	uint8_t report[SGX_REPORT_BODY_SIZE];
	uint32_t signature_size;
};
_Static_assert(sizeof(struct sgx_epid_quote) == 436, "sgx_epid_quote");
_Static_assert(offsetof(struct sgx_epid_quote, report) == 48, "sgx_epid_quote.report");

#endif
