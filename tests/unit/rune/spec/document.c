// SPDX-License-Identifier: Apache-2.0
/* See document.h. */
#include "tests/unit/rune/spec/document.h"

#include <stdlib.h>
#include <string.h>

json_object *document(const char *text)
{
	char *json = strdup(text);
	json_object *object;

	assert_non_null(json);
	for (char *c = json; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	object = json_tokener_parse(json);
	assert_non_null(object);
	free(json);
	return object;
}

void assert_document(json_object *object, const char *expected)
{
	const int style = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;
	json_object *other = document(expected);

	assert_non_null(object);
	assert_string_equal(json_object_to_json_string_ext(object, style),
	                    json_object_to_json_string_ext(other, style));
	json_object_put(other);
}

json_object *part(json_object *object, const char *path)
{
	char word[64];

	while (object && *path) {
		size_t size = strcspn(path, ".");

		assert_true(size < sizeof(word));
		memcpy(word, path, size);
		word[size] = '\0';
		if (json_object_is_type(object, json_type_array))
			object = json_object_array_get_idx(object, strtoul(word, NULL, 10));
		else if (!json_object_object_get_ex(object, word, &object))
			return NULL;
		path += size;
		path += *path == '.';
	}
	return object;
}
