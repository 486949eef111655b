// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as a certificate chain in PEM, as a certificate, as a revocation list and as the SGX
 * extension of a PCK certificate.  What is accepted can be asked everything.
 */
#include "lib/dcap/chain.h"

#include <string.h>

#include "tests/fuzz/machine.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static void ask(const struct x509_cert *cert)
{
	size_t size;

	x509_cert_signed_by(cert, x509_cert_key(cert));
	x509_cert_missing_extension(cert);
	PROMISE(x509_cert_serial(cert, &size) != NULL && size <= X509_DER_MAX);
	PROMISE(x509_name_same(x509_cert_issuer(cert), x509_cert_issuer(cert)));
	PROMISE(x509_cert_point(cert)[0] == 4);
}

static void try_chain(const uint8_t *data, size_t size)
{
	struct dcap_chain chain, again;
	const struct dcap_chain *const known[] = { &chain };
	struct err e = { .text = "" };
	enum dcap_error error = dcap_chain_parse(data, size, NULL, 0, &chain, &e);

	PROMISE(error == DCAP_OK || e.text[0] != 0);
	for (int i = 0; i < chain.count; i++)
		ask(chain.cert[i].x509);
	PROMISE(dcap_chain_parse(data, size, known, 1, &again, &e) == error);
	PROMISE(error || (again.count == chain.count && again.pck == chain.pck));
	dcap_chain_free(&again);
	dcap_chain_free(&chain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { .text = "" };
	struct x509_cert *cert;
	struct x509_crl *crl;
	struct dcap_pck pck;

	try_chain(data, size);
	if (x509_cert_parse(data, size, &cert, &e) == 0) {
		ask(cert);
		if (x509_crl_parse(data, size, &crl, &e) == 0)
			x509_crl_free(crl);
		x509_cert_free(cert);
	} else if (x509_crl_parse(data, size, &crl, &e) == 0) {
		x509_crl_has_authority_key(crl);
		PROMISE(x509_crl_issuer(crl)->text[sizeof(x509_crl_issuer(crl)->text) - 1] == 0);
		x509_crl_free(crl);
	}
	if (dcap_pck_parse(data, size, &pck, &e) == 0)
		PROMISE(dcap_sgx_type_name(pck.sgx_type) != NULL);
	return 0;
}
