/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program that a fuzzed driver serves: its memory, good and bad, at addresses that are always the
 * same, and what becomes of its faults.  Every input starts with the same memory and leaves nothing.
 */
#ifndef TESTS_FUZZ_PROGRAM_H
#define TESTS_FUZZ_PROGRAM_H

#include <stdbool.h>

#include "swsgx/driver/enclave.h"
#include "tests/fuzz/input.h"

#define PROGRAM_LA UINT64_C(0x200000000000)

/* Pages at PROGRAM_LA. */
enum data_page {
	DATA_CONTENT, /* a SECS, or what is added */
	DATA_ARGUMENT,
	DATA_SIDE, /* SECINFO, SIGSTRUCT, token */
	DATA_EDGE, /* writable for the last time */
	DATA_READ_ONLY,
	DATA_READ_ONLY_EDGE,
	DATA_NONE,
	DATA_PAGES, /* from here on nothing is mapped */
};
#define DATA_WRITABLE DATA_READ_ONLY /* pages */

#define SIDE_SECINFO   (program_la(DATA_SIDE))
#define SIDE_SIGSTRUCT (program_la(DATA_SIDE) + 0x200)
#define SIDE_TOKEN     (program_la(DATA_SIDE) + 0xe00)

/* Where enclaves are mapped: the first half is reserved without access, the second is free. */
#define SPACE_LA    (PROGRAM_LA + 0x100000)
#define SPACE_PAGES 64

static inline uint64_t program_la(enum data_page page)
{
	return PROGRAM_LA + (uint64_t)page * SGX_PAGE_SIZE;
}

static inline void *program_data(uint64_t la)
{
	return (void *)la;
}

/* Once: the memory, and a handler that ends the driver's own accesses as swsgx/trap does. */
void program_load(void);
/* Before an input: what is the fuzzer's own.  Behind it the program has no descriptor of its own left. */
void program_start(void);
/* Memory as at first, no enclave, no mapping of one; a leak breaks a promise. */
void program_reset(void);

/* An argument's address: mostly good, else one of every kind of bad that does not lead to ours. */
uint64_t program_where(struct input *in);
/* A number that is hard to get right. */
uint64_t program_value(struct input *in);
/* Now and then one of count numbers becomes another. */
void program_twist(struct input *in, uint64_t *numbers, size_t count);

/* Write where the program may; what does not fit is dropped. */
void program_write(uint64_t la, const void *from, size_t size);
/* Can the byte at la be read, and then written (with what it holds)? */
bool program_reads(uint64_t la);
bool program_writes(uint64_t la);

/* Before a call: what the writable data pages hold.  After it: only [la, la + size) has changed. */
void program_remember(void);
void program_unchanged(uint64_t la, size_t size);

#endif
