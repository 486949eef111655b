// SPDX-License-Identifier: Apache-2.0
/*
 * The SGX extension: SEQUENCE OF SEQUENCE { OID, value }, and the TCB and the configuration in it the
 * same again.  An entry's OID is its parent's and one number more, so the last byte names it.
 */
#include "lib/dcap/pck.h"

#include <errno.h>
#include <string.h>

#include "lib/crypto/der.h"

#define ENTRIES_PROCESSOR 5
#define ENTRIES_PLATFORM  7

enum entry {
	PPID = 1,
	TCB,
	PCEID,
	FMSPC,
	SGX_TYPE,
	PLATFORM_INSTANCE,
	CONFIGURATION,
};

/* In the TCB: 1 to 16 are components. */
#define TCB_PCESVN  17
#define TCB_CPUSVN  18
#define TCB_ENTRIES 18

static const uint8_t base[] = DCAP_PCK_OID;

/* Entries seen so far, by number: each may stand once. */
struct seen {
	uint32_t bits;
	unsigned int count;
};

/*
 * The next entry: its number below the OID of base and the arcs in parent (0: none), and its value.
 */
static int next(struct der *in, uint8_t parent, struct seen *seen, uint8_t max, uint8_t *number,
                struct der *value, struct err *e)
{
	size_t prefix = sizeof(base) + (parent != 0);
	struct der oid;

	if (!der_next(in, DER_SEQUENCE, value) || !der_next(value, DER_OID, &oid))
		return err_set(e, -EINVAL, "an entry of the SGX extension is no OID and value");
	if (oid.size != prefix + 1 || memcmp(oid.data, base, sizeof(base)) != 0 ||
	    (parent && oid.data[sizeof(base)] != parent) || oid.data[prefix] < 1 ||
	    oid.data[prefix] > max)
		return err_set(e, -EINVAL, "an entry of the SGX extension has an unknown OID");
	*number = oid.data[prefix];
	if (seen->bits & UINT32_C(1) << *number)
		return err_set(e, -EINVAL, "entry %u of the SGX extension is there twice", *number);
	seen->bits |= UINT32_C(1) << *number;
	seen->count++;
	return 0;
}

static bool octets(struct der *value, void *ret, size_t size)
{
	struct der content;

	if (!der_next(value, DER_OCTETS, &content) || content.size != size || !der_at_end(value))
		return false;
	memcpy(ret, content.data, size);
	return true;
}

static bool number(struct der *value, int tag, uint32_t max, uint32_t *ret)
{
	struct der content;

	return der_next(value, tag, &content) && der_at_end(value) &&
	       der_number(&content, max, ret);
}

static int read_tcb(struct der *value, struct dcap_pck *ret, struct err *e)
{
	struct seen seen = { 0 };
	struct der list, entry;
	uint8_t n;
	int r;

	if (!der_next(value, DER_SEQUENCE, &list) || !der_at_end(value))
		return err_set(e, -EINVAL, "TCB is no sequence");
	while (!der_at_end(&list)) {
		uint32_t svn = 0;
		bool good;

		r = next(&list, TCB, &seen, TCB_ENTRIES, &n, &entry, e);
		if (r < 0)
			return r;
		if (n == TCB_CPUSVN)
			good = octets(&entry, ret->cpusvn, sizeof(ret->cpusvn));
		else
			good = number(&entry, DER_INTEGER, n == TCB_PCESVN ? UINT16_MAX : UINT8_MAX,
			              &svn);
		if (!good)
			return err_set(e, -EINVAL, "entry %u of the TCB has another type or size",
			               n);
		if (n <= DCAP_COMPONENTS)
			ret->component[n - 1] = (uint8_t)svn;
		else if (n == TCB_PCESVN)
			ret->pcesvn = (uint16_t)svn;
	}
	if (seen.count != TCB_ENTRIES)
		return err_set(e, -EINVAL, "TCB of %u entries, not %d", seen.count, TCB_ENTRIES);
	return 0;
}

static int read_configuration(struct der *value, struct dcap_pck *ret, struct err *e)
{
	bool *flags[] = { &ret->dynamic_platform, &ret->cached_keys, &ret->smt_enabled };
	struct der list, entry, content;
	struct seen seen = { 0 };
	uint8_t n;
	int r;

	if (!der_next(value, DER_SEQUENCE, &list) || !der_at_end(value))
		return err_set(e, -EINVAL, "Configuration is no sequence");
	while (!der_at_end(&list)) {
		r = next(&list, CONFIGURATION, &seen, 3, &n, &entry, e);
		if (r < 0)
			return r;
		if (!der_next(&entry, DER_BOOLEAN, &content) || !der_at_end(&entry) ||
		    !der_bool(&content, flags[n - 1]))
			return err_set(e, -EINVAL, "entry %u of the Configuration is no BOOLEAN",
			               n);
	}
	return 0;
}

static int read_entry(uint8_t n, struct der *value, struct dcap_pck *ret, struct err *e)
{
	uint32_t type = 0;
	bool good = false;

	switch ((enum entry)n) {
	case PPID: good = octets(value, ret->ppid, sizeof(ret->ppid)); break;
	case TCB: return read_tcb(value, ret, e);
	case PCEID: good = octets(value, ret->pceid, sizeof(ret->pceid)); break;
	case FMSPC: good = octets(value, ret->fmspc, sizeof(ret->fmspc)); break;
	case SGX_TYPE:
		good = number(value, DER_ENUMERATED, UINT8_MAX, &type);
		ret->sgx_type = (uint8_t)type;
		break;
	case PLATFORM_INSTANCE:
		good = octets(value, ret->platform_instance_id, sizeof(ret->platform_instance_id));
		break;
	case CONFIGURATION: return read_configuration(value, ret, e);
	}
	if (!good)
		return err_set(e, -EINVAL, "entry %u of the SGX extension has another type or size",
		               n);
	return 0;
}

int dcap_pck_parse(const void *extension, size_t size, struct dcap_pck *ret, struct err *e)
{
	struct der in = { extension, size }, list, entry;
	struct dcap_pck pck = { 0 };
	struct seen seen = { 0 };
	uint8_t n;
	int r;

	if (!der_next(&in, DER_SEQUENCE, &list) || !der_at_end(&in))
		return err_set(e, -EINVAL, "the SGX extension is no sequence");
	while (!der_at_end(&list)) {
		r = next(&list, 0, &seen, CONFIGURATION, &n, &entry, e);
		if (r == 0)
			r = read_entry(n, &entry, &pck, e);
		if (r < 0)
			return r;
	}
	if (seen.count != ENTRIES_PLATFORM &&
	    (seen.count != ENTRIES_PROCESSOR || seen.bits >> PLATFORM_INSTANCE))
		return err_set(e, -EINVAL, "SGX extension of %u entries, neither %d nor %d",
		               seen.count, ENTRIES_PROCESSOR, ENTRIES_PLATFORM);
	pck.is_platform = seen.count == ENTRIES_PLATFORM;
	*ret = pck;
	return 0;
}

const char *dcap_sgx_type_name(uint8_t sgx_type)
{
	static const char *const names[] = { "Standard", "Scalable", "ScalableWithIntegrity" };

	return sgx_type < sizeof(names) / sizeof(names[0]) ? names[sgx_type] : "unknown";
}
