// SPDX-License-Identifier: Apache-2.0
/* TCB levels: which one a platform has, and what becomes of it with the QE's and the TDX module's. */
#include "lib/dcap/check.h"

#include <stdio.h>
#include <string.h>

#define MODULE_MAJOR 1 /* of TEE_TCB_SVN */
#define MODULE_MINOR 0

/* By one TEE_TCB_SVN, or by none for SGX. */
struct evaluation {
	const struct dcap_tcb_level *platform;
	const struct dcap_isv_level *qe, *module;
	enum dcap_status status;
	int64_t date;
};

static bool at_least(const uint8_t svn[DCAP_COMPONENTS], const uint8_t level[DCAP_COMPONENTS],
                     size_t from)
{
	for (size_t i = from; i < DCAP_COMPONENTS; i++) {
		if (svn[i] < level[i])
			return false;
	}
	return true;
}

/* The first, that is the highest, level that the platform reaches in everything. */
static const struct dcap_tcb_level *platform_level(const struct dcap_tcb_info *info,
                                                   const struct dcap_pck *pck,
                                                   const uint8_t *tee_tcb_svn)
{
	/* A module with a version has levels of its own for its two SVNs. */
	size_t from = tee_tcb_svn && tee_tcb_svn[MODULE_MAJOR] > 0 ? 2 : 0;

	for (size_t i = 0; i < info->level_count; i++) {
		const struct dcap_tcb_level *level = &info->level[i];

		if (at_least(pck->component, level->sgx, 0) && pck->pcesvn >= level->pcesvn &&
		    (!tee_tcb_svn || at_least(tee_tcb_svn, level->tdx, from)))
			return level;
	}
	return NULL;
}

static enum dcap_error module_level(struct dcap_check *c, const uint8_t *tee_tcb_svn,
                                    struct evaluation *ret)
{
	const struct dcap_tdx_module *module =
		dcap_tdx_module_of(&c->collateral->tcb_info, tee_tcb_svn[MODULE_MAJOR]);

	if (!module)
		return dcap_fail(c->result, DCAP_E_TCB_NOT_SUPPORTED, "no TDX module TDX_%02X",
		                 tee_tcb_svn[MODULE_MAJOR]);
	ret->module = dcap_isv_level_of(&module->levels, tee_tcb_svn[MODULE_MINOR]);
	if (!ret->module)
		return dcap_fail(c->result, DCAP_E_TCB_NOT_SUPPORTED, "SVN %u of TDX module %s",
		                 tee_tcb_svn[MODULE_MINOR], module->id);
	if (ret->module->status == DCAP_NONE)
		return dcap_fail(
			c->result, DCAP_E_TCB_NOT_SUPPORTED,
			"the tcbStatus of SVN %u of TDX module %s is none that a module has",
			tee_tcb_svn[MODULE_MINOR], module->id);
	return DCAP_OK;
}

static void converge(struct evaluation *ret)
{
	enum dcap_status component[] = { ret->qe->status,
		                         ret->module ? ret->module->status : DCAP_NONE };

	ret->status = dcap_converge(ret->platform->status, component, 2);
	ret->date = ret->platform->date;
	if (ret->qe->date < ret->date)
		ret->date = ret->qe->date;
	if (ret->module && ret->module->date < ret->date)
		ret->date = ret->module->date;
}

static enum dcap_error evaluate(struct dcap_check *c, const uint8_t *tee_tcb_svn,
                                struct evaluation *ret)
{
	const struct dcap_collateral *collateral = c->collateral;
	uint16_t qe_svn = c->result->quote.qe_report.isvsvn;
	enum dcap_error error = DCAP_OK;

	ret->module = NULL;
	ret->platform = platform_level(&collateral->tcb_info, &c->chain.sgx, tee_tcb_svn);
	if (!ret->platform)
		return dcap_fail(c->result, DCAP_E_TCB_NOT_SUPPORTED, "SVNs of the platform");
	if (tee_tcb_svn && tee_tcb_svn[MODULE_MAJOR] > 0)
		error = module_level(c, tee_tcb_svn, ret);
	if (error)
		return error;
	ret->qe = dcap_isv_level_of(&collateral->qe_identity.levels, qe_svn);
	if (!ret->qe)
		return dcap_fail(c->result, DCAP_E_TCB_NOT_SUPPORTED, "ISVSVN %u of the QE",
		                 qe_svn);
	converge(ret);
	return DCAP_OK;
}

static void add_advisories(struct dcap_result *result, const struct dcap_advisories *advisories)
{
	for (size_t i = 0; i < advisories->count; i++)
		result->advisory[result->advisory_count++] = advisories->id[i];
}

/* The verdict is by the SVNs of the launch, but for the relaunch that may be advised. */
static enum dcap_error report(struct dcap_check *c, const struct evaluation *launch,
                              const struct evaluation *current)
{
	struct dcap_result *result = c->result;

	result->platform_status = launch->platform->status;
	result->qe_status = launch->qe->status;
	result->tcb_date = launch->date;
	add_advisories(result, &launch->platform->advisories);
	add_advisories(result, &launch->qe->advisories);
	if (launch->module) {
		result->tdx_module_status = launch->module->status;
		snprintf(result->tdx_module_id, sizeof(result->tdx_module_id), "TDX_%02X",
		         result->quote.td.tee_tcb_svn[MODULE_MAJOR]);
		add_advisories(result, &launch->module->advisories);
	}
	result->current_status = current->status;
	result->status = launch->status;
	if (current != launch)
		result->status = dcap_relaunch(launch->status, current->status);
	if (result->status == DCAP_REVOKED)
		return dcap_fail(result, DCAP_E_TCB_REVOKED, "%s",
		                 launch->platform->status == DCAP_REVOKED ? "that of the platform"
		                 : launch->qe->status == DCAP_REVOKED     ? "that of the QE"
		                                                      : "that of the TDX module");
	return DCAP_OK;
}

enum dcap_error dcap_check_tcb(struct dcap_check *c)
{
	const struct dcap_quote *quote = &c->result->quote;
	bool is_tdx = dcap_quote_is_tdx(quote);
	struct evaluation launch, current;
	enum dcap_error error = evaluate(c, is_tdx ? quote->td.tee_tcb_svn : NULL, &launch);

	if (error)
		return error;
	if (!is_tdx || quote->body_type < SGX_QUOTE_BODY_TD15)
		return report(c, &launch, &launch);
	error = evaluate(c, quote->td.tee_tcb_svn2, &current);
	return error ? error : report(c, &launch, &current);
}
