/* SPDX-License-Identifier: Apache-2.0 */
/* Files that appear together or not at all. */
#ifndef SGX_TOOLS_OUTPUT_H
#define SGX_TOOLS_OUTPUT_H

#include <stddef.h>
#include <stdbool.h>

#include "lib/base/err.h"

struct output {
	const char *path;
	const void *bytes;
	size_t size;
	/* outputs_write's own: */
	char *target;    /* path with its symbolic links followed */
	char *temp;      /* beside target: the new content, then the old one */
	bool exists;     /* target is there before */
	bool is_special; /* a device or a pipe: written in place, last */
};

/*
 * Make every path hold its bytes, or leave all of them as they were.  Two paths of one file are
 * refused.  Devices and pipes (/dev/stdout) are written once all files are in place.
 */
int outputs_write(struct output *outputs, size_t count, struct err *e);
/* -EINVAL when path is the file that other is; neither needs to exist. */
int output_differs(const char *path, const char *other, struct err *e);

#endif
