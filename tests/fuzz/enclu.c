// SPDX-License-Identifier: Apache-2.0
/*
 * A running enclave with two threads: leaves of ENCLU with any registers, accesses, exits and stores
 * of its own, while the operating system does what it likes.
 */
#include <string.h>

#include "tests/fuzz/ops.h"

#define OPS_MAX 200

static struct machine template, m;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	machine_load();
	machine_init(&template);
	machine_enclave(&template);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	memcpy(&m, &template, sizeof(m));
	machine_moved(&m);
	ops_start();
	for (unsigned int i = 0; i < OPS_MAX && in.size > 0; i++) {
		switch (input_u8(&in) % 8) {
		case 0:
		case 1:
		case 2:
		case 3: op_enclu(&m, &in); break;
		case 4:
		case 5: op_run(&m, &in); break;
		case 6: op_map(&m, &in); break;
		default: op_encls(&m, &in);
		}
	}
	return 0;
}
