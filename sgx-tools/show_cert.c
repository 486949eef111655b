// SPDX-License-Identifier: Apache-2.0
/* Certificates with Intel's SGX extension, and revocation lists.  No signature is checked here. */
#include <errno.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/crypto/pem.h"
#include "sgx-tools/show.h"

#define CERTIFICATES_MAX 64 /* of a file */

void show_pck(struct show *s, const struct dcap_pck *pck)
{
	show_hex(s, "FMSPC", pck->fmspc, sizeof(pck->fmspc));
	show_hex(s, "PCEID", pck->pceid, sizeof(pck->pceid));
	show_count(s, "PCESVN", pck->pcesvn);
	show_svns(s, "SVNs", pck->component, DCAP_COMPONENTS);
	show_hex(s, "platform CPUSVN", pck->cpusvn, sizeof(pck->cpusvn));
	show_hex(s, "PPID", pck->ppid, sizeof(pck->ppid));
	show_text(s, "SGX type", dcap_sgx_type_name(pck->sgx_type));
	if (!pck->is_platform)
		return;
	show_hex(s, "platform instance ID", pck->platform_instance_id,
	         sizeof(pck->platform_instance_id));
	show_bool(s, "dynamic platform", pck->dynamic_platform);
	show_bool(s, "cached keys", pck->cached_keys);
	show_bool(s, "SMT enabled", pck->smt_enabled);
}

static void show_cert(struct show *s, const struct x509_cert *cert)
{
	const char *missing = x509_cert_missing_extension(cert);
	const uint8_t *serial;
	size_t size;

	show_text(s, "subject", x509_cert_subject(cert)->text);
	show_text(s, "issuer", x509_cert_issuer(cert)->text);
	serial = x509_cert_serial(cert, &size);
	show_hex(s, "serial number", serial, size);
	show_time(s, "not before", x509_cert_not_before(cert));
	show_time(s, "not after", x509_cert_not_after(cert));
	show_hex(s, "public key", x509_cert_point(cert), P256_POINT_SIZE);
	if (missing)
		show_text(s, "missing extension", missing);
}

/* 1: there is an SGX extension, 0: there is none. */
static int read_sgx(const struct x509_cert *cert, struct dcap_pck *ret, struct err *e)
{
	static const uint8_t oid[] = DCAP_PCK_OID;
	size_t size;
	const uint8_t *content = x509_cert_extension(cert, oid, sizeof(oid), &size);
	int r;

	if (!content)
		return 0;
	r = dcap_pck_parse(content, size, ret, e);
	return r < 0 ? r : 1;
}

static int show_one(struct show *s, const void *der, size_t size, size_t number, bool with_sgx,
                    struct dcap_pck *ret_pck, bool *ret_has_pck, struct err *e)
{
	_cleanup_(x509_cert_freep) struct x509_cert *cert = NULL;
	struct dcap_pck pck;
	int r = x509_cert_parse(der, size, &cert, e), has_sgx = 0;
	char name[32];

	if (r == 0)
		r = has_sgx = read_sgx(cert, &pck, e);
	if (r < 0)
		return err_wrap(e, r, "certificate %zu", number);
	snprintf(name, sizeof(name), "certificate %zu", number);
	show_group(s, name);
	show_cert(s, cert);
	if (has_sgx && with_sgx)
		show_pck(s, &pck);
	show_end(s);
	if (has_sgx && ret_pck && !*ret_has_pck) {
		*ret_pck = pck;
		*ret_has_pck = true;
	}
	return 0;
}

int show_pem(struct show *s, const void *text, size_t size, bool with_sgx, struct dcap_pck *ret_pck,
             bool *ret_has_pck, struct err *e)
{
	struct pem in = { text, size };
	uint8_t der[X509_DER_MAX];
	size_t number = 1;
	long found;
	int r = 0;

	if (ret_has_pck)
		*ret_has_pck = false;
	show_list(s, "certificates");
	while ((found = pem_next(&in, "CERTIFICATE", der, sizeof(der))) > 0 && r == 0) {
		if (number > CERTIFICATES_MAX)
			return err_set(e, -EFBIG, "more than %d certificates", CERTIFICATES_MAX);
		r = show_one(s, der, (size_t)found, number++, with_sgx, ret_pck, ret_has_pck, e);
	}
	show_list_end(s);
	if (r == 0 && found < 0)
		r = err_set(e, -EINVAL, "certificate %zu: its PEM is broken", number);
	if (r == 0 && number == 1)
		r = err_set(e, -EINVAL, "no certificate in PEM");
	return r;
}

int show_certificates(struct show *s, const char *path, const void *bytes, size_t size,
                      struct err *e)
{
	int r;

	show_title(s, path, "certificates", "certificates");
	if (*(const uint8_t *)bytes != 0x30) {
		r = show_pem(s, bytes, size, true, NULL, NULL, e);
	} else {
		show_list(s, "certificates");
		r = show_one(s, bytes, size, 1, true, NULL, NULL, e);
		show_list_end(s);
	}
	return r < 0 ? err_wrap(e, r, "%s", path) : 0;
}

int show_crl(struct show *s, const char *path, const void *bytes, size_t size, struct err *e)
{
	_cleanup_(x509_crl_freep) struct x509_crl *crl = NULL;
	int r = x509_crl_parse(bytes, size, &crl, e);

	if (r < 0)
		return err_wrap(e, r, "%s", path);
	show_title(s, path, "revocation list", "crl");
	show_text(s, "issuer", x509_crl_issuer(crl)->text);
	show_time(s, "this update", x509_crl_this_update(crl));
	show_time(s, "next update", x509_crl_next_update(crl));
	show_count(s, "revoked certificates", x509_crl_count(crl));
	show_list(s, "revoked");
	for (size_t i = 0; i < x509_crl_count(crl); i++) {
		const uint8_t *serial = x509_crl_serial(crl, i, &size);

		show_hex(s, i == 0 ? "serial numbers" : "", serial, size);
	}
	show_list_end(s);
	return 0;
}
