/* SPDX-License-Identifier: Apache-2.0 */
/* An enclave of regular pages only, and ADD_PAGES of many of them at once, measured. */
#ifndef TESTS_TRAP_ADDING_H
#define TESTS_TRAP_ADDING_H

#include <stddef.h>
#include <stdint.h>

#include "tests/trap/enclave.h"

extern struct test_enclave e;
extern uint8_t *source; /* what is added: no two pages are the same */

/* A new enclave, of 512 pages at most, and a source of so many pages. */
void prepare(size_t pages);
/* Returns errno, and in *ret_pages how many pages count says. */
int add(size_t page, size_t first, size_t count, size_t *ret_pages);
/* The pages from page on hold what the source does from first on. */
void check_content(size_t page, size_t first, size_t count);
/* Signed for pages 0 to count - 1 as they would be if each leaf were executed by itself. */
void sign(size_t count);

/* Requests of so many pages, of which one cannot be read or is taken. */
void stop_at_unreadable(size_t bad, size_t pages);
void stop_at_taken(size_t taken, size_t pages);

/* Requests that handlers leave by siglongjmp, of an enclave that goes on. */
void jump_out_of_requests(void);

#endif
