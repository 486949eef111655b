// SPDX-License-Identifier: Apache-2.0
/*
 * Preparing collateral.  Signatures are checked here with the keys that they should be by; a quote that
 * leads to another key is not taken in by that, since what is remembered names the key.
 */
#include "lib/dcap/collateral.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	enum dcap_item chain;
	const char *name;
} chains[] = {
	{ DCAP_PCK_CRL_ISSUER_CHAIN, "PCK CRL issuer chain" },
	{ DCAP_TCB_INFO_ISSUER_CHAIN, "TCB info issuer chain" },
	{ DCAP_QE_IDENTITY_ISSUER_CHAIN, "QE identity issuer chain" },
};

/* Read a chain, and remember what of it is signed by its root. */
static void read_chain(const struct dcap_files *files, unsigned int which,
                       const struct dcap_chain *const known[], struct dcap_chain *ret,
                       struct dcap_fault *fault)
{
	enum dcap_item item = chains[which].chain;
	const struct x509_cert *root;

	fault->error = dcap_chain_parse(files->item[item].data, files->item[item].size, known,
	                                which, ret, &fault->why);
	if (fault->error) {
		err_wrap(&fault->why, 0, "%s", chains[which].name);
		return;
	}
	root = dcap_chain_cert(ret, ret->root);
	for (int i = 0; root && i < ret->count; i++)
		dcap_chain_remember(ret, i, root);
}

static void read_crl(const struct dcap_files *files, enum dcap_item item, const char *name,
                     const struct x509_cert *issuer, struct dcap_crl *ret)
{
	if (x509_crl_parse(files->item[item].data, files->item[item].size, &ret->x509,
	                   &ret->fault.why) < 0) {
		ret->fault.error = DCAP_E_CRL_UNSUPPORTED_FORMAT;
		err_wrap(&ret->fault.why, 0, "%s", name);
	} else if (issuer && x509_crl_signed_by(ret->x509, x509_cert_key(issuer))) {
		memcpy(ret->signer, x509_cert_point(issuer), P256_POINT_SIZE);
	}
}

static bool is_signed(const struct signed_json *json, const struct dcap_chain *chain)
{
	const struct x509_cert *signer = dcap_chain_cert(chain, chain->topmost);

	return signer && signed_json_verify(json, x509_cert_key(signer));
}

static void read_documents(const struct dcap_files *files, struct dcap_collateral *c)
{
	struct dcap_fault *fault = &c->tcb_info_fault;

	if (dcap_tcb_info_parse(files->item[DCAP_TCB_INFO].data, files->item[DCAP_TCB_INFO].size,
	                        &c->tcb_info, &fault->why) < 0)
		fault->error = DCAP_E_TCB_INFO_UNSUPPORTED_FORMAT;
	else
		c->tcb_info_signing.document_is_signed =
			is_signed(&c->tcb_info.json, &c->tcb_info_signing.chain);
	fault = &c->qe_identity_fault;
	if (dcap_qe_identity_parse(files->item[DCAP_QE_IDENTITY].data,
	                           files->item[DCAP_QE_IDENTITY].size, &c->qe_identity,
	                           &fault->why) < 0)
		fault->error = DCAP_E_ENCLAVE_IDENTITY_UNSUPPORTED_FORMAT;
	else
		c->qe_identity_signing.document_is_signed =
			is_signed(&c->qe_identity.json, &c->qe_identity_signing.chain);
}

static void read_items(const struct dcap_files *files, struct dcap_collateral *c)
{
	const struct dcap_chain *const known[] = { &c->pck_crl_chain, &c->tcb_info_signing.chain };
	const struct dcap_chain *crl_chain = &c->pck_crl_chain;

	read_chain(files, 0, known, &c->pck_crl_chain, &c->pck_crl_chain_fault);
	read_chain(files, 1, known, &c->tcb_info_signing.chain, &c->tcb_info_signing.fault);
	read_chain(files, 2, known, &c->qe_identity_signing.chain, &c->qe_identity_signing.fault);
	read_crl(files, DCAP_ROOT_CA_CRL, "root CA CRL",
	         dcap_chain_cert(crl_chain, crl_chain->root), &c->root_crl);
	read_crl(files, DCAP_PCK_CRL, "PCK CRL", dcap_chain_cert(crl_chain, crl_chain->topmost),
	         &c->pck_crl);
	read_documents(files, c);
}

int dcap_collateral_new(const struct dcap_files *files, struct dcap_collateral **ret)
{
	struct dcap_collateral *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->version = files->version;
	c->missing = 0;
	while (c->missing < DCAP_ITEM_COUNT && files->item[c->missing].data &&
	       files->item[c->missing].size > 0)
		c->missing++;
	if (c->missing == DCAP_ITEM_COUNT)
		read_items(files, c);
	*ret = c;
	return 0;
}

void dcap_collateral_free(struct dcap_collateral *c)
{
	if (!c)
		return;
	dcap_chain_free(&c->qe_identity_signing.chain);
	dcap_chain_free(&c->tcb_info_signing.chain);
	dcap_chain_free(&c->pck_crl_chain);
	dcap_tcb_info_free(&c->tcb_info);
	dcap_qe_identity_free(&c->qe_identity);
	x509_crl_free(c->root_crl.x509);
	x509_crl_free(c->pck_crl.x509);
	free(c);
}

void dcap_collateral_freep(struct dcap_collateral **collateral)
{
	dcap_collateral_free(*collateral);
}

bool dcap_crl_signed_by(const struct dcap_crl *crl, const struct x509_cert *issuer,
                        unsigned int *count)
{
	if (memcmp(crl->signer, x509_cert_point(issuer), P256_POINT_SIZE) == 0)
		return true;
	if (count)
		++*count;
	return x509_crl_signed_by(crl->x509, x509_cert_key(issuer));
}
