/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hooks of an enclave container's start, kept in its folder from create on.  As under runc: a hook
 * gets the container's state on its stdin, has `timeout` seconds, and one that fails ends the container.
 */
#ifndef RUNE_HOOKS_H
#define RUNE_HOOKS_H

#include <json-c/json.h>

#include "rune/rune.h"

/* Keep what spec_take_hooks has taken. */
int hooks_save(const struct rune *r, const char *id, json_object *taken, struct err *e);
/* What was kept, the caller's to put; NULL where there are none. */
int hooks_load(const struct rune *r, const char *id, json_object **ret, struct err *e);
/* Run those of one kind (spec.h), one after the other, until one fails; taken may be NULL. */
int hooks_run(const struct rune *r, const char *id, json_object *taken, const char *kind,
              struct err *e);

#endif
