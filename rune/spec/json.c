// SPDX-License-Identifier: Apache-2.0
/* json-c with one convention for ownership; see json.h. */
#include "rune/spec/json.h"

#include <errno.h>
#include <string.h>

json_object *json_member(json_object *object, const char *key, enum json_type type)
{
	json_object *value;

	if (!json_object_is_type(object, json_type_object) ||
	    !json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, type))
		return NULL;
	return value;
}

/* key, of letters, by Go's folding: ASCII's cases, and the two letters beyond it that fold to k and s. */
static bool folds_to(const char *text, const char *key)
{
	for (; *key; key++) {
		if ((*text | 0x20) == (*key | 0x20))
			text++;
		else if (*key == 's' && strncmp(text, "\u017f", 2) == 0)
			text += 2;
		else if (*key == 'k' && strncmp(text, "\u212a", 3) == 0)
			text += 3;
		else
			return false;
	}
	return *text == '\0';
}

int json_check_case(json_object *object, const char *key, struct err *e)
{
	if (!json_object_is_type(object, json_type_object))
		return 0;
	json_object_object_foreach(object, name, value)
	{
		(void)value;
		if (strcmp(name, key) != 0 && folds_to(name, key))
			return err_set(e, -EINVAL, "config.json: %s: its name is %s", name, key);
	}
	return 0;
}

const char *json_text(json_object *value)
{
	const char *text;

	if (!json_object_is_type(value, json_type_string))
		return NULL;
	text = json_object_get_string(value);
	return strlen(text) == (size_t)json_object_get_string_len(value) ? text : NULL;
}

json_object *json_need(json_object *object, const char *key, enum json_type type, struct err *e)
{
	bool is_array = type == json_type_array;
	json_object *value;

	if (json_object_object_get_ex(object, key, &value) && value) {
		if (json_object_is_type(value, type))
			return value;
		err_set(e, -EINVAL, "config.json: %s: not an %s", key,
		        is_array ? "array" : "object");
		return NULL;
	}
	value = is_array ? json_object_new_array() : json_object_new_object();
	if (json_set(object, key, value) < 0) {
		json_no_memory(e);
		return NULL;
	}
	return value;
}

int json_set(json_object *object, const char *key, json_object *value)
{
	if (value && json_object_object_add(object, key, value) == 0)
		return 0;
	json_object_put(value);
	return -ENOMEM;
}

int json_append(json_object *array, json_object *value)
{
	if (value && json_object_array_add(array, value) == 0)
		return 0;
	json_object_put(value);
	return -ENOMEM;
}

int json_append_text(json_object *array, const char *text)
{
	return json_append(array, json_object_new_string(text));
}

int json_set_texts(json_object *object, const char *key, const char *const *texts, size_t count)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < count; i++) {
		if (json_append_text(array, texts[i]) < 0) {
			json_object_put(array);
			return -ENOMEM;
		}
	}
	return json_set(object, key, array);
}

int json_no_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "out of memory");
}
