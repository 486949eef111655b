// SPDX-License-Identifier: Apache-2.0
/* Names and codes of statuses and errors. */
#include "lib/dcap/status.h"

#include <string.h>

/* Codes: sgx_ql_qv_result_t. */
static const struct {
	const char *name;
	uint16_t code;
} statuses[DCAP_STATUS_COUNT] = {
	[DCAP_NONE] = { NULL, 0xa006 },
	[DCAP_UP_TO_DATE] = { "UpToDate", 0 },
	[DCAP_SW_HARDENING_NEEDED] = { "SWHardeningNeeded", 0xa007 },
	[DCAP_CONFIGURATION_NEEDED] = { "ConfigurationNeeded", 0xa001 },
	[DCAP_CONFIGURATION_AND_SW_HARDENING_NEEDED] = { "ConfigurationAndSWHardeningNeeded",
	                                                 0xa008 },
	[DCAP_OUT_OF_DATE] = { "OutOfDate", 0xa002 },
	[DCAP_OUT_OF_DATE_CONFIGURATION_NEEDED] = { "OutOfDateConfigurationNeeded", 0xa003 },
	[DCAP_TD_RELAUNCH_ADVISED] = { "TDRelaunchAdvised", 0xa009 },
	[DCAP_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED] = { "TDRelaunchAdvisedConfigurationNeeded",
	                                                    0xa00a },
	[DCAP_REVOKED] = { "Revoked", 0xa005 },
};

static const struct {
	const char *name, *text;
	uint16_t code;
} errors[DCAP_ERROR_COUNT] = {
	[DCAP_OK] = { NULL, "", 0 },
#define DCAP_ERROR(name, code, text) [DCAP_E_##name] = { #name, text, code },
#include "lib/dcap/errors.def"
#undef DCAP_ERROR
};

const char *dcap_status_name(enum dcap_status status)
{
	return status < DCAP_STATUS_COUNT ? statuses[status].name : NULL;
}

enum dcap_status dcap_status_of(const char *name, size_t size)
{
	for (enum dcap_status s = DCAP_NONE + 1; s < DCAP_STATUS_COUNT; s++) {
		if (strlen(statuses[s].name) == size && memcmp(statuses[s].name, name, size) == 0)
			return s;
	}
	return DCAP_NONE;
}

uint16_t dcap_status_code(enum dcap_status status)
{
	return statuses[status < DCAP_STATUS_COUNT ? status : DCAP_NONE].code;
}

const char *dcap_error_name(enum dcap_error error)
{
	return error < DCAP_ERROR_COUNT ? errors[error].name : NULL;
}

uint16_t dcap_error_code(enum dcap_error error)
{
	return error < DCAP_ERROR_COUNT ? errors[error].code : 0xe001;
}

const char *dcap_error_text(enum dcap_error error)
{
	return error < DCAP_ERROR_COUNT ? errors[error].text : "";
}
