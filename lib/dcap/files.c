// SPDX-License-Identifier: Apache-2.0
/* Collateral in a folder, one file for each item. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/io.h"
#include "lib/dcap/collateral.h"

static const struct {
	const char *file;
	size_t max;
} items[DCAP_ITEM_COUNT] = {
	[DCAP_PCK_CRL_ISSUER_CHAIN] = { "pck_crl_issuer_chain.pem", DCAP_CHAIN_BYTES_MAX },
	[DCAP_ROOT_CA_CRL] = { "root_ca_crl.der", X509_CRL_MAX },
	[DCAP_PCK_CRL] = { "pck_crl.der", X509_CRL_MAX },
	[DCAP_TCB_INFO_ISSUER_CHAIN] = { "tcb_info_issuer_chain.pem", DCAP_CHAIN_BYTES_MAX },
	[DCAP_TCB_INFO] = { "tcb_info.json", DCAP_JSON_MAX },
	[DCAP_QE_IDENTITY_ISSUER_CHAIN] = { "qe_identity_issuer_chain.pem", DCAP_CHAIN_BYTES_MAX },
	[DCAP_QE_IDENTITY] = { "qe_identity.json", DCAP_JSON_MAX },
};

const char *dcap_item_file(enum dcap_item item)
{
	return items[item].file;
}

int dcap_files_load(const char *folder, struct dcap_files *ret, struct err *e)
{
	struct dcap_files files = { .version = DCAP_COLLATERAL_V3 };

	for (enum dcap_item i = 0; i < DCAP_ITEM_COUNT; i++) {
		char path[4096], *data;
		int r = snprintf(path, sizeof(path), "%s/%s", folder, items[i].file);

		if (r < 0 || (size_t)r >= sizeof(path))
			r = err_set(e, -ENAMETOOLONG, "%s: too long", folder);
		else
			r = io_read_file(path, items[i].max, &data, &files.item[i].size, e);
		if (r < 0) {
			dcap_files_free(&files);
			return r;
		}
		files.item[i].data = data;
	}
	*ret = files;
	return 0;
}

void dcap_files_free(struct dcap_files *files)
{
	for (enum dcap_item i = 0; i < DCAP_ITEM_COUNT; i++)
		free((void *)files->item[i].data);
	*files = (struct dcap_files){ 0 };
}
