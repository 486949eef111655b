/* SPDX-License-Identifier: Apache-2.0 */
/* The paths of a PCCS, served from a folder of collateral; no HTTP library in here. */
#ifndef AESMD_PCCS_H
#define AESMD_PCCS_H

#include <stddef.h>
#include <stdint.h>

#define PCCS_HEADERS_MAX 6
#define PCCS_FILE_MAX    (4 * 1024 * 1024)

struct pccs_reply {
	unsigned int status; /* of HTTP */
	const char *type;    /* Content-Type */
	char *body;
	size_t size;
	struct {
		const char *name;
		char *value;
	} header[PCCS_HEADERS_MAX];
	unsigned int header_count;
};

/* The value of a parameter of the query, or NULL. */
typedef const char *pccs_query_fn(void *context, const char *name);

/* The reply to GET path; read anew from folder each time.  Release it. */
void pccs_get(const char *folder, const char *path, pccs_query_fn *query, void *context,
              struct pccs_reply *ret);
void pccs_release(struct pccs_reply *reply);

#endif
