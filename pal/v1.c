// SPDX-License-Identifier: Apache-2.0
/* liberpal-skeleton-v1.so: a program has no environment and no number, and cannot be killed. */
#define PAL_VERSION 1
#pragma GCC visibility push(default)
#include "include/liberpal.h"
#pragma GCC visibility pop

#include <errno.h>

#include "pal/runtime.h"

int pal_get_version(void)
{
	return PAL_VERSION;
}

int pal_init(const struct pal_attr_v1 *attr)
{
	return attr ? runtime_init(attr->args, attr->log_level, -1, 0) : -EINVAL;
}

int pal_exec(char *path, char *argv[], struct pal_stdio_fds *stdio, int *exit_code)
{
	int pid, r;

	if (!exit_code)
		return -EINVAL;
	r = runtime_create_process(path, argv, NULL, stdio, &pid);
	return r < 0 ? r : runtime_exec(pid, exit_code);
}

int pal_destroy(void)
{
	return runtime_destroy();
}
