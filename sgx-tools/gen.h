/* SPDX-License-Identifier: Apache-2.0 */
/* What gen-token, gen-qe-target-info and gen-quote share: options, kinds of quote, aesmd's socket. */
#ifndef SGX_TOOLS_GEN_H
#define SGX_TOOLS_GEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

/* An option with a value: its name without dashes, and where the value goes. */
struct gen_option {
	const char *name;
	const char **value;
};

#define GEN_OPTIONS_MAX 8

/*
 * Options, with one dash or two as Go's flags have them, and no operands.  *ret_help is true when the
 * usage is asked for; then nothing else counts.
 */
int gen_parse(int argc, char **argv, const struct gen_option *options, size_t count, bool *ret_help,
              struct err *e);

enum gen_type {
	GEN_EPID_UNLINKABLE = 0, /* as GetQuote numbers them */
	GEN_EPID_LINKABLE = 1,
	GEN_ECDSA,
};

/* The value of --quote-type, in letters of either case; NULL is ECDSA. */
int gen_type_parse(const char *text, enum gen_type *ret, struct err *e);
/* Write the result; with sgx-tools --verbose say so on standard error. */
int gen_save(const char *what, const char *path, const void *bytes, size_t size, struct err *e);

/*
 * The name of a token: the signature's with .token in place of its extension.  In a new buffer that the
 * caller frees; NULL without memory.
 */
char *gen_token_name(const char *signature);
/* The bytes of an EPID quote in a buffer of aesmd's that may be larger, or 0 when there is none. */
size_t gen_epid_size(const uint8_t *quote, size_t size);

#endif
