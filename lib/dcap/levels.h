/* SPDX-License-Identifier: Apache-2.0 */
/* What every kind of TCB level has.  Private to lib/dcap. */
#ifndef LIB_DCAP_LEVELS_H
#define LIB_DCAP_LEVELS_H

#include "lib/dcap/tcbinfo.h"

/* tcbStatus, tcbDate and advisoryIDs (which may be missing) of a level: 0 or -EINVAL, -ENOMEM. */
int dcap_level_read(struct json_object *o, enum dcap_status *status, int64_t *date,
                    struct dcap_advisories *advisories, struct err *e);

#endif
