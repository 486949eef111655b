// SPDX-License-Identifier: Apache-2.0
/* The drivers, in the order in which they are tried; see driver.h. */
#include "pal/driver/driver.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const struct driver *const drivers[] = {
	&driver_intree,
	&driver_dcap,
	&driver_dcap_old,
	&driver_isgx,
};

#define AGAIN_TRIES 100
#define AGAIN_NS    10000000 /* 10 ms */

#define DRIVERS (sizeof(drivers) / sizeof(drivers[0]))

int driver_open(const struct driver **ret, int *ret_fd, struct err *e)
{
	char tried[256] = "";

	for (size_t i = 0; i < DRIVERS; i++) {
		size_t used = strlen(tried);
		int fd = drivers[i]->probe(drivers[i]->node);

		if (fd >= 0) {
			*ret = drivers[i];
			*ret_fd = fd;
			return 0;
		}
		/* A device that is there and does not open is the cause, whatever else is not there. */
		if (fd != -ENOENT && fd != -ENOTDIR)
			return err_set(e, fd, "open %s: %s", drivers[i]->node, strerror(-fd));
		snprintf(tried + used, sizeof(tried) - used, "%s%s", i ? ", " : "",
		         drivers[i]->node);
	}
	return err_set(e, -ENODEV, "no SGX device: none of %s is here", tried);
}

const struct driver *driver_of(int fd, uint64_t addr)
{
	for (size_t i = 0; i < DRIVERS; i++) {
		if (drivers[i]->stage(fd, addr) == 2)
			return drivers[i];
	}
	return NULL;
}

bool driver_again(int r, int try)
{
	const struct timespec pause = { .tv_nsec = AGAIN_NS };

	if (r != -EAGAIN || try == AGAIN_TRIES)
		return false;
	nanosleep(&pause, NULL);
	return true;
}
