/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One verification, in parts: verify.c has the order, checks.c the checks of certificates and collateral,
 * tcb.c the TCB levels.  Private to lib/dcap.  Every check returns DCAP_OK or what dcap_fail returned.
 */
#ifndef LIB_DCAP_CHECK_H
#define LIB_DCAP_CHECK_H

#include "lib/dcap/verify.h"

struct dcap_check {
	const struct dcap_collateral *collateral;
	int64_t time;
	const uint8_t *root;     /* x || y */
	struct dcap_chain chain; /* the quote's */
	struct dcap_result *result;
};

/* Set the result's error and message ("<text of the error>: <fmt>"), and return the error. */
enum dcap_error dcap_fail(struct dcap_result *result, enum dcap_error error, const char *fmt, ...)
	ERR_PRINTF(3, 4);

/* Steps 6, 7 and 8. */
enum dcap_error dcap_check_pck_chain(struct dcap_check *c);
enum dcap_error dcap_check_signing(struct dcap_check *c, const struct dcap_signing *signing,
                                   enum dcap_error bad_signature, const char *what);
/* Fill the result's list of what expires. */
void dcap_check_expiry(struct dcap_check *c);
/* Step 10: statuses, date and advisories. */
enum dcap_error dcap_check_tcb(struct dcap_check *c);

#endif
