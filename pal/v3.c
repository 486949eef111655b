// SPDX-License-Identifier: Apache-2.0
/* liberpal-skeleton-v3.so: version 2, with reports, and enclaves that are handed over. */
#define PAL_VERSION 3
#pragma GCC visibility push(default)
#include "include/liberpal.h"
#pragma GCC visibility pop

#include <errno.h>

#include "pal/runtime.h"

int pal_get_version(void)
{
	return PAL_VERSION;
}

int pal_init(const struct pal_attr_v3 *attr)
{
	return attr ? runtime_init(attr->args, attr->log_level, attr->fd, attr->addr) : -EINVAL;
}

int pal_create_process(struct pal_create_process_args *args)
{
	if (!args)
		return -EINVAL;
	return runtime_create_process(args->path, args->argv, args->env, args->stdio, args->pid);
}

int pal_exec(struct pal_exec_args *args)
{
	return args ? runtime_exec(args->pid, args->exit_value) : -EINVAL;
}

int pal_kill(int pid, int sig)
{
	return runtime_kill(pid, sig);
}

int pal_destroy(void)
{
	return runtime_destroy();
}

int pal_get_local_report(void *targetinfo, int targetinfo_len, void *report, int *report_len)
{
	return runtime_report(targetinfo, targetinfo_len, report, report_len);
}
