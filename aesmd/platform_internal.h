/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files that make, read and add to the platform's folder. */
#ifndef AESMD_PLATFORM_INTERNAL_H
#define AESMD_PLATFORM_INTERNAL_H

#include "aesmd/platform.h"

#define YEAR        ((time_t)365 * 24 * 3600)
#define PLATFORM_ID "id" /* the file with struct platform's id */

/* What certificates of the simulation are made out to. */
#define PLATFORM_NAME(cn)                                                                       \
	{                                                                                       \
		.common_name = (cn), .organization = "swsgx simulation", .locality = "nowhere", \
		.state = "none", .country = "ZZ"                                                \
	}

int platform_path(const char *folder, const char *name, char ret[PATH_MAX], struct err *e);
int platform_write(const char *folder, const char *name, const void *bytes, size_t size,
                   struct err *e);
/* Make the folder, unless another has just made it. */
int platform_make(const char *folder, struct err *e);

#endif
