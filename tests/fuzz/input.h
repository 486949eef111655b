/* SPDX-License-Identifier: Apache-2.0 */
/* A fuzzer's bytes, taken one value after the other; behind the end there are zeros. */
#ifndef TESTS_FUZZ_INPUT_H
#define TESTS_FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct input {
	const uint8_t *data;
	size_t size;
};

static inline void input_bytes(struct input *in, void *ret, size_t size)
{
	size_t part = in->size < size ? in->size : size;

	memset(ret, 0, size);
	if (part > 0)
		memcpy(ret, in->data, part);
	in->data += part;
	in->size -= part;
}

static inline uint8_t input_u8(struct input *in)
{
	uint8_t value;

	input_bytes(in, &value, sizeof(value));
	return value;
}

static inline uint64_t input_u64(struct input *in)
{
	uint64_t value;

	input_bytes(in, &value, sizeof(value));
	return value;
}

/* A number below count. */
static inline uint32_t input_below(struct input *in, uint32_t count)
{
	return input_u8(in) % count;
}

/* libFuzzer calls these. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
