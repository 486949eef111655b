// SPDX-License-Identifier: Apache-2.0
/* By the two files of /proc that name them; without libc, whose stat may be the preloaded one. */
#include "swsgx/driver/namespace.h"

#include <stdint.h>
#include <sys/stat.h>

#include "swsgx/driver/sys.h"

static bool read_name(const char *path, struct stat *ret)
{
	return !sys_failed(sys_call4(SYS_stat, (uintptr_t)path, (uintptr_t)ret, 0, 0));
}

bool namespace_keeps_child(void)
{
	struct stat own, child;

	return read_name("/proc/thread-self/ns/pid", &own) &&
	       read_name("/proc/thread-self/ns/pid_for_children", &child) &&
	       own.st_dev == child.st_dev && own.st_ino == child.st_ino;
}
