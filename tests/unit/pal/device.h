/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device whose driver finds enclaves by address (sgx/uapi/legacy.h): ioctl, mmap and mprotect of the
 * test program come here (the linker's --wrap), and what is asked of dev.fd is held to the rules that
 * such a driver has.  There is one enclave at most.
 */
#ifndef TESTS_UNIT_PAL_DEVICE_H
#define TESTS_UNIT_PAL_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/crypto/crypto.h"
#include "pal/range.h"
#include "sgx/secs.h"
#include "sgx/token.h"

struct device {
	int fd;
	unsigned long init_request;
	/* The script. */
	int create_result, add_result, mprotect_error;
	int init_result; /* what INIT returns the next init_times times */
	int init_times;
	/* The record. */
	struct range range;
	struct sgx_secs secs;
	struct sha256 measure;
	uint64_t added, inits;
	bool is_initialised, has_token;
	struct sgx_einittoken token;
	struct {
		uint64_t addr, size;
		int prot;
	} map[8];
	int map_count;
};

extern struct device dev;

/* A fresh one, with this number for INIT; the caller closes dev.fd. */
void device_plug(unsigned long init_request);

#endif
