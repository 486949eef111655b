/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container that exists: its folder below the low-level runtime's root, and what rune keeps there.
 * The low-level runtime's delete removes the folder and all that is in it.
 */
#ifndef RUNE_CONTAINER_H
#define RUNE_CONTAINER_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#include "rune/runelet/message.h"
#include "rune/rune.h"

#define CONTAINER_SOCKET "agent.sock" /* there is one: an enclave container */

/* The container's folder, O_PATH and the caller's to close; -errno, also for an id that is none. */
int container_open(const struct rune *r, const char *id);
bool container_is_enclave(const struct rune *r, const char *id);
/* What the low-level runtime says of it: *ret is the caller's. */
int container_state(const struct rune *r, const char *id, json_object **ret, struct err *e);
/* An enclave container whose program waits for start. */
bool container_is_created(const struct rune *r, const char *id);
/* Signal its program by the agent. */
int container_send(const struct rune *r, const char *id, int sig, struct err *e);
/* A connection to its agent, the caller's to close, or -errno. */
int container_connect(const struct rune *r, const char *id);
/*
 * Send the agent a request: 0 and its answer's packet, which lives until the next request, or -errno
 * with its text.  -ECONNREFUSED when nobody answers (any more), -EAGAIN when a container is paused and
 * the request is one that is answered at once.
 */
int container_request(const struct rune *r, const char *id, enum agent_type type,
                      const void *payload, size_t size, const struct packet **ret, struct err *e);
/* The same without payload; the answer is a number, which may be NULL. */
int container_ask(const struct rune *r, const char *id, enum agent_type type, int *ret_value,
                  struct err *e);

/*
 * In the low-level runtime's JSON, one container (depth 1) or a list of them (depth 2), turn the status
 * "running" into "created" where it is; no other byte changes.
 */
void container_correct_json(char *json, int depth, bool (*is_created)(void *arg, const char *id),
                            void *arg);
/* The same in list's table. */
void container_correct_table(char *table, bool (*is_created)(void *arg, const char *id), void *arg);

#endif
