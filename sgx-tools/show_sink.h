/* SPDX-License-Identifier: Apache-2.0 */
/* How fields get into the sink: one of the two, by show.is_json.  For show_fields.c. */
#ifndef SGX_TOOLS_SHOW_SINK_H
#define SGX_TOOLS_SHOW_SINK_H

#include "sgx-tools/show.h"

/* Takes value, which may be NULL: no memory.  false: it is gone. */
bool show_add(struct show *s, const char *name, struct json_object *value);
void show_line(struct show *s, const char *name, const char *fmt, ...) ERR_PRINTF(3, 4);

#endif
