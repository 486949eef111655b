/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in tests, written with ' for ", and compared as text: the order of keys counts. */
#ifndef TESTS_UNIT_RUNE_SPEC_DOCUMENT_H
#define TESTS_UNIT_RUNE_SPEC_DOCUMENT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <json-c/json.h>

/* The caller puts it. */
json_object *document(const char *text);
/* That the object is just this; the words of a difference are printed. */
void assert_document(json_object *object, const char *expected);
/* object.a.b.c for the path "a.b.c", and array items for numbers; NULL when there is none. */
json_object *part(json_object *object, const char *path);

#endif
