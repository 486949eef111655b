/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An enclave of palcheck's own that reports are made for, and which alone can tell whether they are:
 * the quoting enclave of aesmd, signed with a key that lives as long as the process.
 */
#ifndef PALCHECK_TARGET_H
#define PALCHECK_TARGET_H

#include <stdbool.h>

#include "lib/base/err.h"
#include "sgx/report.h"

struct target;

/* -ENOENT where there is no driver that loads it.  Ends with target_close. */
int target_open(struct target **ret, struct err *e);
void target_close(struct target *target);
void target_info(const struct target *target, struct sgx_targetinfo *ret);
bool target_verifies(const struct target *target, const struct sgx_report *report);

#endif
