/* SPDX-License-Identifier: Apache-2.0 */
/* The drivers' requests by name, with the members of their arguments. */
#ifndef SWSGX_DRIVER_TRACE_REQUEST_H
#define SWSGX_DRIVER_TRACE_REQUEST_H

#include <stdint.h>

#include "swsgx/driver/trace_text.h"

#define TRACE_REQUESTS 24 /* at most */

/* A row for each number, the last for those that have no name. */
unsigned int trace_request_find(uint32_t number);
const char *trace_request_name(unsigned int row);
/* Name and argument; arg is the program's address, and what is there now is shown. */
void trace_request_put(struct text *t, uint32_t number, uint64_t arg);

#endif
