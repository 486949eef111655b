/* SPDX-License-Identifier: Apache-2.0 */
/* What a test tells the null driver to do, and what the driver was told. */
#ifndef PAL_DRIVER_NULL_H
#define PAL_DRIVER_NULL_H

#include "lib/crypto/crypto.h"
#include "pal/driver/driver.h"

#define NULL_MAPS_MAX 64

struct null_script {
	uint64_t add_most;    /* bytes that one add takes; 0: all */
	uint64_t add_fail_at; /* the page with this offset fails with add_error */
	uint32_t init_code;   /* of EINIT, with init_error; 0: not told */
	int add_error, create_error, init_error, map_error; /* 0, or a negative errno */
};

struct null_record {
	struct sgx_secs secs;
	struct sgx_sigstruct sig;
	struct sha256 measure; /* as the processor would keep it */
	uint64_t added;        /* bytes */
	struct {
		uint64_t addr, size;
		int prot;
	} map[NULL_MAPS_MAX];
	unsigned int map_count;
};

extern struct null_script null_script;
extern struct null_record null_record;

#endif
