/* SPDX-License-Identifier: Apache-2.0 */
/* The platform: what all processors of this machine share. */
#ifndef SWSGX_DRIVER_PLATFORM_H
#define SWSGX_DRIVER_PLATFORM_H

#include "lib/base/err.h"
#include "swsgx/cpu/cpu.h"

/* Keep the state as it is for platform_load, if it is there and can be read; once, at start. */
void platform_remember(void);
/* Load the platform and libcrypto, once in a process; after a failure it can be tried again. */
int platform_load(struct err *e);
/* What platform_load has loaded. */
struct platform *platform_get(void);

#endif
