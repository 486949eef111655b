// SPDX-License-Identifier: Apache-2.0
/* rune spec: the low-level runtime's template, made an enclave container's. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/io.h"
#include "rune/args.h"
#include "rune/runtime.h"
#include "rune/spec/spec.h"

#define CONFIG_MAX (1024 * 1024)

static void put_object(json_object **object)
{
	json_object_put(*object);
}

static int edit(const char *path, struct err *e)
{
	_cleanup_(put_object) json_object *config = NULL;
	_cleanup_(freep) char *text = NULL;
	_cleanup_(freep) char *edited = NULL;
	size_t size;

	if (io_read_file(path, CONFIG_MAX, &text, &size, e) < 0 ||
	    spec_load(path, text, size, &config, e) < 0 || spec_template_edit(config, e) < 0 ||
	    spec_dump(config, &edited, &size, e) < 0)
		return -1;
	return io_write_file(path, edited, size, 0666 & ~umask(0), e);
}

int cmd_spec(struct rune *r, struct err *e)
{
	enum { BUNDLE, HELP };
	struct arg_option options[] = {
		[BUNDLE] = { "bundle", "b", ARG_VALUE, NULL },
		[HELP] = { "help", "h", ARG_FLAG, NULL },
	};
	_cleanup_(args_release) struct args args = { .options = options, .option_count = 2 };
	char path[PATH_MAX];
	struct command c;
	int code;

	if (args_parse(&args, r->args) < 0) {
		err_set(e, -ENOMEM, "out of memory");
		return -1;
	}
	if (args_is_set(&options[HELP])) {
		runtime_pass(r, e);
		return -1;
	}
	c = command_begin(r, r->command);
	command_add_all(&c, args.words, args.count);
	code = runtime_run(r, &c, NULL, e);
	free(c.words);
	if (code != 0)
		return code;
	snprintf(path, sizeof(path), "%s/config.json",
	         options[BUNDLE].value && options[BUNDLE].value[0] ? options[BUNDLE].value : ".");
	return edit(path, e) < 0 ? -1 : 0;
}
