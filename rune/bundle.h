/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bundle's config.json: read, replaced for as long as the low-level runtime needs to read it, and
 * put back, the same file as before (docs/design/0006-rune-rewrites-config.md).  The bundle's folder
 * is locked from bundle_open to bundle_restore, so that two runes at one bundle take turns.
 */
#ifndef RUNE_BUNDLE_H
#define RUNE_BUNDLE_H

#include <json-c/json.h>
#include <limits.h>
#include <stdbool.h>

#include "lib/base/err.h"

struct bundle {
	int dir;
	bool is_replaced;
	char path[PATH_MAX]; /* of config.json */
	json_object *config; /* NULL: there is none */
};

#define BUNDLE_INIT       \
	{                 \
		.dir = -1 \
	}

/* Also puts back what a rune that was killed has left. */
int bundle_open(const char *path, struct bundle *ret, struct err *e);
int bundle_replace(struct bundle *b, json_object *config, struct err *e);
/* Put the user's file back and unlock the bundle. */
int bundle_restore(struct bundle *b, struct err *e);
/* For _cleanup_; restores, if that has not been done. */
void bundle_close(struct bundle *b);

#endif
