// SPDX-License-Identifier: Apache-2.0
/*
 * The heap: chunks with an owner each.  A program may be ended between any two instructions, so there
 * is no lock that it could die holding and no list that it could leave half linked: one byte a chunk,
 * taken by compare-and-swap, says whose it is, and whoever ends gives back every chunk with its name
 * on it.  Free chunks are zero, from the measurement or from the wipe.
 */
#include "enclave/heap.h"

#include <stdint.h>

#include "enclave/string.h"
#include "enclave/thread.h"

#define CHUNK  0x4000
#define CHUNKS (ENCL_HEAP / CHUNK)
#define ALIGN  16

_Static_assert(ENCL_HEAP % CHUNK == 0, "the heap is whole chunks");
_Static_assert(ENCL_THREADS < 255, "an owner is one byte, 0 for none");

extern uint8_t heap_start[]; /* layout.S */

static uint8_t owner[CHUNKS];

/* Never 0: a TD is never the first page of the image. */
static uint8_t own_name(const struct td *td)
{
	return (uint8_t)(1 + (td->self - td_of(0)->self) / TD_STRIDE);
}

static bool chunk_take(size_t i, uint8_t name)
{
	uint8_t none = 0;

	return __atomic_compare_exchange_n(&owner[i], &none, name, false, __ATOMIC_SEQ_CST,
	                                   __ATOMIC_SEQ_CST);
}

static void chunk_free(size_t i)
{
	__atomic_store_n(&owner[i], 0, __ATOMIC_SEQ_CST);
}

/* The first of count chunks in a row that are now ours, or CHUNKS. */
static size_t run_take(size_t count, uint8_t name)
{
	for (size_t first = 0; first + count <= CHUNKS; first++) {
		size_t n = 0;

		while (n < count && chunk_take(first + n, name))
			n++;
		if (n == count)
			return first;
		for (size_t i = first; i < first + n; i++)
			chunk_free(i); /* not handed out, so still zero */
	}
	return CHUNKS;
}

void *encl_alloc(size_t size)
{
	struct td *td = td_own();
	uint64_t address;
	size_t first, count;

	if (size > ENCL_HEAP)
		return NULL;
	size = size ? (size + ALIGN - 1) & ~(size_t)(ALIGN - 1) : ALIGN;
	if (size > td->heap_end - td->heap_next) {
		count = (size + CHUNK - 1) / CHUNK;
		first = run_take(count, own_name(td));
		if (first == CHUNKS)
			return NULL;
		td->heap_next = (uint64_t)heap_start + first * CHUNK;
		td->heap_end = td->heap_next + count * CHUNK;
	}
	address = td->heap_next;
	td->heap_next += size;
	return (void *)address;
}

void heap_release(void)
{
	struct td *td = td_own();
	uint8_t name = own_name(td);

	td->heap_next = td->heap_end = 0;
	for (size_t i = 0; i < CHUNKS; i++) {
		if (__atomic_load_n(&owner[i], __ATOMIC_SEQ_CST) != name)
			continue;
		memset(heap_start + i * CHUNK, 0, CHUNK);
		chunk_free(i);
	}
}
