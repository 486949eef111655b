// SPDX-License-Identifier: Apache-2.0
/*
 * The low-level runtime holds that a created enclave container runs, since its process does.  The two
 * words have the same length, so its output is corrected in place and keeps every other byte.
 */
#include <ctype.h>
#include <string.h>

#include "rune/container.h"

#define ID_MAX 1024

static const char running[] = "running";
static const char created[] = "created";

_Static_assert(sizeof(running) == sizeof(created), "words of one length");

/* From an opening quote to behind the closing one. */
static char *skip_string(char *p)
{
	for (p++; *p && *p != '"'; p++) {
		if (*p == '\\' && p[1])
			p++;
	}
	return *p ? p + 1 : p;
}

static char *skip_blanks(char *p)
{
	while (isspace((unsigned char)*p))
		p++;
	return p;
}

static bool is_text(const char *start, const char *end, const char *text)
{
	size_t size = strlen(text);

	return (size_t)(end - start) == size + 2 && memcmp(start + 1, text, size) == 0;
}

/* One container's members, as far as they have been seen. */
struct seen {
	char id[ID_MAX];
	char *status; /* in the JSON, when it is "running" */
};

/* A string at the depth of the members: a key, with its value when that is a string too. */
static char *take_member(struct seen *s, char *key)
{
	char *key_end = skip_string(key);
	char *value = skip_blanks(key_end);
	char *end;

	if (*value != ':')
		return key_end;
	value = skip_blanks(value + 1);
	if (*value != '"')
		return value;
	end = skip_string(value);
	/* An id has no character that JSON would escape. */
	if (is_text(key, key_end, "id") && (size_t)(end - value) <= sizeof(s->id)) {
		memcpy(s->id, value + 1, (size_t)(end - value) - 2);
		s->id[end - value - 2] = '\0';
	}
	if (is_text(key, key_end, "status") && is_text(value, end, running))
		s->status = value + 1;
	return end;
}

void container_correct_json(char *json, int depth, bool (*is_created)(void *arg, const char *id),
                            void *arg)
{
	struct seen s = { .status = NULL };
	int level = 0;

	for (char *p = json; *p;) {
		if (*p == '"') {
			p = level == depth ? take_member(&s, p) : skip_string(p);
			continue;
		}
		if (*p == '{' || *p == '[')
			level++;
		if ((*p == '}' || *p == ']') && level-- == depth) {
			if (s.status && is_created(arg, s.id))
				memcpy(s.status, created, sizeof(created) - 1);
			s = (struct seen){ .status = NULL };
		}
		p++;
	}
}

/* ID, PID, STATUS... */
static void correct_row(char *row, bool (*is_created)(void *arg, const char *id), void *arg)
{
	size_t id_size = strcspn(row, " \n");
	char *status = row + id_size;
	char id[ID_MAX];

	status += strspn(status, " ");
	status += strcspn(status, " \n");
	status += strspn(status, " ");
	if (id_size >= sizeof(id) || strncmp(status, running, sizeof(running) - 1) != 0)
		return;
	memcpy(id, row, id_size);
	id[id_size] = '\0';
	if (is_created(arg, id))
		memcpy(status, created, sizeof(created) - 1);
}

void container_correct_table(char *table, bool (*is_created)(void *arg, const char *id), void *arg)
{
	/* The first line is the heading. */
	for (char *row = strchr(table, '\n'); row; row = strchr(row + 1, '\n'))
		correct_row(row + 1, is_created, arg);
}
