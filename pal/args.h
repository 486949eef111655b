/* SPDX-License-Identifier: Apache-2.0 */
/* The options in pal_init's args. */
#ifndef PAL_ARGS_H
#define PAL_ARGS_H

#include <stdbool.h>

#include "lib/base/err.h"

struct args {
	bool is_debug; /* SECS.ATTRIBUTES.DEBUG */
};

/*
 * text: options separated by commas and blanks, in any number; NULL is none.  -EINVAL with the option
 * that is unknown.
 */
int args_parse(const char *text, struct args *ret, struct err *e);

#endif
