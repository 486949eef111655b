// SPDX-License-Identifier: Apache-2.0
/* pal_init's options: one row each.  See args.h. */
#include "pal/args.h"

#include <errno.h>
#include <string.h>

#define SEPARATORS ", \t\n\r\v\f"

static void set_debug(struct args *args)
{
	args->is_debug = true;
}

static const struct {
	const char *name;
	void (*set)(struct args *args);
} options[] = {
	{ "debug", set_debug },
};

static int set_option(const char *text, size_t size, struct args *args, struct err *e)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strlen(options[i].name) == size && memcmp(options[i].name, text, size) == 0) {
			options[i].set(args);
			return 0;
		}
	}
	return err_set(e, -EINVAL, "unknown option \"%.*s\": this runtime knows only \"debug\"",
	               size > 64 ? 64 : (int)size, text);
}

int args_parse(const char *text, struct args *ret, struct err *e)
{
	struct args args = { 0 };

	for (text = text ? text : ""; *(text += strspn(text, SEPARATORS)) != '\0';) {
		size_t size = strcspn(text, SEPARATORS);
		int r = set_option(text, size, &args, e);

		if (r < 0)
			return r;
		text += size;
	}
	*ret = args;
	return 0;
}
