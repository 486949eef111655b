// SPDX-License-Identifier: Apache-2.0
/*
 * ADD_PAGES of many pages at once: the driver takes them in small batches, of which nothing may be
 * seen, neither in the measurement nor in the pages nor in what a request that fails half-way has done.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "sgx/secinfo.h"
#include "tests/trap/adding.h"
#include "tests/trap/harness.h"

#define MANY 70 /* no multiple of a batch */
#define SOME 18 /* enough to be written to the enclave's file ahead of their EADDs */
#define FEW  8  /* not enough */

static void measures_all_pages_of_a_request(void)
{
	size_t done;

	prepare(MANY);
	CHECK_EQUAL(add(0, 0, MANY, &done), 0);
	CHECK_EQUAL(done, MANY);
	check_content(0, 0, MANY);
	sign(MANY);
	enclave_init(&e);
}

static void measures_as_if_added_one_by_one(void)
{
	size_t done;

	prepare(MANY);
	for (size_t at = 0, step = 1; at < MANY; at += step, step = step % SOME + 3) {
		size_t count = at + step > MANY ? MANY - at : step;

		CHECK_EQUAL(add(at, at, count, &done), 0);
		CHECK_EQUAL(done, count);
	}
	check_content(0, 0, MANY);
	sign(MANY);
	enclave_init(&e);
}

static void unreadable_memory_stops_at_its_page(void)
{
	for (size_t bad = 0; bad < FEW; bad++) {
		stop_at_unreadable(bad, FEW);
		stop_at_unreadable(bad, SOME);
	}
}

static void a_page_in_the_way_stops_there(void)
{
	for (size_t taken = 0; taken < FEW; taken++) {
		stop_at_taken(taken, FEW);
		stop_at_taken(taken, SOME);
	}
}

static void the_first_page_that_is_wrong_decides(void)
{
	size_t done;

	prepare(SOME);
	CHECK_EQUAL(add(2, 0, 1, &done), 0);
	mprotect(source + 2 * SGX_PAGE_SIZE, SGX_PAGE_SIZE, PROT_NONE);
	CHECK_EQUAL(add(0, 0, SOME, &done), EBUSY);
	CHECK_EQUAL(done, 2);
	prepare(SOME);
	CHECK_EQUAL(add(2, 0, 1, &done), 0);
	mprotect(source + SGX_PAGE_SIZE, SGX_PAGE_SIZE, PROT_NONE);
	CHECK_EQUAL(add(0, 0, SOME, &done), EFAULT);
	CHECK_EQUAL(done, 1);
}

static void handlers_jump_out(void)
{
	setenv("SWSGX_WRITER", "0", 1);
	jump_out_of_requests();
}

int main(int argc, char **argv)
{
	static const struct test tests[] = {
		{ "all pages of a request are measured, in order", measures_all_pages_of_a_request,
		  0 },
		{ "requests of any size measure as one page after the other",
		  measures_as_if_added_one_by_one, 0 },
		{ "memory that cannot be read stops a request at its page, with count",
		  unreadable_memory_stops_at_its_page, 0 },
		{ "a page that is there already stops a request there, with count, and stays",
		  a_page_in_the_way_stops_there, 0 },
		{ "a request that a handler leaves by siglongjmp leaves nothing behind",
		  handlers_jump_out, 60 },
		{ "of a page in the way and memory that cannot be read the first decides",
		  the_first_page_that_is_wrong_decides, 0 },
	};

	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
