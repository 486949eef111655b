/* SPDX-License-Identifier: Apache-2.0 */
/* What always holds of the driver's state: enclaves, the table of mappings, the real page tables. */
#ifndef TESTS_FUZZ_WATCH_H
#define TESTS_FUZZ_WATCH_H

#include "swsgx/driver/enclave.h"

/* What a request may change, and by how much. */
struct watched {
	bool is_created, is_initialized;
	uint64_t base, size;
	uint64_t children; /* EPC pages */
	uint64_t modified; /* of them, those that wait for EACCEPT because of their type */
};

/* The enclave behind a descriptor, or NULL.  Good until the next call of the driver. */
struct enclave *watch_view(int fd);
struct watched watch_state(const struct enclave *e);
void watch_enclave(const struct enclave *e);
/* The table, and every enclave in it. */
void watch_space(void);
/* Nothing can be accessed that the program may not: every page of every mapping. */
void watch_pages(void);

#endif
