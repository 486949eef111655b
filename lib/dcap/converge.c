// SPDX-License-Identifier: Apache-2.0
/* How statuses join to one (Intel's EvaluateTcb and TDRelaunchCheck). */
#include "lib/dcap/verify.h"

enum dcap_status dcap_converge(enum dcap_status platform, const enum dcap_status *component,
                               size_t count)
{
	bool out_of_date = false, revoked = false;

	for (size_t i = 0; i < count; i++) {
		out_of_date = out_of_date || component[i] == DCAP_OUT_OF_DATE;
		revoked = revoked || component[i] == DCAP_REVOKED;
	}
	if (revoked)
		return DCAP_REVOKED;
	if (!out_of_date)
		return platform;
	switch (platform) {
	case DCAP_UP_TO_DATE:
	case DCAP_SW_HARDENING_NEEDED: return DCAP_OUT_OF_DATE;
	case DCAP_CONFIGURATION_NEEDED:
	case DCAP_CONFIGURATION_AND_SW_HARDENING_NEEDED:
		return DCAP_OUT_OF_DATE_CONFIGURATION_NEEDED;
	default: return platform;
	}
}

enum dcap_status dcap_relaunch(enum dcap_status launch, enum dcap_status current)
{
	bool configuration = current == DCAP_CONFIGURATION_NEEDED ||
	                     current == DCAP_CONFIGURATION_AND_SW_HARDENING_NEEDED;

	if (launch != DCAP_OUT_OF_DATE && launch != DCAP_OUT_OF_DATE_CONFIGURATION_NEEDED)
		return launch;
	if (!configuration && current != DCAP_UP_TO_DATE && current != DCAP_SW_HARDENING_NEEDED)
		return launch;
	if (configuration || launch == DCAP_OUT_OF_DATE_CONFIGURATION_NEEDED)
		return DCAP_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED;
	return DCAP_TD_RELAUNCH_ADVISED;
}
