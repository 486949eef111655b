// SPDX-License-Identifier: Apache-2.0
/* QE identity, and which fields of a QE's REPORT it binds. */
#include "lib/dcap/qeidentity.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

static int read_id(struct json_object *o, enum dcap_qe_id *ret, struct err *e)
{
	static const char *const names[] = {
		[DCAP_QE_SGX] = "QE", [DCAP_QE_QVE] = "QVE", [DCAP_QE_TDX] = "TD_QE"
	};
	const char *id;
	int r = json_string(o, "id", &id, e);

	if (r < 0)
		return r;
	for (enum dcap_qe_id i = DCAP_QE_SGX; i <= DCAP_QE_TDX; i++) {
		if (strcmp(id, names[i]) == 0) {
			*ret = i;
			return 0;
		}
	}
	return err_set(e, -EINVAL, "id is neither QE, QVE nor TD_QE");
}

static int read_u32(struct json_object *o, const char *name, uint32_t *ret, struct err *e)
{
	uint32_t little;
	int r = json_bytes(o, name, &little, sizeof(little), e);

	if (r == 0)
		*ret = le32toh(little);
	return r;
}

static int read_head(struct json_object *o, struct dcap_qe_identity *ret, struct err *e)
{
	uint32_t version;
	int r = read_id(o, &ret->id, e);

	if (r == 0)
		r = json_number(o, "version", UINT32_MAX, &version, e);
	if (r == 0 && version != 2)
		r = err_set(e, -EINVAL, "version %u, not 2", version);
	if (r == 0)
		r = json_date(o, "issueDate", &ret->issue_date, e);
	if (r == 0)
		r = json_date(o, "nextUpdate", &ret->next_update, e);
	if (r == 0)
		r = json_number(o, "tcbEvaluationDataNumber", UINT32_MAX, &ret->evaluation_number,
		                e);
	return r;
}

static int read_identity(struct json_object *o, struct dcap_qe_identity *ret, struct err *e)
{
	int r = read_head(o, ret, e);

	if (r == 0)
		r = read_u32(o, "miscselect", &ret->miscselect, e);
	if (r == 0)
		r = read_u32(o, "miscselectMask", &ret->miscselect_mask, e);
	if (r == 0)
		r = json_bytes(o, "attributes", ret->attributes, sizeof(ret->attributes), e);
	if (r == 0)
		r = json_bytes(o, "attributesMask", ret->attributes_mask,
		               sizeof(ret->attributes_mask), e);
	if (r == 0)
		r = json_bytes(o, "mrsigner", ret->mrsigner, sizeof(ret->mrsigner), e);
	if (r == 0)
		r = json_number(o, "isvprodid", UINT32_MAX, &ret->isvprodid, e);
	return r == 0 ? dcap_isv_levels_parse(o, DCAP_OF_QE, &ret->levels, e) : r;
}

int dcap_qe_identity_parse(const void *data, size_t size, struct dcap_qe_identity *ret,
                           struct err *e)
{
	int r;

	*ret = (struct dcap_qe_identity){ 0 };
	r = signed_json_parse(data, size, "enclaveIdentity", &ret->json, e);
	return r == 0 ? read_identity(ret->json.object, ret, e) : r;
}

void dcap_qe_identity_free(struct dcap_qe_identity *identity)
{
	dcap_isv_levels_free(&identity->levels);
	signed_json_free(&identity->json);
	*identity = (struct dcap_qe_identity){ 0 };
}

const char *dcap_qe_identity_mismatch(const struct dcap_qe_identity *identity,
                                      const struct sgx_report *report)
{
	uint8_t attributes[16];

	if ((report->miscselect & identity->miscselect_mask) != identity->miscselect)
		return "MISCSELECT";
	memcpy(attributes, &report->attributes, sizeof(attributes));
	for (size_t i = 0; i < sizeof(attributes); i++) {
		if ((attributes[i] & identity->attributes_mask[i]) != identity->attributes[i])
			return "ATTRIBUTES";
	}
	if (memcmp(report->mrsigner, identity->mrsigner, sizeof(identity->mrsigner)) != 0)
		return "MRSIGNER";
	if (report->isvprodid != identity->isvprodid)
		return "ISVPRODID";
	return NULL;
}
