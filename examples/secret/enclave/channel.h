/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the key server for the secret: wire.h. */
#ifndef ENCLAVE_CHANNEL_H
#define ENCLAVE_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

#include "enclave/wire.h"

/*
 * server: as the host knows it.  0 and the secret; -EINVAL when the answer is not our server's to this
 * request; or the host's -errno, which may be any.
 */
int channel_ask(const char *server, uint8_t ret[WIRE_SECRET_MAX], size_t *ret_size);

#endif
