// SPDX-License-Identifier: Apache-2.0
/* Distinguished names and times of certificates. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/crypto/x509_private.h"

/* id-at, 2.5.4: the arc's last number is what tells the attributes of names apart. */
static const uint8_t id_at[] = { 0x55, 0x04 };

static const struct {
	uint8_t number;
	const char *word;    /* RFC 2253 */
	size_t offset, size; /* in struct x509_name; 0: kept in its text only */
} attributes[] = {
#define PART(number, word, member)                                 \
	{                                                          \
		number, word, offsetof(struct x509_name, member),  \
			sizeof(((struct x509_name *)NULL)->member) \
	}
	PART(3, "CN", common),       PART(6, "C", country), PART(10, "O", organization),
	PART(7, "L", locality),      PART(8, "ST", state),  { 11, "OU", 0, 0 },
	{ 5, "serialNumber", 0, 0 },
#undef PART
};

/* Put "WORD=value" before the text that is there: RFC 2253 begins with the last one. */
static bool prepend(char text[], size_t cap, const char *word, const struct der *value)
{
	char item[512];
	size_t size = (size_t)snprintf(item, sizeof(item), "%s=", word), old = strlen(text);

	for (size_t i = 0; i < value->size; i++) {
		if (size + 5 > sizeof(item))
			return false;
		if (value->data[i] < 0x20 || value->data[i] >= 0x7f) {
			size += (size_t)sprintf(item + size, "\\%02X", value->data[i]);
			continue;
		}
		if (strchr(",+\"\\<>;", value->data[i]))
			item[size++] = '\\';
		item[size++] = (char)value->data[i];
	}
	if (old > 0)
		item[size++] = ',';
	if (size + old >= cap)
		return false;
	memmove(text + size, text, old + 1);
	memcpy(text, item, size);
	return true;
}

/* The first of its kind counts, as for Intel's library. */
static bool keep(struct x509_name *name, const struct der *oid, const struct der *value)
{
	char word[64] = "";

	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		char *part = (char *)name + attributes[i].offset;

		if (oid->size != 3 || memcmp(oid->data, id_at, sizeof(id_at)) != 0 ||
		    oid->data[2] != attributes[i].number)
			continue;
		if (attributes[i].size > 0 && value->size >= attributes[i].size)
			return false;
		if (attributes[i].size > 0 && part[0] == 0)
			memcpy(part, value->data, value->size);
		return prepend(name->text, sizeof(name->text), attributes[i].word, value);
	}
	if (oid->size > 24)
		return false;
	for (size_t i = 0; i < oid->size; i++)
		snprintf(word + 2 * i, sizeof(word) - 2 * i, "%02x", oid->data[i]);
	return prepend(name->text, sizeof(name->text), word, value);
}

static bool is_text(int tag, const struct der *value)
{
	return (tag == DER_UTF8 || tag == DER_PRINTABLE || tag == DER_IA5 || tag == DER_T61) &&
	       !memchr(value->data, 0, value->size);
}

int x509_name_read(struct der name, struct x509_name *ret, struct err *e)
{
	*ret = (struct x509_name){ .text = "" };
	while (!der_at_end(&name)) {
		struct der set, attribute, oid, value;

		if (!der_next(&name, DER_SET, &set))
			return err_set(e, -EINVAL, "a name in it is no sequence of sets");
		while (!der_at_end(&set)) {
			int tag;

			if (!der_next(&set, DER_SEQUENCE, &attribute) ||
			    !der_next(&attribute, DER_OID, &oid))
				return err_set(e, -EINVAL, "a name in it has no attributes");
			tag = der_peek(&attribute);
			if (tag < 0 || !der_next(&attribute, tag, &value) ||
			    !der_at_end(&attribute) || !is_text(tag, &value) ||
			    !keep(ret, &oid, &value))
				return err_set(e, -EINVAL, "a name in it is too long or no text");
		}
	}
	return 0;
}

static int two(const uint8_t *digits)
{
	return 10 * (digits[0] - '0') + digits[1] - '0';
}

/* YYMMDDhhmmssZ (1950 to 2049) or YYYYMMDDhhmmssZ: RFC 5280 allows no other forms. */
bool x509_time_read(struct der *in, int64_t *ret)
{
	int tag = der_peek(in), year;
	struct tm tm = { 0 }, again;
	struct der time;
	const uint8_t *at;

	if ((tag != DER_UTC_TIME && tag != DER_TIME) || !der_next(in, tag, &time) ||
	    time.size != (tag == DER_UTC_TIME ? 13 : 15) || time.data[time.size - 1] != 'Z')
		return false;
	for (size_t i = 0; i + 1 < time.size; i++) {
		if (!isdigit(time.data[i]))
			return false;
	}
	at = time.data + time.size - 11; /* month */
	year = two(at - 2);
	if (tag == DER_TIME)
		year += 100 * two(time.data);
	else
		year += year < 50 ? 2000 : 1900;
	tm.tm_year = year - 1900;
	tm.tm_mon = two(at) - 1;
	tm.tm_mday = two(at + 2);
	tm.tm_hour = two(at + 4);
	tm.tm_min = two(at + 6);
	tm.tm_sec = two(at + 8);
	again = tm;
	*ret = timegm(&again);
	return again.tm_mon == tm.tm_mon && again.tm_mday == tm.tm_mday &&
	       again.tm_hour == tm.tm_hour && again.tm_min == tm.tm_min &&
	       again.tm_sec == tm.tm_sec;
}

struct der x509_magnitude(struct der number)
{
	while (number.size > 0 && number.data[0] == 0) {
		number.data++;
		number.size--;
	}
	return number;
}

bool x509_name_equal(const struct x509_name *a, const struct x509_name *b)
{
	return strcmp(a->common, b->common) == 0 && strcmp(a->country, b->country) == 0 &&
	       strcmp(a->organization, b->organization) == 0 &&
	       strcmp(a->locality, b->locality) == 0 && strcmp(a->state, b->state) == 0;
}

bool x509_name_same(const struct x509_name *a, const struct x509_name *b)
{
	return strcmp(a->text, b->text) == 0 && x509_name_equal(a, b);
}
