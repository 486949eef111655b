// SPDX-License-Identifier: Apache-2.0
/* TCB info and QE identity, levels as they are searched: highest first.  Signatures are not checked. */
#include <errno.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/dcap/qeidentity.h"
#include "sgx-tools/show.h"

static void show_status(struct show *s, enum dcap_status status, int64_t date,
                        const struct dcap_advisories *advisories)
{
	const char *name = dcap_status_name(status);

	show_text(s, "status", name ? name : "unknown");
	show_time(s, "TCB date", date);
	show_words(s, "advisories", advisories->id, advisories->count);
}

static void show_isv_levels(struct show *s, const struct dcap_isv_levels *levels)
{
	show_list(s, "levels");
	for (size_t i = 0; i < levels->count; i++) {
		const struct dcap_isv_level *level = &levels->level[i];

		show_row(s, "level", i + 1);
		show_count(s, "ISVSVN", level->isvsvn);
		show_status(s, level->status, level->date, &level->advisories);
		show_end(s);
	}
	show_list_end(s);
}

static void show_module(struct show *s, const struct dcap_tdx_module *module)
{
	show_hex(s, "MRSIGNER", module->mrsigner, sizeof(module->mrsigner));
	show_hex(s, "ATTRIBUTES", module->attributes, sizeof(module->attributes));
	show_hex(s, "ATTRIBUTES mask", module->attributes_mask, sizeof(module->attributes_mask));
	if (module->levels.count > 0)
		show_isv_levels(s, &module->levels);
}

static void show_modules(struct show *s, const struct dcap_tcb_info *info)
{
	show_group(s, "TDX module");
	show_module(s, &info->module);
	show_end(s);
	show_list(s, "TDX modules");
	for (size_t i = 0; i < info->module_count; i++) {
		const struct dcap_tdx_module *module = &info->module_for[i];

		show_group(s, "TDX module");
		show_text(s, "ID", module->id);
		show_module(s, module);
		show_end(s);
	}
	show_list_end(s);
}

static void show_levels(struct show *s, const struct dcap_tcb_info *info)
{
	show_list(s, "levels");
	for (size_t i = 0; i < info->level_count; i++) {
		const struct dcap_tcb_level *level = &info->level[i];

		show_row(s, "level", i + 1);
		show_svns(s, "SVNs", level->sgx, DCAP_COMPONENTS);
		if (info->is_tdx)
			show_svns(s, "TDX SVNs", level->tdx, DCAP_COMPONENTS);
		show_count(s, "PCESVN", level->pcesvn);
		show_status(s, level->status, level->date, &level->advisories);
		show_end(s);
	}
	show_list_end(s);
}

static void show_tcb(struct show *s, const struct dcap_tcb_info *info)
{
	show_count(s, "version", info->version);
	show_text(s, "TEE", info->is_tdx ? "TDX" : "SGX");
	show_hex(s, "FMSPC", info->fmspc, sizeof(info->fmspc));
	show_hex(s, "PCEID", info->pceid, sizeof(info->pceid));
	show_time(s, "issue date", info->issue_date);
	show_time(s, "next update", info->next_update);
	show_count(s, "evaluation number", info->evaluation_number);
	show_hex(s, "signature", info->json.signature, sizeof(info->json.signature));
	if (info->is_tdx)
		show_modules(s, info);
	show_levels(s, info);
}

int show_tcb_info(struct show *s, const char *path, const void *bytes, size_t size, struct err *e)
{
	_cleanup_(dcap_tcb_info_free) struct dcap_tcb_info info = { .version = 0 };
	int r = dcap_tcb_info_parse(bytes, size, &info, e);

	if (r < 0)
		return err_wrap(e, r, "%s", path);
	show_title(s, path, "TCB info", "tcb_info");
	show_tcb(s, &info);
	return 0;
}

static void show_identity(struct show *s, const struct dcap_qe_identity *identity)
{
	static const char *const ids[] = {
		[DCAP_QE_SGX] = "QE", [DCAP_QE_QVE] = "QVE", [DCAP_QE_TDX] = "TD_QE"
	};
	uint64_t flags, mask;

	show_text(s, "ID", ids[identity->id]);
	show_time(s, "issue date", identity->issue_date);
	show_time(s, "next update", identity->next_update);
	show_count(s, "evaluation number", identity->evaluation_number);
	show_hex(s, "MRSIGNER", identity->mrsigner, sizeof(identity->mrsigner));
	show_number(s, "ISVPRODID", identity->isvprodid);
	memcpy(&flags, identity->attributes, sizeof(flags));
	memcpy(&mask, identity->attributes_mask, sizeof(mask));
	show_attributes(s, flags, &mask);
	memcpy(&flags, identity->attributes + sizeof(flags), sizeof(flags));
	memcpy(&mask, identity->attributes_mask + sizeof(mask), sizeof(mask));
	show_xfrm(s, flags, &mask);
	show_miscselect(s, identity->miscselect, &identity->miscselect_mask);
	show_hex(s, "signature", identity->json.signature, sizeof(identity->json.signature));
	show_isv_levels(s, &identity->levels);
}

int show_qe_identity(struct show *s, const char *path, const void *bytes, size_t size,
                     struct err *e)
{
	_cleanup_(dcap_qe_identity_free) struct dcap_qe_identity identity = { .isvprodid = 0 };
	int r = dcap_qe_identity_parse(bytes, size, &identity, e);

	if (r < 0)
		return err_wrap(e, r, "%s", path);
	show_title(s, path, "QE identity", "qe_identity");
	show_identity(s, &identity);
	return 0;
}
