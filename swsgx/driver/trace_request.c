// SPDX-License-Identifier: Apache-2.0
/*
 * Requests by their numbers, in the headers' words.  CREATE is one for all drivers; others have
 * numbers of their own for each, so that a number is enough.  An argument is 64-bit members, of which
 * the last may be cut short.
 */
#include "swsgx/driver/trace_request.h"

#include <stddef.h>
#include <string.h>

#include "sgx/uapi/intree.h"
#include "sgx/uapi/legacy.h"
#include "swsgx/driver/copy.h"

#define MEMBERS 6

static const struct {
	uint32_t number;
	const char *name;
	const char *member[MEMBERS];
} requests[] = {
	{ SGX_IOC_ENCLAVE_CREATE, "SGX_IOC_ENCLAVE_CREATE", { "src" } },
	{ SGX_IOC_ENCLAVE_ADD_PAGES,
	  "SGX_IOC_ENCLAVE_ADD_PAGES",
	  { "src", "offset", "length", "secinfo", "flags", "count" } },
	{ SGX_IOC_ENCLAVE_INIT, "SGX_IOC_ENCLAVE_INIT", { "sigstruct" } },
	{ SGX_IOC_ENCLAVE_PROVISION, "SGX_IOC_ENCLAVE_PROVISION", { "fd" } },
	{ SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS,
	  "SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS",
	  { "offset", "length", "permissions", "result", "count" } },
	{ SGX_IOC_ENCLAVE_MODIFY_TYPES,
	  "SGX_IOC_ENCLAVE_MODIFY_TYPES",
	  { "offset", "length", "page_type", "result", "count" } },
	{ SGX_IOC_ENCLAVE_REMOVE_PAGES,
	  "SGX_IOC_ENCLAVE_REMOVE_PAGES",
	  { "offset", "length", "count" } },
	{ ISGX_IOC_ADD_PAGE, "SGX_IOC_ENCLAVE_ADD_PAGE", { "addr", "src", "secinfo", "mrmask" } },
	{ ISGX_IOC_INIT, "SGX_IOC_ENCLAVE_INIT", { "addr", "sigstruct", "einittoken" } },
	{ ISGX_IOC_EMODPR, "SGX_IOC_ENCLAVE_EMODPR", { "start", "nr_pages", "flags" } },
	{ ISGX_IOC_MKTCS, "SGX_IOC_ENCLAVE_MKTCS", { "start", "nr_pages" } },
	{ ISGX_IOC_TRIM, "SGX_IOC_ENCLAVE_TRIM", { "start", "nr_pages" } },
	{ ISGX_IOC_NOTIFY_ACCEPT, "SGX_IOC_ENCLAVE_NOTIFY_ACCEPT", { "start", "nr_pages" } },
	{ ISGX_IOC_PAGE_REMOVE, "SGX_IOC_ENCLAVE_PAGE_REMOVE", { "addr" } },
	{ DCAP_OLD_IOC_INIT, "SGX_IOC_ENCLAVE_INIT", { "addr", "sigstruct" } },
	{ DCAP_OLD_IOC_SET_ATTRIBUTE, "SGX_IOC_ENCLAVE_SET_ATTRIBUTE", { "addr", "attribute_fd" } },
};
#define COUNT (sizeof(requests) / sizeof(requests[0]))
_Static_assert(COUNT < TRACE_REQUESTS, "and one for the unknown");

unsigned int trace_request_find(uint32_t number)
{
	unsigned int row = 0;

	while (row < COUNT && requests[row].number != number)
		row++;
	return row;
}

const char *trace_request_name(unsigned int row)
{
	return row < COUNT ? requests[row].name : "ioctl, no such request";
}

void trace_request_put(struct text *t, uint32_t number, uint64_t arg)
{
	unsigned int row = trace_request_find(number);
	size_t size = number >> 16 & 0x3fff;
	uint64_t member[MEMBERS] = { 0 };

	if (row == COUNT) {
		text_hex(t, number);
		return;
	}
	text_put(t, requests[row].name);
	text_put(t, ", ");
	if (size > sizeof(member) || driver_copy(member, (const void *)arg, size) != 0) {
		text_hex(t, arg);
		return;
	}
	for (unsigned int i = 0; i < MEMBERS && requests[row].member[i] != NULL; i++) {
		text_put(t, i == 0 ? "{" : ", ");
		text_put(t, requests[row].member[i]);
		text_put(t, "=");
		text_hex(t, member[i]);
	}
	text_put(t, "}");
}
