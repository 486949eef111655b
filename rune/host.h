/* SPDX-License-Identifier: Apache-2.0 */
/* What this host gives an enclave container: its SGX devices, or software SGX, and rune's own parts. */
#ifndef RUNE_HOST_H
#define RUNE_HOST_H

#include <limits.h>
#include <stdbool.h>

#include "rune/rune.h"
#include "rune/runtime.h"
#include "rune/spec/spec.h"

#define HOST_DEVICES_MAX 7

struct host_devices {
	struct spec_device list[HOST_DEVICES_MAX];
	size_t count;
	bool has_enclave; /* one of them runs enclaves */
};

void host_find_devices(struct host_devices *ret);
/* A file of this installation, by its place below the prefix: there, or an error. */
int host_part(const char *name, char ret[PATH_MAX], struct err *e);
/* Open software SGX's platform file, made if need be; the caller closes *ret. */
int host_open_platform(int *ret, struct err *e);
/*
 * Whether to simulate: 1 or 0, or an error that says why this container cannot be run here
 * (design.md, decision 5).
 */
int host_simulates(enum simulation simulation, const struct spec_settings *settings,
                   const struct host_devices *devices, struct err *e);

#endif
