// SPDX-License-Identifier: Apache-2.0
/* Command lines; see options.h. */
#include "rune/runelet/options.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/hex.h"

static int set_value(const struct option_row *row, char *text, struct err *e)
{
	struct name_list *list;
	uint64_t fd;

	switch (row->kind) {
	case OPTION_TEXT: *(const char **)row->value = text; return 0;
	case OPTION_LIST:
		list = row->value;
		list->names[list->count++] = text;
		return 0;
	case OPTION_FD:
		if (parse_u64(text, INT_MAX, &fd) < 0 || fd < 3 || fcntl((int)fd, F_GETFD) < 0)
			return err_set(e, -EINVAL, "%s: %s: not an open descriptor above 2",
			               row->name, text);
		*(int *)row->value = (int)fd;
		return 0;
	case OPTION_FLAG: break;
	}
	*(bool *)row->value = true;
	return 0;
}

int options_parse(char **argv, const struct option_row *rows, struct err *e)
{
	int i = 0;

	for (; argv[i] && strcmp(argv[i], "--") != 0; i++) {
		const struct option_row *row = rows;
		char *text = NULL;
		int r;

		while (row->name && strcmp(row->name, argv[i]) != 0)
			row++;
		if (!row->name)
			return err_set(e, -EINVAL, "unknown option: %s", argv[i]);
		if (row->kind != OPTION_FLAG) {
			text = argv[++i];
			if (!text)
				return err_set(e, -EINVAL, "%s: no value", row->name);
		}
		r = set_value(row, text, e);
		if (r < 0)
			return r;
	}
	if (!argv[i] || !argv[i + 1])
		return err_set(e, -EINVAL, "no program after --");
	return i + 1;
}

static bool is_hidden(const char *variable, const struct name_list *hidden)
{
	for (int i = 0; i < hidden->count; i++) {
		size_t size = strlen(hidden->names[i]);

		if (strncmp(variable, hidden->names[i], size) == 0 &&
		    (variable[size] == '=' || variable[size] == '\0'))
			return true;
	}
	return false;
}

char **options_environment(const struct name_list *hidden, const struct name_list *added)
{
	size_t count = 0, used = 0;
	char **env;

	while (environ[count])
		count++;
	env = calloc(count + (size_t)added->count + 1, sizeof(*env));
	if (!env)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (!is_hidden(environ[i], hidden))
			env[used++] = environ[i];
	}
	for (int i = 0; i < added->count; i++)
		env[used++] = added->names[i];
	return env;
}
