/* SPDX-License-Identifier: Apache-2.0 */
/* A table of worlds with one thing wrong: each row is a test of its own, by its name. */
#ifndef TESTS_UNIT_LIB_DCAP_ROWS_H
#define TESTS_UNIT_LIB_DCAP_ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/lib/dcap/world.h"

struct row {
	const char *name;
	uint16_t version, body; /* 0: version 3, SGX */
	void (*change)(struct world *w);
	enum dcap_error error;
	const char *says; /* in the message; NULL: nothing in particular */
};

static inline void run_row(void **state)
{
	const struct row *row = *state;
	struct world *w = calloc(1, sizeof(*w));
	enum dcap_error error;

	assert_non_null(w);
	world_init(w, row->version ? row->version : 3, row->body ? row->body : SGX_QUOTE_BODY_SGX);
	if (row->change)
		row->change(w);
	error = world_verify(w);
	if (error != row->error)
		print_error("%s\n", w->result.message);
	assert_int_equal(error, row->error);
	assert_int_equal(w->result.error, row->error);
	assert_int_equal(w->result.code, dcap_error_code(row->error));
	if (row->says && !strstr(w->result.message, row->says))
		fail_msg("'%s' does not say '%s'", w->result.message, row->says);
	if (error && error != DCAP_E_TCB_REVOKED)
		assert_int_equal(w->result.status, DCAP_NONE);
	if (!error)
		assert_string_equal(w->result.message, "");
	world_free(w);
	free(w);
}

/* Rows, then further tests. */
static inline int run_rows(const char *group, const struct row *rows, size_t row_count,
                           const struct CMUnitTest *more, size_t more_count)
{
	struct CMUnitTest *all = calloc(row_count + more_count, sizeof(*all));
	int failures;

	if (!all)
		return 1;
	for (size_t i = 0; i < row_count; i++)
		all[i] = (struct CMUnitTest){ rows[i].name, run_row, NULL, NULL, (void *)&rows[i] };
	for (size_t i = 0; i < more_count; i++)
		all[row_count + i] = more[i];
	failures = _cmocka_run_group_tests(group, all, row_count + more_count, NULL, NULL);
	free(all);
	return failures;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
