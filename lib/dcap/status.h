/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a verdict: TCB statuses and errors, as DCAP names them. */
#ifndef LIB_DCAP_STATUS_H
#define LIB_DCAP_STATUS_H

#include <stddef.h>
#include <stdint.h>

enum dcap_status {
	DCAP_NONE, /* not known: the quote is not genuine, or the part does not apply */
	DCAP_UP_TO_DATE,
	DCAP_SW_HARDENING_NEEDED,
	DCAP_CONFIGURATION_NEEDED,
	DCAP_CONFIGURATION_AND_SW_HARDENING_NEEDED,
	DCAP_OUT_OF_DATE,
	DCAP_OUT_OF_DATE_CONFIGURATION_NEEDED,
	DCAP_TD_RELAUNCH_ADVISED,
	DCAP_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED,
	DCAP_REVOKED,
	DCAP_STATUS_COUNT
};

/* DCAP's word ("UpToDate"), or NULL for DCAP_NONE. */
const char *dcap_status_name(enum dcap_status status);
/* The status with this name (size bytes, exactly), or DCAP_NONE. */
enum dcap_status dcap_status_of(const char *name, size_t size);
/* What sgx_ql_qv_result_t has for it: 0 for UpToDate, else 0xA0xx. */
uint16_t dcap_status_code(enum dcap_status status);

enum dcap_error {
	DCAP_OK,
#define DCAP_ERROR(name, code, text) DCAP_E_##name,
#include "lib/dcap/errors.def"
#undef DCAP_ERROR
	DCAP_ERROR_COUNT
};

/* The name in errors.def ("INVALID_QUOTE_SIGNATURE"), NULL for DCAP_OK; its code, 0 for DCAP_OK. */
const char *dcap_error_name(enum dcap_error error);
uint16_t dcap_error_code(enum dcap_error error);
/* The sentence in errors.def, "" for DCAP_OK. */
const char *dcap_error_text(enum dcap_error error);

#endif
