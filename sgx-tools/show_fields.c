// SPDX-License-Identifier: Apache-2.0
/* How one field looks: its name in a column, numbers with the SDM's names of their bits. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/hex.h"
#include "sgx-tools/show.h"

#define COLUMN "  %-20s "

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

static struct show_bits with_names(uint64_t value, const struct bit *bits)
{
	struct show_bits ret;
	uint64_t rest = value;
	size_t used;

	snprintf(ret.text, sizeof(ret.text), "%#" PRIx64, value);
	for (const struct bit *b = bits; b->name; b++) {
		if (!(value & b->bit))
			continue;
		rest &= ~b->bit;
		used = strlen(ret.text);
		snprintf(ret.text + used, sizeof(ret.text) - used, " %s", b->name);
	}
	used = strlen(ret.text);
	if (rest != 0)
		snprintf(ret.text + used, sizeof(ret.text) - used, " and %#" PRIx64, rest);
	return ret;
}

struct show_bits show_attributes(uint64_t flags)
{
	return with_names(flags, attribute_bits);
}

struct show_bits show_xfrm(uint64_t xfrm)
{
	return with_names(xfrm, xfrm_bits);
}

struct show_bits show_miscselect(uint32_t miscselect)
{
	return with_names(miscselect, misc_bits);
}

void show_text(const char *name, const char *text)
{
	printf(COLUMN "%s\n", name, text);
}

void show_number(const char *name, uint64_t value)
{
	printf(COLUMN "%#" PRIx64 "\n", name, value);
}

void show_bytes(const char *name, const void *bytes, size_t size)
{
	char text[2 * SGX_RSA_BYTES + 1];

	hex_encode(bytes, size, text);
	show_text(name, text);
}

void show_masked(const char *name, struct show_bits bits, uint64_t mask)
{
	printf(COLUMN "%s, mask %#" PRIx64 "\n", name, bits.text, mask);
}
