// SPDX-License-Identifier: Apache-2.0
/* runc's command lines; see args.h. */
#include "rune/args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_named(const char *name, const char *word, size_t size)
{
	return name && strlen(name) == size && memcmp(name, word, size) == 0;
}

static struct arg_option *find(const struct args *a, const char *word, size_t size)
{
	for (int i = 0; i < a->option_count; i++) {
		struct arg_option *o = &a->options[i];

		if (is_named(o->name, word, size) || is_named(o->alias, word, size))
			return o;
	}
	return NULL;
}

/* The option at i: the number of words it takes. */
static int take_option(struct args *a, int i)
{
	const char *word = a->words[i];
	const char *name = word + (word[1] == '-' ? 2 : 1);
	size_t size = strcspn(name, "=");
	struct arg_option *o = find(a, name, size);

	a->owner[i] = o;
	if (!o)
		return 1;
	if (name[size] == '=') {
		o->value = name + size + 1;
		return 1;
	}
	if (o->kind == ARG_FLAG) {
		o->value = "true";
		return 1;
	}
	if (!a->words[i + 1])
		return 1;
	o->value = a->words[i + 1];
	a->owner[i + 1] = o;
	return 2;
}

int args_parse(struct args *a, char **words)
{
	bool is_ended = false;

	for (a->count = 0; words[a->count];)
		a->count++;
	a->words = calloc((size_t)a->count + 1, sizeof(*a->words));
	a->owner = calloc((size_t)a->count + 1, sizeof(*a->owner));
	if (!a->words || !a->owner)
		return -ENOMEM;
	memcpy(a->words, words, (size_t)a->count * sizeof(*words));
	a->first = a->count;
	a->positional = NULL;
	for (int i = 0; i < a->count;) {
		const char *word = a->words[i];

		if (!is_ended && strcmp(word, "--") == 0) {
			is_ended = true;
			i++;
		} else if (!is_ended && word[0] == '-' && word[1] != '\0') {
			i += take_option(a, i);
		} else {
			if (!a->positional) {
				a->positional = word;
				a->first = i;
			}
			is_ended = is_ended || a->is_ordered;
			i++;
		}
	}
	return 0;
}

void args_remove(struct args *a, const struct arg_option *option)
{
	for (int i = 0; i < a->count; i++) {
		if (a->owner[i] == option)
			a->words[i] = NULL;
	}
}

void args_release(struct args *a)
{
	free(a->words);
	free(a->owner);
	a->words = NULL;
	a->owner = NULL;
}

const char *args_unknown(const struct args *a)
{
	int end = a->is_ordered ? a->first : a->count;

	for (int i = 0; i < end && strcmp(a->words[i], "--") != 0; i++) {
		if (!a->owner[i] && a->words[i][0] == '-' && a->words[i][1] != '\0')
			return a->words[i];
	}
	return NULL;
}

bool args_is_set(const struct arg_option *flag)
{
	/* Go's strconv.ParseBool; what is neither true nor false the low-level runtime refuses. */
	static const char *const no[] = { "0", "f", "F", "false", "False", "FALSE" };

	for (size_t i = 0; flag->value && i < sizeof(no) / sizeof(no[0]); i++) {
		if (strcmp(flag->value, no[i]) == 0)
			return false;
	}
	return flag->value;
}
