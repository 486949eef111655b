// SPDX-License-Identifier: Apache-2.0
/*
 * The outer object is read here, character by character, so that the signed bytes are known exactly
 * and there is no doubt which of two members is meant; json-c then reads just those bytes.
 */
#include "lib/dcap/signedjson.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/hex.h"

struct scanner {
	const char *text;
	size_t at, size;
};

struct span {
	size_t at, size;
};

static void skip_space(struct scanner *s)
{
	while (s->at < s->size && strchr(" \t\r\n", s->text[s->at]) && s->text[s->at])
		s->at++;
}

static bool take(struct scanner *s, char c)
{
	skip_space(s);
	if (s->at == s->size || s->text[s->at] != c)
		return false;
	s->at++;
	return true;
}

/* A string; *ret is what stands between its quotes, escapes as they are. */
static bool take_string(struct scanner *s, struct span *ret)
{
	if (!take(s, '"'))
		return false;
	ret->at = s->at;
	for (; s->at < s->size && s->text[s->at] != '"'; s->at++) {
		if (s->text[s->at] == '\\')
			s->at++;
	}
	if (s->at >= s->size)
		return false;
	ret->size = s->at++ - ret->at;
	return true;
}

/* An object or array, its brackets included.  Only nesting is followed: json-c judges the rest. */
static bool take_nested(struct scanner *s, struct span *ret)
{
	struct span string;
	size_t depth = 0;

	ret->at = s->at;
	while (s->at < s->size) {
		char c = s->text[s->at];

		if (c == '"') {
			if (!take_string(s, &string))
				return false;
			continue;
		}
		if (strchr("'/", c))
			return false; /* json-c knows other quotes, and comments */
		s->at++;
		if (c == '{' || c == '[')
			depth++;
		if ((c == '}' || c == ']') && --depth == 0) {
			ret->size = s->at - ret->at;
			return true;
		}
	}
	return false;
}

static bool take_object(struct scanner *s, struct span *ret)
{
	skip_space(s);
	return s->at < s->size && s->text[s->at] == '{' && take_nested(s, ret);
}

/* Any value of a member that nobody asks for. */
static bool skip_value(struct scanner *s)
{
	struct span ignored;
	size_t from;

	skip_space(s);
	from = s->at;
	if (s->at < s->size && s->text[s->at] == '"')
		return take_string(s, &ignored);
	if (s->at < s->size && (s->text[s->at] == '{' || s->text[s->at] == '['))
		return take_nested(s, &ignored);
	while (s->at < s->size && (isalnum((unsigned char)s->text[s->at]) ||
	                           (strchr("+-.", s->text[s->at]) && s->text[s->at])))
		s->at++;
	return s->at > from;
}

static bool is(const struct scanner *s, const struct span *span, const char *word)
{
	return span->size == strlen(word) && memcmp(s->text + span->at, word, span->size) == 0;
}

struct members {
	const char *name; /* of the object */
	struct span object, signature;
	bool has_object, has_signature;
};

static int read_member(struct scanner *s, struct members *m, struct err *e)
{
	struct span key;

	if (!take_string(s, &key) || !take(s, ':'))
		return err_set(e, -EINVAL, "no JSON object of members");
	if (is(s, &key, m->name)) {
		if (m->has_object)
			return err_set(e, -EINVAL, "%s is there twice", m->name);
		m->has_object = take_object(s, &m->object);
		return m->has_object ? 0 : err_set(e, -EINVAL, "%s is no object", m->name);
	}
	if (is(s, &key, "signature")) {
		if (m->has_signature)
			return err_set(e, -EINVAL, "signature is there twice");
		m->has_signature = take_string(s, &m->signature);
		return m->has_signature ? 0 : err_set(e, -EINVAL, "signature is no string");
	}
	return skip_value(s) ? 0 : err_set(e, -EINVAL, "a member without a value");
}

/* The two members, each once, in either order; others do not matter. */
static int find_members(struct scanner *s, struct members *m, struct err *e)
{
	int r;

	if (!take(s, '{'))
		return err_set(e, -EINVAL, "no JSON object");
	do {
		r = read_member(s, m, e);
		if (r < 0)
			return r;
	} while (take(s, ','));
	if (!take(s, '}'))
		return err_set(e, -EINVAL, "the JSON object does not end");
	skip_space(s);
	if (s->at != s->size)
		return err_set(e, -EINVAL, "more behind the JSON object");
	if (!m->has_object || !m->has_signature)
		return err_set(e, -EINVAL, "no %s", m->has_object ? "signature" : m->name);
	return 0;
}

static int read_object(struct signed_json *s, struct err *e)
{
	struct json_tokener *tokener = json_tokener_new_ex(DCAP_JSON_DEPTH);
	enum json_tokener_error error;
	size_t end;

	if (!tokener)
		return err_set(e, -ENOMEM, "out of memory");
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	s->object = json_tokener_parse_ex(tokener, s->text + s->at, (int)s->size);
	error = json_tokener_get_error(tokener);
	end = json_tokener_get_parse_end(tokener);
	json_tokener_free(tokener);
	if (error == json_tokener_success && end != s->size)
		return err_set(e, -EINVAL, "no JSON: it ends early");
	if (error != json_tokener_success || !json_object_is_type(s->object, json_type_object))
		return err_set(e, -EINVAL, "no JSON: %s", json_tokener_error_desc(error));
	return 0;
}

int signed_json_parse(const void *data, size_t size, const char *name, struct signed_json *ret,
                      struct err *e)
{
	struct members m = { .name = name };
	char digits[2 * P256_SIGNATURE_SIZE + 1] = "";
	struct scanner s;
	int r;

	*ret = (struct signed_json){ 0 };
	while (size > 0 && ((const char *)data)[size - 1] == 0)
		size--;
	if (size > DCAP_JSON_MAX)
		return err_set(e, -EFBIG, "longer than %u bytes", DCAP_JSON_MAX);
	ret->text = calloc(1, size + 1);
	if (!ret->text)
		return err_set(e, -ENOMEM, "out of memory");
	memcpy(ret->text, data, size);
	s = (struct scanner){ ret->text, 0, size };
	r = find_members(&s, &m, e);
	if (r < 0)
		return r;
	ret->at = m.object.at;
	ret->size = m.object.size;
	if (m.signature.size != 2 * P256_SIGNATURE_SIZE)
		return err_set(e, -EINVAL, "signature is not 128 hexadecimal digits");
	memcpy(digits, ret->text + m.signature.at, m.signature.size);
	/* Other characters make zeros, which no key signs: a wrong signature, not a wrong format. */
	if (hex_decode(digits, ret->signature, sizeof(ret->signature)) < 0)
		memset(ret->signature, 0, sizeof(ret->signature));
	r = read_object(ret, e);
	return r < 0 ? err_wrap(e, r, "%s", name) : 0;
}

void signed_json_free(struct signed_json *s)
{
	free(s->text);
	json_object_put(s->object);
	*s = (struct signed_json){ 0 };
}

/* The object without the white space between its tokens: as compact as Intel writes it. */
static size_t compact(const char *text, size_t size, char *ret)
{
	bool in_string = false;
	size_t count = 0;

	for (size_t i = 0; i < size; i++) {
		char c = text[i];

		if (!in_string && strchr(" \t\r\n", c))
			continue;
		ret[count++] = c;
		if (in_string && c == '\\')
			ret[count++] = text[++i];
		else if (c == '"')
			in_string = !in_string;
	}
	return count;
}

bool signed_json_verify(const struct signed_json *s, const struct ecdsa_key *key)
{
	const char *object = s->text + s->at;
	char *short_form;
	size_t size;
	bool good;

	if (ecdsa_verify(key, object, s->size, s->signature))
		return true;
	short_form = malloc(s->size);
	if (!short_form)
		return false;
	size = compact(object, s->size, short_form);
	good = size < s->size && ecdsa_verify(key, short_form, size, s->signature);
	free(short_form);
	return good;
}
