/* SPDX-License-Identifier: Apache-2.0 */
/* From a request to its reply: what aesmd answers, no sockets. */
#ifndef AESMD_SERVICE_H
#define AESMD_SERVICE_H

#include <stddef.h>
#include <stdint.h>

#include "aesmd/launch.h"
#include "aesmd/quoting.h"

struct service {
	struct quoting quoting;
	struct launch launch;
	bool is_key_ready; /* InitQuoteEx came before */
};

/*
 * The reply's frame, in a new buffer that the caller frees: 0, or -EBADMSG for a body that aesmd hangs
 * up on, or -ENOMEM.
 */
int service_reply(struct service *s, const void *body, size_t size, uint8_t **ret,
                  size_t *ret_size);

#endif
