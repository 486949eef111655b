// SPDX-License-Identifier: Apache-2.0
/* Members of JSON objects, of the types that TCB info and QE identity have. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/base/hex.h"
#include "lib/dcap/signedjson.h"

static int member(struct json_object *o, const char *name, enum json_type type,
                  struct json_object **ret, struct err *e)
{
	if (!json_object_is_type(o, json_type_object))
		return err_set(e, -EINVAL, "what should have %s is no object", name);
	if (!json_object_object_get_ex(o, name, ret))
		return err_set(e, -EINVAL, "no %s", name);
	if (!json_object_is_type(*ret, type))
		return err_set(e, -EINVAL, "%s is no %s", name, json_type_to_name(type));
	return 0;
}

int json_string(struct json_object *o, const char *name, const char **ret, struct err *e)
{
	struct json_object *value;
	int r = member(o, name, json_type_string, &value, e);

	if (r < 0)
		return r;
	if (strlen(json_object_get_string(value)) != (size_t)json_object_get_string_len(value))
		return err_set(e, -EINVAL, "%s has a zero byte in it", name);
	*ret = json_object_get_string(value);
	return 0;
}

int json_number(struct json_object *o, const char *name, uint32_t max, uint32_t *ret, struct err *e)
{
	struct json_object *value;
	int r = member(o, name, json_type_int, &value, e);
	int64_t number;

	if (r < 0)
		return r;
	number = json_object_get_int64(value);
	if (number < 0 || number > max)
		return err_set(e, -EINVAL, "%s is not 0 to %u", name, max);
	*ret = (uint32_t)number;
	return 0;
}

int json_bytes(struct json_object *o, const char *name, void *ret, size_t size, struct err *e)
{
	const char *text;
	int r = json_string(o, name, &text, e);

	if (r < 0)
		return r;
	if (hex_decode(text, ret, size) < 0)
		return err_set(e, -EINVAL, "%s is not %zu hexadecimal digits", name, 2 * size);
	return 0;
}

/* Just this form; a day that its month does not have is no date. */
int dcap_date(const char *text, int64_t *ret)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
	struct tm tm = { 0 }, again;
	int64_t value;

	if (strlen(text) != strlen(form))
		return -EINVAL;
	for (size_t i = 0; form[i]; i++) {
		if (form[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
			return -EINVAL;
	}
	if (sscanf(text, "%d-%d-%dT%d:%d:%dZ", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
	           &tm.tm_min, &tm.tm_sec) != 6)
		return -EINVAL;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	again = tm;
	value = timegm(&again);
	if (again.tm_year != tm.tm_year || again.tm_mon != tm.tm_mon ||
	    again.tm_mday != tm.tm_mday || again.tm_hour != tm.tm_hour ||
	    again.tm_min != tm.tm_min || again.tm_sec != tm.tm_sec)
		return -EINVAL;
	*ret = value;
	return 0;
}

int json_date(struct json_object *o, const char *name, int64_t *ret, struct err *e)
{
	const char *text;
	int r = json_string(o, name, &text, e);

	if (r < 0)
		return r;
	if (dcap_date(text, ret) < 0)
		return err_set(e, -EINVAL, "%s is no date YYYY-MM-DDThh:mm:ssZ", name);
	return 0;
}

int json_array(struct json_object *o, const char *name, size_t min, size_t max,
               struct json_object **ret, size_t *ret_count, struct err *e)
{
	int r = member(o, name, json_type_array, ret, e);

	if (r < 0)
		return r;
	*ret_count = json_object_array_length(*ret);
	if (*ret_count == 0 && min > 0)
		return err_set(e, -EINVAL, "%s is empty", name);
	if (*ret_count > max)
		return err_set(e, -EINVAL, "%s has more than %zu elements", name, max);
	if (*ret_count < min)
		return err_set(e, -EINVAL, "%s has not %zu elements", name, min);
	return 0;
}

int json_inner(struct json_object *o, const char *name, struct json_object **ret, struct err *e)
{
	return member(o, name, json_type_object, ret, e);
}
