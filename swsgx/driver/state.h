/* SPDX-License-Identifier: Apache-2.0 */
/* The platform's secrets, which processes, containers and restarts share: a file. */
#ifndef SWSGX_DRIVER_STATE_H
#define SWSGX_DRIVER_STATE_H

#include <limits.h>
#include <stdint.h>

#include "lib/base/err.h"

#define STATE_RANDOM_SIZE 80
#define STATE_HASH_SIZE   32

/*
 * Where the file is: below state (the value of SWSGX_STATE: a folder, or fd:N, an open file), or
 * when that is NULL or empty at the default place of this user.  For fd:N *ret is that text.
 */
int state_path(const char *state, char ret[PATH_MAX], struct err *e);
/* Make the file, and its folder with mode 0700, unless it exists; nothing for fd:N. */
int state_create(const char *path, struct err *e);
/*
 * The random bytes of the file at path, which has to be there, and the machine's IA32_SGXLEPUBKEYHASH:
 * hash is left as it is unless `swsgx aesmd` has set that.
 */
int state_look(const char *path, uint8_t ret[STATE_RANDOM_SIZE], uint8_t hash[STATE_HASH_SIZE],
               struct err *e);
/* The same, and it is made if need be. */
int state_read_at(const char *path, uint8_t ret[STATE_RANDOM_SIZE], uint8_t hash[STATE_HASH_SIZE],
                  struct err *e);
/* The random bytes of the file that the environment names, made if need be. */
int state_read(uint8_t ret[STATE_RANDOM_SIZE], struct err *e);

#endif
