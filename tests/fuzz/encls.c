// SPDX-License-Identifier: Apache-2.0
/*
 * An operating system's work from an empty EPC on: enclaves are made, run, changed, paged out and in,
 * and taken apart, in any order.
 */
#include "tests/fuzz/ops.h"

#define OPS_MAX 200

static struct machine m;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	machine_load();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	machine_init(&m);
	ops_start();
	for (unsigned int i = 0; i < OPS_MAX && in.size > 0; i++) {
		switch (input_u8(&in) % 8) {
		case 0: op_map(&m, &in); break;
		case 1: op_enclu(&m, &in); break;
		case 2: op_run(&m, &in); break;
		default: op_encls(&m, &in);
		}
	}
	return 0;
}
