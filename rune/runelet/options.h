/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines as protocol.h has them: options, "--", then the program and its arguments. */
#ifndef RUNE_RUNELET_OPTIONS_H
#define RUNE_RUNELET_OPTIONS_H

#include <stdbool.h>

#include "lib/base/err.h"

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_FD, OPTION_LIST };

struct option_row {
	const char *name;
	enum option_kind kind;
	void *value; /* bool; const char *; int; struct name_list */
};

struct name_list {
	char **names; /* room for as many as there are arguments; the caller's */
	int count;
};

/*
 * Set what the rows name and return the index of the program in argv; -EINVAL with a line.  What
 * comes before the fault is set, so that it can be reported where the caller wished.
 */
int options_parse(char **argv, const struct option_row *rows, struct err *e);
/* The process's environment without the names listed and with what is added: a new array, or NULL. */
char **options_environment(const struct name_list *hidden, const struct name_list *added);

#endif
