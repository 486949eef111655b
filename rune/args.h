/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runc's command lines: an option has one dash or two, its value follows "=" or is the next word, and
 * options may stand behind other words, except where the command says otherwise (is_ordered).
 */
#ifndef RUNE_ARGS_H
#define RUNE_ARGS_H

#include <stdbool.h>

enum arg_kind { ARG_FLAG, ARG_VALUE };

struct arg_option {
	const char *name;
	const char *alias; /* or NULL */
	enum arg_kind kind;
	const char *value; /* NULL: not given; a flag's is "true" or what stands behind "=" */
};

struct args {
	/* The caller's */
	struct arg_option *options;
	int option_count;
	bool is_ordered; /* the first word that is no option ends the options */
	/* Filled by args_parse */
	char **words; /* as given; NULL where args_remove took one out */
	int count;
	int first; /* index of the first word that is neither option nor value; count: none */
	const char *positional;          /* that word, or NULL */
	const struct arg_option **owner; /* of each word, NULL: a positional or an unknown option */
};

/* 0 or -ENOMEM.  The last of several values counts, as with runc. */
int args_parse(struct args *a, char **words);
/* Take an option out of words, each time it was given. */
void args_remove(struct args *a, const struct arg_option *option);
/* For _cleanup_: what args_parse made. */
void args_release(struct args *a);
/* The first option that is none of the known, or NULL. */
const char *args_unknown(const struct args *a);
bool args_is_set(const struct arg_option *flag);

#endif
