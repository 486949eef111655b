/* SPDX-License-Identifier: Apache-2.0 */
/* What PID namespace a child would be in. */
#ifndef SWSGX_DRIVER_NAMESPACE_H
#define SWSGX_DRIVER_NAMESPACE_H

#include <stdbool.h>

/*
 * Does the next child stay in this thread's PID namespace?  After unshare(CLONE_NEWPID) it is the first
 * process of another, which ends with it: then no child of ours may be the next.  False where /proc does
 * not tell.
 */
bool namespace_keeps_child(void);

#endif
