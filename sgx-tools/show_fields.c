// SPDX-License-Identifier: Apache-2.0
/* How one field looks: numbers with the SDM's names of their bits, bytes as hexadecimal digits. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <json-c/json.h>

#include "lib/base/cleanup.h"
#include "lib/base/hex.h"
#include "sgx-tools/show_sink.h"

struct bit {
	uint64_t bit;
	const char *name;
};

static const struct bit attribute_bits[] = {
	{ SGX_ATTR_INIT, "INIT" },
	{ SGX_ATTR_DEBUG, "DEBUG" },
	{ SGX_ATTR_MODE64BIT, "MODE64BIT" },
	{ SGX_ATTR_PROVISIONKEY, "PROVISIONKEY" },
	{ SGX_ATTR_EINITTOKENKEY, "EINITTOKENKEY" },
	{ SGX_ATTR_CET, "CET" },
	{ SGX_ATTR_KSS, "KSS" },
	{ SGX_ATTR_AEXNOTIFY, "AEXNOTIFY" },
	{ 0, NULL },
};

static const struct bit xfrm_bits[] = {
	{ SGX_XFRM_X87, "x87" }, { SGX_XFRM_SSE, "SSE" },  { SGX_XFRM_AVX, "AVX" },
	{ 0x8, "BNDREGS" },      { 0x10, "BNDCSR" },       { 0x20, "opmask" },
	{ 0x40, "ZMM_Hi256" },   { 0x80, "Hi16_ZMM" },     { 0x200, "PKRU" },
	{ 0x20000, "XTILECFG" }, { 0x40000, "XTILEDATA" }, { 0, NULL },
};

static const struct bit misc_bits[] = {
	{ SGX_MISC_EXINFO, "EXINFO" },
	{ SGX_MISC_CPINFO, "CPINFO" },
	{ 0, NULL },
};

/* A 64-bit number does not survive every reader of JSON; its digits do. */
static struct json_object *hex_number(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%#" PRIx64, value);
	return json_object_new_string(value ? text : "0x0");
}

static void bits_json(struct show *s, const char *name, uint64_t value, const struct bit *bits,
                      const uint64_t *mask)
{
	struct json_object *field = json_object_new_object();
	struct json_object *names = json_object_new_array();

	for (const struct bit *b = bits; names && b->name; b++) {
		if (value & b->bit)
			json_object_array_add(names, json_object_new_string(b->name));
	}
	if (!field || !names) {
		json_object_put(field);
		json_object_put(names);
		s->has_failed = true;
		return;
	}
	json_object_object_add(field, "value", hex_number(value));
	json_object_object_add(field, "names", names);
	if (mask)
		json_object_object_add(field, "mask", hex_number(*mask));
	show_add(s, name, field);
}

/* "0x6 DEBUG MODE64BIT": the number, the names of its bits, and the bits without a name. */
static void bits_text(struct show *s, const char *name, uint64_t value, const struct bit *bits,
                      const uint64_t *mask)
{
	uint64_t rest = value;
	char text[256];
	size_t used = (size_t)snprintf(text, sizeof(text), "%#" PRIx64, value);

	for (const struct bit *b = bits; b->name; b++) {
		if (!(value & b->bit))
			continue;
		rest &= ~b->bit;
		used += (size_t)snprintf(text + used, sizeof(text) - used, " %s", b->name);
	}
	if (rest != 0)
		used += (size_t)snprintf(text + used, sizeof(text) - used, " and %#" PRIx64, rest);
	if (mask)
		snprintf(text + used, sizeof(text) - used, ", mask %#" PRIx64, *mask);
	show_line(s, name, "%s", text);
}

static void show_bits(struct show *s, const char *name, uint64_t value, const struct bit *bits,
                      const uint64_t *mask)
{
	(s->is_json ? bits_json : bits_text)(s, name, value, bits, mask);
}

void show_attributes(struct show *s, uint64_t flags, const uint64_t *mask)
{
	show_bits(s, "ATTRIBUTES", flags, attribute_bits, mask);
}

void show_xfrm(struct show *s, uint64_t xfrm, const uint64_t *mask)
{
	show_bits(s, "XFRM", xfrm, xfrm_bits, mask);
}

void show_miscselect(struct show *s, uint32_t miscselect, const uint32_t *mask)
{
	uint64_t wide = mask ? *mask : 0;

	show_bits(s, "MISCSELECT", miscselect, misc_bits, mask ? &wide : NULL);
}

/* What a stranger's file calls something must not steer a terminal, nor break JSON's UTF-8. */
static void make_plain(char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			*text = '?';
	}
}

void show_text(struct show *s, const char *name, const char *text)
{
	_cleanup_(freep) char *plain = strdup(text);

	if (!plain) {
		s->has_failed = true;
		return;
	}
	make_plain(plain);
	if (s->is_json)
		show_add(s, name, json_object_new_string(plain));
	else
		show_line(s, name, "%s", plain);
}

void show_bool(struct show *s, const char *name, bool value)
{
	if (s->is_json)
		show_add(s, name, json_object_new_boolean(value));
	else
		show_line(s, name, "%s", value ? "yes" : "no");
}

void show_count(struct show *s, const char *name, uint64_t value)
{
	if (s->is_json)
		show_add(s, name, json_object_new_uint64(value));
	else
		show_line(s, name, "%" PRIu64, value);
}

void show_number(struct show *s, const char *name, uint64_t value)
{
	if (s->is_json)
		show_add(s, name, json_object_new_uint64(value));
	else
		show_line(s, name, "%#" PRIx64, value);
}

void show_number_as(struct show *s, const char *name, uint64_t value, const char *text)
{
	if (s->is_json)
		show_count(s, name, value);
	else
		show_text(s, name, text);
}

void show_hex(struct show *s, const char *name, const void *bytes, size_t size)
{
	_cleanup_(freep) char *text = malloc(2 * size + 1);

	if (!text) {
		s->has_failed = true;
		return;
	}
	hex_encode(bytes, size, text);
	show_text(s, name, text);
}

void show_time(struct show *s, const char *name, int64_t seconds)
{
	time_t t = (time_t)seconds;
	char text[40] = "?";
	struct tm tm;

	if (gmtime_r(&t, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	show_text(s, name, text);
}

void show_svns(struct show *s, const char *name, const uint8_t *svns, size_t count)
{
	char text[128] = "";
	size_t used = 0;

	if (s->is_json) {
		struct json_object *list = json_object_new_array();

		for (size_t i = 0; list && i < count; i++)
			json_object_array_add(list, json_object_new_int(svns[i]));
		show_add(s, name, list);
		return;
	}
	for (size_t i = 0; i < count && used < sizeof(text); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u", i ? " " : "",
		                         svns[i]);
	show_line(s, name, "%s", text);
}

void show_words(struct show *s, const char *name, const char *const *words, size_t count)
{
	_cleanup_(freep) char *joined = NULL;
	size_t size = 1;

	if (s->is_json) {
		show_list(s, name);
		for (size_t i = 0; i < count; i++)
			show_text(s, "", words[i]);
		show_list_end(s);
		return;
	}
	for (size_t i = 0; i < count; i++)
		size += strlen(words[i]) + 1;
	joined = calloc(1, size);
	if (!joined) {
		s->has_failed = true;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		strcat(joined, i ? " " : "");
		strcat(joined, words[i]);
	}
	if (count > 0)
		show_text(s, name, joined);
}
