/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel drivers that enclaves are built with, behind one table of operations: one row for each
 * in driver.c, tried in that order.  Every operation returns 0 (probe: a descriptor) or a negative
 * errno; what that errno means to a user is the caller's to say.
 */
#ifndef PAL_DRIVER_DRIVER_H
#define PAL_DRIVER_DRIVER_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "sgx/secs.h"
#include "sgx/sigstruct.h"

/* Pages to be added and measured: size bytes at src, which is page-aligned. */
struct driver_pages {
	const void *src;
	uint64_t offset; /* from SECS.BASEADDR */
	uint64_t size;
	uint64_t secinfo_flags;
};

struct driver {
	const char *name;
	const char *node; /* the device file */
	int (*probe)(const char *node);
	int (*create)(int fd, const struct sgx_secs *secs);
	/* May do less than asked: *ret_done says how many bytes, also after an error. */
	int (*add)(int fd, const struct driver_pages *pages, uint64_t *ret_done);
	int (*init)(int fd, const struct sgx_sigstruct *sig);
	int (*map)(int fd, uint64_t addr, uint64_t size, int prot);
	/* How far is the enclave behind fd?  0: no enclave, 1: created, 2: initialised. */
	int (*stage)(int fd);
};

extern const struct driver driver_intree, driver_dcap, driver_null;

/* Open the first driver's device that is there: -ENODEV with all that were tried. */
int driver_open(const struct driver **ret, int *ret_fd, struct err *e);
/* The driver behind this descriptor if it is that of an initialised enclave, or NULL. */
const struct driver *driver_of(int fd);

#endif
