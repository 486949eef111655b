// SPDX-License-Identifier: Apache-2.0
/*
 * TCB info.  Everything is read into arrays of bounded size; only advisory IDs and module names stay
 * the document's strings.
 */
#include "lib/dcap/tcbinfo.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/dcap/levels.h"

/* Highest first: components, then PCESVN, then TDX components, as the set of Intel's library. */
static int compare(const void *a, const void *b)
{
	const struct dcap_tcb_level *x = a, *y = b;
	int order = memcmp(y->sgx, x->sgx, sizeof(x->sgx));

	if (order == 0 && x->pcesvn != y->pcesvn)
		order = x->pcesvn < y->pcesvn ? 1 : -1;
	return order ? order : memcmp(y->tdx, x->tdx, sizeof(x->tdx));
}

/* Version 3: an array of 16 objects with an svn. */
static int components(struct json_object *tcb, const char *name, uint8_t ret[DCAP_COMPONENTS],
                      struct err *e)
{
	struct json_object *array;
	size_t count;
	uint32_t svn;
	int r = json_array(tcb, name, DCAP_COMPONENTS, DCAP_COMPONENTS, &array, &count, e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < DCAP_COMPONENTS; i++) {
		r = json_number(json_object_array_get_idx(array, i), "svn", UINT8_MAX, &svn, e);
		if (r < 0)
			return err_wrap(e, r, "%s", name);
		ret[i] = (uint8_t)svn;
	}
	return 0;
}

/* Version 2: sgxtcbcomp01svn to sgxtcbcomp16svn. */
static int named_components(struct json_object *tcb, uint8_t ret[DCAP_COMPONENTS], struct err *e)
{
	char name[32];
	uint32_t svn;

	for (unsigned int i = 0; i < DCAP_COMPONENTS; i++) {
		int r;

		snprintf(name, sizeof(name), "sgxtcbcomp%02usvn", i + 1);
		r = json_number(tcb, name, UINT8_MAX, &svn, e);
		if (r < 0)
			return r;
		ret[i] = (uint8_t)svn;
	}
	return 0;
}

static int read_level(struct json_object *o, const struct dcap_tcb_info *info,
                      struct dcap_tcb_level *ret, struct err *e)
{
	struct json_object *tcb;
	int r = dcap_level_read(o, &ret->status, &ret->date, &ret->advisories, e);

	if (r == 0 && ret->status == DCAP_NONE)
		r = err_set(e, -EINVAL, "tcbStatus is none of DCAP's");
	if (r == 0)
		r = json_inner(o, "tcb", &tcb, e);
	if (r == 0)
		r = json_number(tcb, "pcesvn", UINT32_MAX, &ret->pcesvn, e);
	if (r == 0)
		r = info->version == 2 ? named_components(tcb, ret->sgx, e)
		                       : components(tcb, "sgxtcbcomponents", ret->sgx, e);
	if (r == 0 && info->is_tdx)
		r = components(tcb, "tdxtcbcomponents", ret->tdx, e);
	return r;
}

static int read_levels(struct json_object *o, struct dcap_tcb_info *ret, struct err *e)
{
	struct json_object *array;
	size_t count;
	int r = json_array(o, "tcbLevels", 1, DCAP_LEVELS_MAX, &array, &count, e);

	if (r < 0)
		return r;
	ret->level = calloc(count, sizeof(ret->level[0]));
	if (!ret->level)
		return err_set(e, -ENOMEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		ret->level_count = i + 1; /* what there is to free, also after a failure */
		r = read_level(json_object_array_get_idx(array, i), ret, &ret->level[i], e);
		if (r < 0)
			return err_wrap(e, r, "tcbLevels: %zu", i);
	}
	qsort(ret->level, count, sizeof(ret->level[0]), compare);
	for (size_t i = 1; i < count; i++) {
		if (compare(&ret->level[i - 1], &ret->level[i]) == 0)
			return err_set(e, -EINVAL, "tcbLevels has a level twice");
	}
	return 0;
}

static int read_module(struct json_object *o, struct dcap_tdx_module *ret, struct err *e)
{
	int r = json_bytes(o, "mrsigner", ret->mrsigner, sizeof(ret->mrsigner), e);

	if (r == 0)
		r = json_bytes(o, "attributes", ret->attributes, sizeof(ret->attributes), e);
	if (r == 0)
		r = json_bytes(o, "attributesMask", ret->attributes_mask,
		               sizeof(ret->attributes_mask), e);
	return r;
}

static int read_identities(struct json_object *o, struct dcap_tcb_info *ret, struct err *e)
{
	struct json_object *array, *item;
	size_t count;
	int r = json_array(o, "tdxModuleIdentities", 1, DCAP_MODULES_MAX, &array, &count, e);

	if (r < 0)
		return r;
	ret->module_for = calloc(count, sizeof(ret->module_for[0]));
	if (!ret->module_for)
		return err_set(e, -ENOMEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		struct dcap_tdx_module *module = &ret->module_for[i];

		ret->module_count = i + 1;
		item = json_object_array_get_idx(array, i);
		r = json_string(item, "id", &module->id, e);
		if (r == 0)
			r = read_module(item, module, e);
		if (r == 0)
			r = dcap_isv_levels_parse(item, DCAP_OF_MODULE, &module->levels, e);
		if (r < 0)
			return err_wrap(e, r, "tdxModuleIdentities: %zu", i);
	}
	return 0;
}

/* What is for one TEE only. */
static int read_tee(struct json_object *o, struct dcap_tcb_info *ret, struct err *e)
{
	bool has_module = json_object_object_get_ex(o, "tdxModule", NULL);
	struct json_object *module;
	int r;

	ret->has_modules = json_object_object_get_ex(o, "tdxModuleIdentities", NULL);
	if (!ret->is_tdx) {
		if (ret->version == 3 && (has_module || ret->has_modules))
			return err_set(e, -EINVAL, "a TDX module in TCB info for SGX");
		return 0;
	}
	r = json_inner(o, "tdxModule", &module, e);
	if (r == 0) {
		r = read_module(module, &ret->module, e);
		if (r < 0)
			return err_wrap(e, r, "tdxModule");
	}
	return r == 0 && ret->has_modules ? read_identities(o, ret, e) : r;
}

static int read_version(struct json_object *o, struct dcap_tcb_info *ret, struct err *e)
{
	const char *id;
	int r = json_number(o, "version", UINT32_MAX, &ret->version, e);

	if (r < 0)
		return r;
	if (ret->version != 2 && ret->version != 3)
		return err_set(e, -EINVAL, "version %u, neither 2 nor 3", ret->version);
	if (ret->version == 2)
		return 0;
	r = json_string(o, "id", &id, e);
	if (r < 0)
		return r;
	ret->is_tdx = strcmp(id, "TDX") == 0;
	if (!ret->is_tdx && strcmp(id, "SGX") != 0)
		return err_set(e, -EINVAL, "id is neither SGX nor TDX");
	return 0;
}

static int read_info(struct json_object *o, struct dcap_tcb_info *ret, struct err *e)
{
	uint32_t type;
	int r = read_version(o, ret, e);

	if (r == 0)
		r = json_date(o, "issueDate", &ret->issue_date, e);
	if (r == 0)
		r = json_date(o, "nextUpdate", &ret->next_update, e);
	if (r == 0)
		r = json_bytes(o, "fmspc", ret->fmspc, sizeof(ret->fmspc), e);
	if (r == 0)
		r = json_bytes(o, "pceId", ret->pceid, sizeof(ret->pceid), e);
	if (r == 0)
		r = json_number(o, "tcbType", 0, &type, e);
	if (r == 0)
		r = json_number(o, "tcbEvaluationDataNumber", UINT32_MAX, &ret->evaluation_number,
		                e);
	if (r == 0)
		r = read_tee(o, ret, e);
	return r == 0 ? read_levels(o, ret, e) : r;
}

int dcap_tcb_info_parse(const void *data, size_t size, struct dcap_tcb_info *ret, struct err *e)
{
	int r;

	*ret = (struct dcap_tcb_info){ 0 };
	r = signed_json_parse(data, size, "tcbInfo", &ret->json, e);
	return r == 0 ? read_info(ret->json.object, ret, e) : r;
}

void dcap_tcb_info_free(struct dcap_tcb_info *info)
{
	for (size_t i = 0; i < info->level_count; i++)
		free(info->level[i].advisories.id);
	for (size_t i = 0; i < info->module_count; i++)
		dcap_isv_levels_free(&info->module_for[i].levels);
	free(info->level);
	free(info->module_for);
	signed_json_free(&info->json);
	*info = (struct dcap_tcb_info){ 0 };
}

const struct dcap_tdx_module *dcap_tdx_module_of(const struct dcap_tcb_info *info, uint8_t version)
{
	char wanted[8];

	snprintf(wanted, sizeof(wanted), "TDX_%02X", version);
	for (size_t i = 0; i < info->module_count; i++) {
		if (strcasecmp(info->module_for[i].id, wanted) == 0)
			return &info->module_for[i];
	}
	return NULL;
}
