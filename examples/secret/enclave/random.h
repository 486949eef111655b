/* SPDX-License-Identifier: Apache-2.0 */
/* Random bytes from the processor: nobody outside knows them. */
#ifndef ENCLAVE_RANDOM_H
#define ENCLAVE_RANDOM_H

#include <stddef.h>

#include "enclave/errno.h"
#include "enclave/insn.h"
#include "enclave/string.h"

/* size is a multiple of 8.  0, or -EIO when the processor has none to give (SDM vol. 1, RDRAND: ten tries). */
static inline int random_bytes(void *ret, size_t size)
{
	for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
		uint64_t word;
		int tries = 10;

		while (!rdrand(&word)) {
			if (--tries == 0)
				return -EIO;
			relax();
		}
		memcpy((char *)ret + i, &word, sizeof(word));
	}
	return 0;
}

#endif
