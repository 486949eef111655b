/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCB info, versions 2 and 3 (Intel PCS API, "Get TCB Info"): which status a platform has by its SVNs.
 * Levels are held as Intel's library holds them: sorted, highest first, whatever their order in the
 * JSON.
 */
#ifndef LIB_DCAP_TCBINFO_H
#define LIB_DCAP_TCBINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/dcap/pck.h"
#include "lib/dcap/signedjson.h"
#include "lib/dcap/status.h"

#define DCAP_LEVELS_MAX     256 /* of a TCB info, an identity or a TDX module */
#define DCAP_ADVISORIES_MAX 128 /* of a level */
#define DCAP_MODULES_MAX    64

/* Advisory IDs of a level, in the JSON's order; the strings belong to the document. */
struct dcap_advisories {
	const char **id; /* owned */
	size_t count;
};

struct dcap_tcb_level {
	uint8_t sgx[DCAP_COMPONENTS];
	uint8_t tdx[DCAP_COMPONENTS]; /* TDX; else 0 */
	uint32_t pcesvn;
	enum dcap_status status;
	int64_t date; /* tcbDate, seconds since 1970 */
	struct dcap_advisories advisories;
};

/* A level by ISVSVN: of a QE identity, of a TDX module. */
struct dcap_isv_level {
	uint32_t isvsvn;
	enum dcap_status status; /* UpToDate, OutOfDate or Revoked */
	int64_t date;
	struct dcap_advisories advisories;
};

struct dcap_isv_levels {
	struct dcap_isv_level *level; /* owned; highest first */
	size_t count;
};

struct dcap_tdx_module {
	const char *id; /* "TDX_01"; NULL for the TCB info's own tdxModule */
	uint8_t mrsigner[48];
	uint8_t attributes[8];
	uint8_t attributes_mask[8];
	struct dcap_isv_levels levels; /* none for the TCB info's own tdxModule */
};

struct dcap_tcb_info {
	struct signed_json json;
	uint32_t version; /* 2 or 3 */
	bool is_tdx;      /* id is TDX; version 2 has none and is for SGX */
	int64_t issue_date, next_update;
	uint8_t fmspc[6], pceid[2];
	uint32_t evaluation_number;   /* tcbEvaluationDataNumber */
	struct dcap_tcb_level *level; /* owned; highest first */
	size_t level_count;
	struct dcap_tdx_module module;      /* TDX */
	bool has_modules;                   /* tdxModuleIdentities is there */
	struct dcap_tdx_module *module_for; /* owned: tdxModuleIdentities */
	size_t module_count;
};

/*
 * From the document as served: 0, -EINVAL with the member that is wrong, -EFBIG, -ENOMEM.  The signature
 * is not checked (signed_json_verify on .json).  dcap_tcb_info_free takes zeros and what failed.
 */
int dcap_tcb_info_parse(const void *data, size_t size, struct dcap_tcb_info *ret, struct err *e);
void dcap_tcb_info_free(struct dcap_tcb_info *info);
/* The identity "TDX_XX" of a TDX module's major version (not case-sensitive), or NULL. */
const struct dcap_tdx_module *dcap_tdx_module_of(const struct dcap_tcb_info *info, uint8_t version);

/*
 * Shared with qeidentity.c: the levels of member tcbLevels, highest ISVSVN first.  A QE may have one ISVSVN
 * with several dates, of which the newest counts; a level of a module may have any tcbStatus, which is
 * DCAP_NONE unless it is UpToDate, OutOfDate or Revoked.  So Intel's library has it.
 */
enum dcap_isv_levels_of { DCAP_OF_QE, DCAP_OF_MODULE };
int dcap_isv_levels_parse(struct json_object *o, enum dcap_isv_levels_of of,
                          struct dcap_isv_levels *ret, struct err *e);
void dcap_isv_levels_free(struct dcap_isv_levels *levels);
/* The highest level whose ISVSVN is not above this one, or NULL. */
const struct dcap_isv_level *dcap_isv_level_of(const struct dcap_isv_levels *levels,
                                               uint32_t isvsvn);

#endif
