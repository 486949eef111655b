// SPDX-License-Identifier: Apache-2.0
/*
 * The sink.  Text goes to a buffer, JSON to an object; whatever fails on the way (there is only memory
 * to run out of) is remembered and reported by show_print.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include <json-c/json.h>

#include "sgx-tools/show.h"
#include "sgx-tools/show_sink.h"

#define COLUMN 20

int show_begin(struct show *s, bool is_json, struct err *e)
{
	*s = (struct show){ .is_json = is_json };
	if (is_json)
		s->group[0] = json_object_new_object();
	else
		s->text = open_memstream(&s->bytes, &s->size);
	if (!s->group[0] && !s->text)
		return err_set(e, -ENOMEM, "no memory for what is to be shown");
	return 0;
}

void show_drop(struct show *s)
{
	if (s->text)
		fclose(s->text);
	free(s->bytes);
	json_object_put(s->group[0]);
	*s = (struct show){ .is_json = false };
}

int show_print(struct show *s, struct err *e)
{
	const char *text = NULL;

	if (s->is_json)
		text = json_object_to_json_string_ext(
			s->group[0], JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	else if (fflush(s->text) == 0 && !ferror(s->text))
		text = s->bytes;
	if (!text || s->has_failed)
		return err_set(e, -ENOMEM, "no memory for what is to be shown");
	fputs(text, stdout);
	if (s->is_json)
		putchar('\n');
	return 0;
}

/* The key of a name. */
struct key {
	char text[64];
};

static struct key key_of(const char *name)
{
	const char *bar = strchr(name, '|');
	struct key ret = { "" };

	snprintf(ret.text, sizeof(ret.text), "%s", bar ? bar + 1 : name);
	for (char *c = ret.text; *c; c++)
		*c = *c == ' ' ? '_' : (char)tolower((unsigned char)*c);
	return ret;
}

bool show_add(struct show *s, const char *name, struct json_object *value)
{
	struct json_object *to = s->group[s->depth];
	int r = -1;

	if (value && json_object_is_type(to, json_type_array))
		r = json_object_array_add(to, value);
	else if (value && to)
		r = json_object_object_add(to, key_of(name).text, value);
	if (r == 0)
		return true;
	s->has_failed = true;
	json_object_put(value);
	return false;
}

void show_line(struct show *s, const char *name, const char *fmt, ...)
{
	int label = (int)strcspn(name, "|");
	va_list ap;

	if (s->is_row[s->depth])
		fprintf(s->text, "%s%.*s ", s->row_fields++ > 0 ? ", " : "", label, name);
	else
		fprintf(s->text, "%*s%-*.*s ", 2 + 2 * s->depth, "", COLUMN - 2 * s->depth, label,
		        name);
	va_start(ap, fmt);
	vfprintf(s->text, fmt, ap);
	va_end(ap);
	if (!s->is_row[s->depth])
		fputc('\n', s->text);
}

void show_title(struct show *s, const char *path, const char *kind, const char *key)
{
	if (s->is_json)
		show_text(s, "kind", key);
	else
		fprintf(s->text, "%s: %s\n", path, kind);
}

/* One level down: an object or an array in JSON. */
static void descend(struct show *s, const char *name, bool is_row, struct json_object *object)
{
	if (s->is_json && !show_add(s, name, object))
		object = NULL;
	if (s->depth + 1 < SHOW_DEPTH)
		s->depth++;
	else
		s->has_failed = true;
	s->group[s->depth] = object;
	s->is_row[s->depth] = is_row;
}

void show_group(struct show *s, const char *name)
{
	if (!s->is_json)
		fprintf(s->text, "%*s%.*s\n", 2 + 2 * s->depth, "", (int)strcspn(name, "|"), name);
	descend(s, name, false, s->is_json ? json_object_new_object() : NULL);
}

void show_row(struct show *s, const char *name, size_t number)
{
	int width = COLUMN - 2 * s->depth - (int)strlen(name) - 1;

	if (!s->is_json)
		fprintf(s->text, "%*s%s %-*zu ", 2 + 2 * s->depth, "", name, width > 0 ? width : 0,
		        number);
	s->row_fields = 0;
	descend(s, name, true, s->is_json ? json_object_new_object() : NULL);
}

/* A heading only where JSON has an array; its groups have headings of their own. */
void show_list(struct show *s, const char *name)
{
	if (s->is_json)
		descend(s, name, false, json_object_new_array());
}

void show_list_end(struct show *s)
{
	if (s->is_json)
		show_end(s);
}

void show_end(struct show *s)
{
	if (!s->is_json && s->is_row[s->depth])
		fputc('\n', s->text);
	if (s->depth > 0)
		s->depth--;
}
