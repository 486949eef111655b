// SPDX-License-Identifier: Apache-2.0
/*
 * Text to object and back; see spec.h.  json-c would lower an integer above 64 bits to the largest that
 * fits: such a number is refused, since nobody may meet another one than was written.  So is a member that
 * is there twice: json-c takes the last, and Go, which runc is written in, what they have together.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "rune/spec/json.h"
#include "rune/spec/spec.h"

#define DEPTH_MAX 512

static size_t string_size(const char *text, size_t size)
{
	size_t i = 1;

	while (i < size && text[i] != '"')
		i += text[i] == '\\' ? 2 : 1;
	return i < size ? i + 1 : size;
}

static bool fits(const char *number, size_t size)
{
	char digits[24];

	if (memchr(number, '.', size) || memchr(number, 'e', size) || memchr(number, 'E', size))
		return true;
	if (size >= sizeof(digits))
		return false;
	memcpy(digits, number, size);
	digits[size] = '\0';
	errno = 0;
	if (digits[0] == '-')
		(void)strtoimax(digits, NULL, 10);
	else
		(void)strtoumax(digits, NULL, 10);
	return errno != ERANGE;
}

/*
 * The first thing that json-c takes and JSON does not have, or that json-c would change: a word in single
 * quotes, a comment, NaN, a number above 64 bits.  The text has been parsed.
 */
static const char *find_wrong(const char *text, size_t size, size_t *ret_size)
{
	for (size_t i = 0, n; i < size; i += n) {
		n = 1;
		if (text[i] == '"') {
			n = string_size(text + i, size - i);
		} else if (strchr("-0123456789", text[i])) {
			while (i + n < size && strchr("+-.eE0123456789", text[i + n]))
				n++;
			*ret_size = n;
			if (!fits(text + i, n))
				return text + i;
		} else if (!strchr("{}[]:, \t\r\ntruefalsn", text[i])) {
			*ret_size = 1;
			return text + i;
		}
	}
	return NULL;
}

static bool is_name(const char *behind, size_t size)
{
	while (size > 0 && strchr(" \t\r\n", *behind))
		behind++, size--;
	return size > 0 && *behind == ':';
}

static size_t count_names(const char *text, size_t size)
{
	size_t count = 0;

	for (size_t i = 0, n; i < size; i += n) {
		n = text[i] == '"' ? string_size(text + i, size - i) : 1;
		count += n > 1 && is_name(text + i + n, size - i - n);
	}
	return count;
}

/* No deeper than DEPTH_MAX. */
static size_t count_members(json_object *o)
{
	size_t count = 0;

	if (json_object_is_type(o, json_type_object)) {
		json_object_object_foreach(o, name, value)
		{
			(void)name;
			count += 1 + count_members(value);
		}
	} else if (json_object_is_type(o, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(o); i++)
			count += count_members(json_object_array_get_idx(o, i));
	}
	return count;
}

/* text is a name as it is written, with quotes and escapes; without memory any may be a second. */
static bool is_second(json_object *names, json_tokener *tokener, const char *text, size_t size)
{
	json_object *name = tokener ? json_tokener_parse_ex(tokener, text, (int)size) : NULL;
	const char *key = json_object_get_string(name);
	bool is_first = names && key && !json_object_object_get_ex(names, key, NULL) &&
	                json_object_object_add(names, key, NULL) == 0;

	json_object_put(name);
	return !is_first;
}

/* The first name that its object has twice; there is one.  The text has been parsed. */
static const char *find_second(const char *text, size_t size, size_t *ret_size)
{
	json_tokener *tokener = json_tokener_new();
	json_object *names[DEPTH_MAX]; /* of the objects that are open here, the outermost first */
	const char *found = NULL;
	size_t depth = 0;

	for (size_t i = 0, n; i < size && !found; i += n) {
		n = text[i] == '"' ? string_size(text + i, size - i) : 1;
		if (text[i] == '{')
			names[depth++] = json_object_new_object();
		else if (text[i] == '}')
			json_object_put(names[--depth]);
		else if (n > 1 && is_name(text + i + n, size - i - n) &&
		         is_second(names[depth - 1], tokener, text + i, n))
			found = text + i;
		*ret_size = n;
	}
	while (depth > 0)
		json_object_put(names[--depth]);
	if (tokener)
		json_tokener_free(tokener);
	return found;
}

static size_t line_of(const char *text, size_t offset)
{
	size_t line = 1;

	for (size_t i = 0; i < offset; i++)
		line += text[i] == '\n';
	return line;
}

static json_object *parse(const char *text, size_t size, size_t *ret_end, const char **ret_why)
{
	json_tokener *tokener = size < INT_MAX ? json_tokener_new_ex(DEPTH_MAX) : NULL;
	enum json_tokener_error code;
	json_object *object;

	*ret_end = 0;
	*ret_why = size < INT_MAX ? "out of memory" : "too large";
	if (!tokener)
		return NULL;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	object = json_tokener_parse_ex(tokener, text, (int)size);
	code = json_tokener_get_error(tokener);
	*ret_end = json_tokener_get_parse_end(tokener);
	*ret_why = code == json_tokener_continue  ? "it ends too early"
	           : code == json_tokener_success ? NULL
	                                          : json_tokener_error_desc(code);
	json_tokener_free(tokener);
	return object;
}

int spec_load(const char *name, const char *text, size_t size, json_object **ret, struct err *e)
{
	const char *why, *wrong, *second = NULL;
	size_t end, wrong_size;
	json_object *object;

	while (size > 0 && strchr(" \t\r\n", text[size - 1]) && text[size - 1] != '\0')
		size--;
	if (size == 0)
		return err_set(e, -EINVAL, "%s: empty", name);
	object = parse(text, size, &end, &why);
	if (!why && end != size)
		why = "something follows its end";
	if (!why && !json_object_is_type(object, json_type_object))
		why = "not an object";
	wrong = why ? NULL : find_wrong(text, size, &wrong_size);
	if (!why && !wrong && count_names(text, size) != count_members(object))
		second = find_second(text, size, &wrong_size);
	if (!why && !wrong && !second) {
		*ret = object;
		return 0;
	}
	json_object_put(object);
	if (second)
		return err_set(e, -EINVAL, "%s: line %zu: %.*s is there twice", name,
		               line_of(text, (size_t)(second - text)), (int)wrong_size, second);
	if (wrong)
		return err_set(e, -EINVAL, "%s: line %zu: %s: %.*s", name,
		               line_of(text, (size_t)(wrong - text)),
		               wrong_size == 1 ? "not JSON" : "a number of more than 64 bits",
		               (int)wrong_size, wrong);
	return err_set(e, -EINVAL, "%s: line %zu: not JSON: %s", name, line_of(text, end), why);
}

int spec_dump(json_object *object, char **ret, size_t *ret_size, struct err *e)
{
	const int style = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_PRETTY_TAB |
	                  JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE;
	size_t size = 0;
	/* The text is the object's. */
	const char *text = json_object_to_json_string_length(object, style, &size);
	char *copy = text ? malloc(size + 2) : NULL;

	if (!copy)
		return json_no_memory(e);
	memcpy(copy, text, size);
	memcpy(copy + size, "\n", 2);
	*ret = copy;
	*ret_size = size + 1;
	return 0;
}
