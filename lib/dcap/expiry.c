// SPDX-License-Identifier: Apache-2.0
/*
 * What expires, and when.  Intel's verdict says only that something did; here it is every item by name.
 * notBefore of certificates and issueDate of documents are not held against the time: as Intel's.
 */
#include "lib/dcap/check.h"

static const char *const names[DCAP_X_COUNT] = {
	[DCAP_X_ROOT_CA] = "ROOT_CA",
	[DCAP_X_INTERMEDIATE_CA] = "INTERMEDIATE_CA",
	[DCAP_X_PCK_CERT] = "PCK_CERT",
	[DCAP_X_ROOT_CRL] = "ROOT_CRL",
	[DCAP_X_PCK_CRL] = "PCK_CRL",
	[DCAP_X_TCB_INFO_ROOT_CA] = "TCB_INFO_ROOT_CA",
	[DCAP_X_TCB_INFO_SIGNER] = "TCB_INFO_SIGNER",
	[DCAP_X_TCB_INFO] = "TCB_INFO",
	[DCAP_X_QE_IDENTITY_ROOT_CA] = "QE_IDENTITY_ROOT_CA",
	[DCAP_X_QE_IDENTITY_SIGNER] = "QE_IDENTITY_SIGNER",
	[DCAP_X_QE_IDENTITY] = "QE_IDENTITY",
	[DCAP_X_PCK_CRL_ROOT_CA] = "PCK_CRL_ROOT_CA",
	[DCAP_X_PCK_CRL_SIGNER] = "PCK_CRL_SIGNER",
};

const char *dcap_expiring_name(enum dcap_expiring x)
{
	return x < DCAP_X_COUNT ? names[x] : NULL;
}

static void list(struct dcap_check *c, enum dcap_expiring x, int64_t from, int64_t until)
{
	c->result->expiry[x] = (struct dcap_expiry){
		.known = true,
		.from = from,
		.until = until,
		.expired = c->time > until,
	};
}

static void list_cert(struct dcap_check *c, enum dcap_expiring x, const struct dcap_chain *chain,
                      int index)
{
	const struct x509_cert *cert = dcap_chain_cert(chain, index);

	if (cert)
		list(c, x, x509_cert_not_before(cert), x509_cert_not_after(cert));
}

/* Lists alone must have begun, too. */
static void list_crl(struct dcap_check *c, enum dcap_expiring x, const struct dcap_crl *crl)
{
	int64_t from = x509_crl_this_update(crl->x509);

	list(c, x, from, x509_crl_next_update(crl->x509));
	if (c->time < from)
		c->result->expiry[x].expired = true;
}

void dcap_check_expiry(struct dcap_check *c)
{
	const struct dcap_collateral *collateral = c->collateral;
	const struct dcap_chain *tcb = &collateral->tcb_info_signing.chain;
	const struct dcap_chain *qe = &collateral->qe_identity_signing.chain;
	const struct dcap_chain *crl = &collateral->pck_crl_chain;
	struct dcap_result *result = c->result;

	list_cert(c, DCAP_X_ROOT_CA, &c->chain, c->chain.root);
	list_cert(c, DCAP_X_INTERMEDIATE_CA, &c->chain, c->chain.intermediate);
	list_cert(c, DCAP_X_PCK_CERT, &c->chain, c->chain.pck);
	list_crl(c, DCAP_X_ROOT_CRL, &collateral->root_crl);
	list_crl(c, DCAP_X_PCK_CRL, &collateral->pck_crl);
	list_cert(c, DCAP_X_TCB_INFO_ROOT_CA, tcb, tcb->root);
	list_cert(c, DCAP_X_TCB_INFO_SIGNER, tcb, tcb->topmost);
	list(c, DCAP_X_TCB_INFO, collateral->tcb_info.issue_date, collateral->tcb_info.next_update);
	list_cert(c, DCAP_X_QE_IDENTITY_ROOT_CA, qe, qe->root);
	list_cert(c, DCAP_X_QE_IDENTITY_SIGNER, qe, qe->topmost);
	list(c, DCAP_X_QE_IDENTITY, collateral->qe_identity.issue_date,
	     collateral->qe_identity.next_update);
	list_cert(c, DCAP_X_PCK_CRL_ROOT_CA, crl, crl->root);
	list_cert(c, DCAP_X_PCK_CRL_SIGNER, crl, crl->topmost);
	for (enum dcap_expiring x = 0; x < DCAP_X_COUNT; x++) {
		const struct dcap_expiry *item = &result->expiry[x];

		if (!item->known)
			continue;
		if (result->earliest == DCAP_X_COUNT ||
		    item->until < result->expiry[result->earliest].until)
			result->earliest = x;
		/* Intel's status also counts what expires at this very second. */
		if (item->expired || item->until <= c->time)
			result->collateral_expired = true;
	}
}
