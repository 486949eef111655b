// SPDX-License-Identifier: Apache-2.0
/*
 * Certificates, revocation lists and signed documents, in the order of Intel's PckCertVerifier,
 * TCBSigningChain and PckCrlVerifier.  Expiry is no failure: it is listed beside.
 */
#include "lib/dcap/check.h"

#include <string.h>

#define ROOT_PHRASE   "SGX Root CA"
#define SIGNER_PHRASE "SGX TCB Signing"

static bool named(const struct x509_cert *cert, const char *phrase)
{
	return cert && dcap_name_contains(x509_cert_subject(cert), phrase);
}

/* Issuer's name and signature.  Names are compared by their five parts. */
static bool issued_by(struct dcap_check *c, const struct dcap_chain *chain, int index,
                      const struct x509_cert *issuer)
{
	return x509_name_equal(x509_cert_issuer(chain->cert[index].x509),
	                       x509_cert_subject(issuer)) &&
	       dcap_chain_signed_by(chain, index, issuer, &c->result->signature_count);
}

static enum dcap_error check_crl(struct dcap_check *c, const struct dcap_crl *crl,
                                 const struct x509_cert *issuer, const char *what)
{
	if (!x509_name_same(x509_crl_issuer(crl->x509), x509_cert_subject(issuer)))
		return dcap_fail(c->result, DCAP_E_CRL_UNKNOWN_ISSUER, "%s: its issuer is %s", what,
		                 x509_crl_issuer(crl->x509)->text);
	if (!x509_crl_has_authority_key(crl->x509))
		return dcap_fail(c->result, DCAP_E_CRL_INVALID_EXTENSIONS,
		                 "%s: no authorityKeyIdentifier", what);
	if (!dcap_crl_signed_by(crl, issuer, &c->result->signature_count))
		return dcap_fail(c->result, DCAP_E_CRL_INVALID_SIGNATURE, "%s", what);
	return DCAP_OK;
}

/* Step 6 up to the signatures. */
static enum dcap_error check_chain(struct dcap_check *c)
{
	const struct dcap_chain *chain = &c->chain;
	const struct x509_cert *root = dcap_chain_cert(chain, chain->root);
	const struct x509_cert *intermediate = dcap_chain_cert(chain, chain->intermediate);

	if (!named(root, ROOT_PHRASE))
		return dcap_fail(c->result, DCAP_E_ROOT_CA_MISSING, "PCK certificate chain");
	if (!intermediate)
		return dcap_fail(c->result, DCAP_E_INTERMEDIATE_CA_MISSING,
		                 "no certificate that a CA's name is on");
	if (chain->pck < 0)
		return dcap_fail(c->result, DCAP_E_PCK_MISSING,
		                 "no certificate with \"SGX PCK Certificate\" in its name");
	if (!issued_by(c, chain, chain->root, root))
		return dcap_fail(c->result, DCAP_E_ROOT_CA_INVALID_ISSUER, "PCK certificate chain");
	if (!issued_by(c, chain, chain->intermediate, root))
		return dcap_fail(c->result, DCAP_E_INTERMEDIATE_CA_INVALID_ISSUER,
		                 "PCK certificate chain");
	if (!issued_by(c, chain, chain->pck, intermediate))
		return dcap_fail(c->result, DCAP_E_PCK_INVALID_ISSUER, "PCK certificate chain");
	return DCAP_OK;
}

enum dcap_error dcap_check_pck_chain(struct dcap_check *c)
{
	const struct dcap_collateral *collateral = c->collateral;
	const struct dcap_chain *chain = &c->chain;
	const struct x509_cert *intermediate;
	enum dcap_error error = check_chain(c);

	if (error)
		return error;
	intermediate = dcap_chain_cert(chain, chain->intermediate);
	error = check_crl(c, &collateral->root_crl, dcap_chain_cert(chain, chain->root),
	                  "root CA CRL");
	if (!error)
		error = check_crl(c, &collateral->pck_crl, intermediate, "PCK CRL");
	if (error)
		return error;
	if (x509_crl_revokes(collateral->root_crl.x509, intermediate))
		return dcap_fail(c->result, DCAP_E_INTERMEDIATE_CA_REVOKED, "by the root CA CRL");
	if (x509_crl_revokes(collateral->pck_crl.x509, dcap_chain_cert(chain, chain->pck)))
		return dcap_fail(c->result, DCAP_E_PCK_REVOKED, "by the PCK CRL");
	return DCAP_OK;
}

static bool same_signature(const struct x509_cert *a, const struct x509_cert *b)
{
	size_t a_size, b_size;
	const uint8_t *x = x509_cert_signature(a, &a_size);
	const uint8_t *y = x509_cert_signature(b, &b_size);

	return a_size == b_size && memcmp(x, y, a_size) == 0;
}

enum dcap_error dcap_check_signing(struct dcap_check *c, const struct dcap_signing *signing,
                                   enum dcap_error bad_signature, const char *what)
{
	const struct dcap_chain *chain = &signing->chain;
	const struct x509_cert *root = dcap_chain_cert(chain, chain->root);
	const struct x509_cert *signer = dcap_chain_cert(chain, chain->topmost);
	const struct dcap_crl *crl = &c->collateral->root_crl;
	enum dcap_error error;

	if (chain->count != 2)
		return dcap_fail(c->result, DCAP_E_CHAIN_LENGTH, "%s: %d certificates", what,
		                 chain->count);
	if (!named(root, ROOT_PHRASE))
		return dcap_fail(c->result, DCAP_E_ROOT_CA_MISSING, "%s", what);
	if (!issued_by(c, chain, chain->root, root))
		return dcap_fail(c->result, DCAP_E_ROOT_CA_INVALID_ISSUER, "%s", what);
	if (!named(signer, SIGNER_PHRASE))
		return dcap_fail(c->result, DCAP_E_TCB_SIGNING_CERT_MISSING, "%s", what);
	if (!issued_by(c, chain, chain->topmost, root))
		return dcap_fail(c->result, DCAP_E_TCB_SIGNING_CERT_INVALID_ISSUER, "%s", what);
	error = check_crl(c, crl, root, "root CA CRL");
	if (error)
		return error;
	if (x509_crl_revokes(crl->x509, signer))
		return dcap_fail(c->result, DCAP_E_TCB_SIGNING_CERT_REVOKED, "%s", what);
	if (!same_signature(root, dcap_chain_cert(&c->chain, c->chain.root)))
		return dcap_fail(c->result, DCAP_E_TCB_SIGNING_CERT_CHAIN_UNTRUSTED, "%s", what);
	if (!signing->document_is_signed)
		return dcap_fail(c->result, bad_signature, "not by the key of %s",
		                 x509_cert_subject(signer)->text);
	return DCAP_OK;
}
