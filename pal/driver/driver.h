/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel drivers that enclaves are built with, behind one table of operations: one row for each
 * in driver.c, tried in that order.  Every operation returns 0 (probe: a descriptor) or a negative
 * errno; what that errno means to a user is the caller's to say.
 */
#ifndef PAL_DRIVER_DRIVER_H
#define PAL_DRIVER_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "pal/range.h"
#include "sgx/secs.h"
#include "sgx/sigstruct.h"
#include "sgx/token.h"

/* Pages to be added and measured: size bytes at src, which is page-aligned. */
struct driver_pages {
	const void *src;
	uint64_t base;   /* SECS.BASEADDR */
	uint64_t offset; /* from there */
	uint64_t size;
	uint64_t secinfo_flags;
};

struct driver_init {
	uint64_t base; /* SECS.BASEADDR */
	const struct sgx_sigstruct *sig;
	const struct sgx_einittoken *token; /* for a driver that has wants_token */
};

struct driver {
	const char *name;
	const char *node; /* the device file */
	bool wants_token; /* its init needs a launch token, unless the signer is the platform's own */
	int (*probe)(const char *node);
	/*
	 * Address space for an enclave of size bytes, a power of 2, at a multiple of size; where first
	 * is not 0, for one that starts at address 0 and has nothing below first.
	 */
	int (*reserve)(int fd, uint64_t size, uint64_t first, struct range *ret);
	/* -EIO: the processor faulted. */
	int (*create)(int fd, const struct sgx_secs *secs);
	/* May do less than asked: *ret_done says how many bytes, also after an error. */
	int (*add)(int fd, const struct driver_pages *pages, uint64_t *ret_done);
	/* *ret_code changes only where the driver tells EINIT's error code (sgx/leaf.h); it goes with -EPERM. */
	int (*init)(int fd, const struct driver_init *init, uint32_t *ret_code);
	/* Map pages of the reserved range.  -EPERM with PROT_EXEC: the device is on a noexec mount. */
	int (*map)(int fd, uint64_t addr, uint64_t size, int prot);
	/* How far is the enclave behind fd that has a page at addr?  0: none, 1: created, 2: initialised. */
	int (*stage)(int fd, uint64_t addr);
	/* Is what this process has mapped in the range that initialised enclave, or at most reserved? */
	bool (*owns)(int fd, uint64_t addr, uint64_t size);
};

extern const struct driver driver_intree, driver_dcap, driver_dcap_old, driver_isgx, driver_null;

/* Open the first driver's device that is there: -ENODEV with all that were tried. */
int driver_open(const struct driver **ret, int *ret_fd, struct err *e);
/* The driver behind this descriptor if it is that of an initialised enclave at addr, or NULL. */
const struct driver *driver_of(int fd, uint64_t addr);
/* The driver said -EAGAIN and this was not the last try: after a pause, true.  try counts from 0. */
bool driver_again(int r, int try);

#endif
