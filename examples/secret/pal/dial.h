/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of the key server, for both of its ends. */
#ifndef PAL_DIAL_H
#define PAL_DIAL_H

#include <stdbool.h>

#include "lib/base/err.h"

#define DIAL_SECONDS 10 /* that one end waits for the other */

/*
 * name: a socket's path, which has a slash, or HOST:PORT with a numeric host.  The descriptor of a
 * connection, or of a listener; or -errno.
 */
int dial(const char *name, bool is_listener, struct err *e);
/* Wait so long, and not longer. */
int dial_limit(int fd);

#endif
