// SPDX-License-Identifier: Apache-2.0
/* Chains: every certificate of the text must be one of Intel's kind, else none of them counts. */
#include "lib/dcap/chain.h"

#include <errno.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/crypto/pem.h"

#define PCK_PHRASE "SGX PCK Certificate"
#define CA_PHRASE  "CA"

bool dcap_name_contains(const struct x509_name *name, const char *phrase)
{
	return strstr(name->common, phrase) != NULL;
}

const struct x509_cert *dcap_chain_cert(const struct dcap_chain *chain, int index)
{
	return index < 0 ? NULL : chain->cert[index].x509;
}

static const struct dcap_cert *find(const uint8_t *der, size_t size,
                                    const struct dcap_chain *const known[], size_t known_count)
{
	for (size_t k = 0; k < known_count; k++) {
		for (int i = 0; i < known[k]->count; i++) {
			const struct dcap_cert *cert = &known[k]->cert[i];
			size_t own_size;
			const uint8_t *own = x509_cert_der(cert->x509, &own_size);

			if (own_size == size && memcmp(own, der, size) == 0)
				return cert;
		}
	}
	return NULL;
}

/* Take in a certificate, borrowed or new.  One that is refused is not in the chain: it is not lent. */
static int add(struct dcap_chain *chain, const uint8_t *der, size_t size,
               const struct dcap_cert *known, struct err *e)
{
	struct dcap_cert *cert = &chain->cert[chain->count];
	const char *missing;
	int r;

	if (known) {
		*cert = *known;
		cert->owned = false;
		chain->count++;
		return 0;
	}
	r = x509_cert_parse(der, size, &cert->x509, e);
	if (r < 0)
		return r;
	missing = x509_cert_missing_extension(cert->x509);
	if (missing) {
		x509_cert_free(take_ptr(cert->x509));
		return err_set(e, -EINVAL, "it has no %s", missing);
	}
	cert->owned = true;
	chain->count++;
	return 0;
}

static int read_certs(struct pem *in, const struct dcap_chain *const known[], size_t known_count,
                      struct dcap_chain *chain, struct err *e)
{
	uint8_t der[X509_DER_MAX];
	long size;

	while ((size = pem_next(in, "CERTIFICATE", der, sizeof(der))) != 0) {
		int r = (int)size;

		if (chain->count == DCAP_CHAIN_MAX)
			return err_set(e, -EINVAL, "more than %d certificates", DCAP_CHAIN_MAX);
		if (size < 0)
			err_set(e, r, "its PEM is broken");
		else
			r = add(chain, der, (size_t)size,
			        find(der, (size_t)size, known, known_count), e);
		if (r < 0)
			return err_wrap(e, r, "certificate %d", chain->count + 1);
	}
	if (chain->count == 0)
		return err_set(e, -EINVAL, "no certificate");
	return 0;
}

/* Did this certificate issue another one of the chain? */
static bool issued_another(const struct dcap_chain *chain, int index)
{
	const struct x509_name *subject = x509_cert_subject(chain->cert[index].x509);

	for (int i = 0; i < chain->count; i++) {
		const struct x509_cert *other = chain->cert[i].x509;

		if (!x509_name_equal(x509_cert_subject(other), subject) &&
		    x509_name_equal(x509_cert_issuer(other), subject))
			return true;
	}
	return false;
}

/* The last of each kind counts, but the first intermediate: as in Intel's library. */
static int find_roles(struct dcap_chain *chain, struct err *e)
{
	static const uint8_t sgx[] = DCAP_PCK_OID;

	for (int i = 0; i < chain->count; i++) {
		const struct x509_cert *cert = chain->cert[i].x509;
		const struct x509_name *subject = x509_cert_subject(cert);
		bool is_root = x509_name_equal(subject, x509_cert_issuer(cert));
		const uint8_t *extension;
		size_t size;
		int r;

		if (is_root)
			chain->root = i;
		else if (chain->intermediate < 0 && dcap_name_contains(subject, CA_PHRASE))
			chain->intermediate = i;
		if (!issued_another(chain, i))
			chain->topmost = i;
		if (!dcap_name_contains(subject, PCK_PHRASE))
			continue;
		extension = x509_cert_extension(cert, sgx, sizeof(sgx), &size);
		if (!extension)
			return err_set(e, -EINVAL, "the PCK certificate has no SGX extension");
		r = dcap_pck_parse(extension, size, &chain->sgx, e);
		if (r < 0)
			return err_wrap(e, r, "PCK certificate");
		chain->pck = i;
	}
	return 0;
}

enum dcap_error dcap_chain_parse(const void *pem, size_t size,
                                 const struct dcap_chain *const known[], size_t known_count,
                                 struct dcap_chain *ret, struct err *e)
{
	struct pem in = { pem, size };

	*ret = (struct dcap_chain){ .root = -1, .intermediate = -1, .topmost = -1, .pck = -1 };
	if (size > DCAP_CHAIN_BYTES_MAX) {
		err_set(e, -EFBIG, "longer than %u bytes", DCAP_CHAIN_BYTES_MAX);
		return DCAP_E_UNSUPPORTED_CERT_FORMAT;
	}
	if (read_certs(&in, known, known_count, ret, e) < 0 || find_roles(ret, e) < 0)
		return DCAP_E_UNSUPPORTED_CERT_FORMAT;
	return DCAP_OK;
}

void dcap_chain_free(struct dcap_chain *chain)
{
	for (int i = 0; i < chain->count; i++) {
		if (chain->cert[i].owned)
			x509_cert_free(chain->cert[i].x509);
	}
	chain->count = 0;
}

bool dcap_chain_signed_by(const struct dcap_chain *chain, int index, const struct x509_cert *issuer,
                          unsigned int *count)
{
	const struct dcap_cert *cert = &chain->cert[index];

	if (cert->known && memcmp(cert->signer, x509_cert_point(issuer), P256_POINT_SIZE) == 0)
		return cert->good;
	if (count)
		++*count;
	return x509_cert_signed_by(cert->x509, x509_cert_key(issuer));
}

void dcap_chain_remember(struct dcap_chain *chain, int index, const struct x509_cert *issuer)
{
	struct dcap_cert *cert = &chain->cert[index];

	cert->good = dcap_chain_signed_by(chain, index, issuer, NULL);
	memcpy(cert->signer, x509_cert_point(issuer), P256_POINT_SIZE);
	cert->known = true;
}
