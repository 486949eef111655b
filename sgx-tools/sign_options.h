/* SPDX-License-Identifier: Apache-2.0 */
/* What the user asked of sgxsign, and what it makes of a SIGSTRUCT. */
#ifndef SGX_TOOLS_SIGN_OPTIONS_H
#define SGX_TOOLS_SIGN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/sgx/image.h"
#include "sgx/sigstruct.h"

enum sign_mode {
	SIGN_KEY,  /* KEY BIN SS [TBS]: sign here */
	SIGN_TBS,  /* BIN TBS: write what is to be signed */
	SIGN_JOIN, /* TBS SIGNATURE KEY SS: join what was signed elsewhere */
	SIGN_HELP, /* nothing but the usage or the version was asked for, and printed */
};

struct sign_number {
	bool is_set;
	uint64_t value;
};

struct sign_options {
	enum sign_mode mode;
	bool no_debug; /* -N, -p */
	bool debug;    /* -D */
	bool protect_null;
	struct sign_number size, attributes, attributemask, xfrm, xfrmmask, min_addr;
	char *const *operands; /* as many as mode wants; operands[3] is NULL without TBS */
};

/* Reorders argv.  -EINVAL with the option or operand that is wrong. */
int sign_options_parse(int argc, char **argv, struct sign_options *ret, struct err *e);
/*
 * For other commands that take sgxsign's placing options: the value of -s, -m and the like, and the line
 * for what getopt_long (with opterr 0 and these options) could not take, argument being the word that it
 * stopped at.
 */
struct option;
int sign_number_parse(struct sign_number *n, int option, const char *text, struct err *e);
int sign_option_refuse(int option, const char *argument, const struct option *options,
                       struct err *e);
/* How the pages of an image with this layout are to be placed. */
int sign_options_image(const struct sign_options *options, const struct sgx_layout *layout,
                       struct image_options *ret, struct err *e);
/* ATTRIBUTES, XFRM and MISCSELECT with their masks; everything else of sig stays. */
int sign_options_fields(const struct sign_options *options, const struct sgx_layout *layout,
                        struct sgx_sigstruct *sig, struct err *e);

#endif
