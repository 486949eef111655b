// SPDX-License-Identifier: Apache-2.0
/*
 * Quotes, whoever made them: what they say, not whether it is true.  In JSON the fields that a verifier
 * also prints have its names.
 */
#include <errno.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/dcap/quote.h"
#include "sgx-tools/gen.h"
#include "sgx-tools/show.h"

static void show_header(struct show *s, const struct dcap_quote *q)
{
	static const uint8_t intel[] = SGX_QE_VENDOR_INTEL;
	const struct sgx_quote_header *h = &q->header;

	show_count(s, "version", h->version);
	show_text(s, "TEE", dcap_quote_is_tdx(q) ? "TDX" : "SGX");
	show_number_as(s, "attestation key type", h->att_key_type,
	               h->att_key_type == SGX_QUOTE_KEY_ECDSA_P256 ? "2, ECDSA P-256"
	                                                           : "3, ECDSA P-384");
	show_count(s, "QE SVN", h->qe_svn);
	show_count(s, "PCE SVN", h->pce_svn);
	show_hex(s, "QE vendor ID", h->qe_vendor_id, sizeof(h->qe_vendor_id));
	if (memcmp(h->qe_vendor_id, intel, sizeof(intel)) != 0)
		show_text(s, "note|qe_vendor", "the QE vendor ID is not Intel's");
	show_hex(s, "user data", h->user_data, sizeof(h->user_data));
	show_count(s, "body type", q->body_type);
}

static void show_td_extension(struct show *s, const struct sgx_td_report *td)
{
	show_hex(s, "VMID", td->vmid, sizeof(td->vmid));
	show_hex(s, "TDID", td->tdid, sizeof(td->tdid));
	show_hex(s, "DEVINFO", td->devinfo, sizeof(td->devinfo));
	show_hex(s, "INIT_SERVTD_HASH", td->init_servtd_hash, sizeof(td->init_servtd_hash));
	show_hex(s, "INIT_SERVTD_ATTRIBUTES", td->init_servtd_attributes,
	         sizeof(td->init_servtd_attributes));
	show_hex(s, "INIT_CPUSVN", td->init_cpusvn, sizeof(td->init_cpusvn));
	show_hex(s, "INIT_TEE_TCB_SVN", td->init_tee_tcb_svn, sizeof(td->init_tee_tcb_svn));
	show_hex(s, "INIT_TEE_FMSPC", td->init_tee_fmspc, sizeof(td->init_tee_fmspc));
	show_hex(s, "CUR_SERVTD_HASH", td->cur_servtd_hash, sizeof(td->cur_servtd_hash));
	show_hex(s, "CUR_SERVTD_ATTRIBUTES", td->cur_servtd_attributes,
	         sizeof(td->cur_servtd_attributes));
}

static void show_td(struct show *s, const struct dcap_quote *q)
{
	const struct sgx_td_report *td = &q->td;

	show_hex(s, "MRTD", td->mrtd, sizeof(td->mrtd));
	show_bool(s, "debug", dcap_quote_is_debug(q));
	show_hex(s, "REPORTDATA|report_data", td->reportdata, sizeof(td->reportdata));
	show_hex(s, "TEE_TCB_SVN", td->tee_tcb_svn, sizeof(td->tee_tcb_svn));
	show_hex(s, "MRSEAM", td->mrseam, sizeof(td->mrseam));
	show_hex(s, "MRSIGNERSEAM", td->mrsignerseam, sizeof(td->mrsignerseam));
	show_hex(s, "SEAMATTRIBUTES", td->seamattributes, sizeof(td->seamattributes));
	show_hex(s, "TDATTRIBUTES", td->tdattributes, sizeof(td->tdattributes));
	show_hex(s, "XFAM", td->xfam, sizeof(td->xfam));
	show_hex(s, "MRCONFIGID", td->mrconfigid, sizeof(td->mrconfigid));
	show_hex(s, "MROWNER", td->mrowner, sizeof(td->mrowner));
	show_hex(s, "MROWNERCONFIG", td->mrownerconfig, sizeof(td->mrownerconfig));
	for (unsigned int i = 0; i < 4; i++) {
		char name[] = { 'R', 'T', 'M', 'R', (char)('0' + i), '\0' };

		show_hex(s, name, td->rtmr[i], sizeof(td->rtmr[i]));
	}
	if (q->body_size >= SGX_TD15_SIZE) {
		show_hex(s, "TEE_TCB_SVN2", td->tee_tcb_svn2, sizeof(td->tee_tcb_svn2));
		show_hex(s, "MRSERVICETD", td->mrservicetd, sizeof(td->mrservicetd));
	}
	if (q->body_size >= SGX_TD15X_SIZE)
		show_td_extension(s, td);
}

/* Types 1 to 3: the platform's TCB in place of a certificate.  There are quotes with less of it. */
static void show_ppid(struct show *s, const struct dcap_quote *q, size_t ppid_size)
{
	struct sgx_cert_ppid tcb;

	if (q->cert_size != ppid_size + sizeof(tcb)) {
		show_hex(s, "content", q->cert, q->cert_size);
		return;
	}
	memcpy(&tcb, q->cert + ppid_size, sizeof(tcb));
	show_hex(s, q->cert_type == SGX_CERT_PPID_CLEAR ? "PPID" : "encrypted PPID", q->cert,
	         ppid_size);
	show_hex(s, "platform CPUSVN", tcb.cpusvn, sizeof(tcb.cpusvn));
	show_count(s, "PCESVN", tcb.pcesvn);
	/* Its bytes as they stand, which is how Intel's services are asked. */
	show_hex(s, "PCEID", (const uint8_t *)&tcb + offsetof(struct sgx_cert_ppid, pceid), 2);
}

static int show_certification(struct show *s, const struct dcap_quote *q, struct err *e)
{
	static const char *const names[] = {
		[SGX_CERT_PPID_CLEAR] = "1, PPID",
		[SGX_CERT_PPID_RSA2048] = "2, PPID encrypted with RSA-2048",
		[SGX_CERT_PPID_RSA3072] = "3, PPID encrypted with RSA-3072",
		[SGX_CERT_PCK_LEAF] = "4, PCK certificate",
		[SGX_CERT_PCK_CHAIN] = "5, PCK certificate chain",
		[SGX_CERT_QE_REPORT] = "6, QE report",
		[SGX_CERT_PLATFORM_MANIFEST] = "7, platform manifest",
	};
	bool is_known = q->cert_type > 0 && q->cert_type <= SGX_CERT_PLATFORM_MANIFEST;
	struct dcap_pck pck;
	bool has_pck = false;
	char unknown[32];
	int r;

	snprintf(unknown, sizeof(unknown), "%u, unknown", q->cert_type);
	show_number_as(s, "certification data|cert_type", q->cert_type,
	               is_known ? names[q->cert_type] : unknown);
	switch (q->cert_type) {
	case SGX_CERT_PPID_CLEAR: show_ppid(s, q, 16); return 0;
	case SGX_CERT_PPID_RSA2048: show_ppid(s, q, 256); return 0;
	case SGX_CERT_PPID_RSA3072: show_ppid(s, q, 384); return 0;
	case SGX_CERT_PCK_LEAF:
	case SGX_CERT_PCK_CHAIN: break;
	default: show_hex(s, "content", q->cert, q->cert_size); return 0;
	}
	r = show_pem(s, q->cert, q->cert_size, false, &pck, &has_pck, e);
	if (r == 0 && has_pck)
		show_pck(s, &pck);
	return r;
}

static int show_signature(struct show *s, const struct dcap_quote *q, struct err *e)
{
	show_hex(s, "signature", q->signature, SGX_ECDSA_SIGNATURE_SIZE);
	show_hex(s, "attestation key", q->attestation_key, SGX_ECDSA_KEY_SIZE);
	show_count(s, "QE ISVSVN", q->qe_report.isvsvn);
	show_group(s, "QE report");
	show_report_body(s, &q->qe_report);
	show_end(s);
	show_hex(s, "QE report signature", q->qe_report_signature, SGX_ECDSA_SIGNATURE_SIZE);
	show_hex(s, "QE authentication data|qe_auth_data", q->auth, q->auth_size);
	return show_certification(s, q, e);
}

int show_quote(struct show *s, const char *path, const void *bytes, size_t size, struct err *e)
{
	struct dcap_quote q;
	int r = dcap_quote_parse(bytes, size, &q, e);

	if (r < 0)
		return err_wrap(e, r, "%s", path);
	show_title(s, path, "quote", "quote");
	show_header(s, &q);
	if (q.body_type == SGX_QUOTE_BODY_SGX)
		show_report_body(s, &q.report);
	else
		show_td(s, &q);
	r = show_signature(s, &q, e);
	if (r == 0 && q.size < size)
		show_count(s, "trailing bytes", size - q.size);
	return r < 0 ? err_wrap(e, r, "%s", path) : 0;
}

int show_epid_quote(struct show *s, const char *path, const void *bytes, size_t size, struct err *e)
{
	struct sgx_report report = { .miscselect = 0 };
	struct sgx_epid_quote q;

	if (gen_epid_size(bytes, size) == 0)
		return err_set(e, -EINVAL, "%s: EPID quote cut short: %zu bytes", path, size);
	memcpy(&q, bytes, sizeof(q));
	memcpy(&report, q.report, sizeof(q.report));
	show_title(s, path, "EPID quote", "epid_quote");
	show_count(s, "version", q.version);
	show_number_as(s, "sign type", q.sign_type,
	               q.sign_type == 0 ? "0, unlinkable" : "1, linkable");
	show_hex(s, "EPID group ID", q.epid_group_id, sizeof(q.epid_group_id));
	show_count(s, "QE SVN", q.qe_svn);
	show_count(s, "PCE SVN", q.pce_svn);
	show_number(s, "extended EPID group", q.xeid);
	show_hex(s, "basename", q.basename, sizeof(q.basename));
	show_report_body(s, &report);
	show_hex(s, "signature", (const uint8_t *)bytes + sizeof(q), q.signature_size);
	if (sizeof(q) + q.signature_size < size)
		show_count(s, "trailing bytes", size - sizeof(q) - q.signature_size);
	return 0;
}
