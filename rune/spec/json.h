/* SPDX-License-Identifier: Apache-2.0 */
/* Members of objects that may be missing, or of another type than they should be. */
#ifndef RUNE_SPEC_JSON_H
#define RUNE_SPEC_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json.h>

#include "lib/base/err.h"

/* The member if it is of this type, else NULL; object may be NULL. */
json_object *json_member(json_object *object, const char *key, enum json_type type);
/*
 * Go reads a member's name in upper and lower case alike: 0, or -EINVAL when a member would count as
 * key there and not here.  object may be NULL.
 */
int json_check_case(json_object *object, const char *key, struct err *e);
/* The text if it is one without a zero byte in it, else NULL. */
const char *json_text(json_object *value);
/* The member of this type, made empty if it is missing or null; NULL sets e: "KEY: not an array". */
json_object *json_need(json_object *object, const char *key, enum json_type type, struct err *e);

/* These take over value, and give it up when they fail or value is NULL (no memory): -ENOMEM. */
int json_set(json_object *object, const char *key, json_object *value);
int json_append(json_object *array, json_object *value);
int json_append_text(json_object *array, const char *text);
int json_set_texts(json_object *object, const char *key, const char *const *texts, size_t count);

int json_no_memory(struct err *e);

#endif
