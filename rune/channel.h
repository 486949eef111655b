/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between rune and the runelet of a new container: the agent's listening socket and the status pipe,
 * made on the host and inherited by runelet.  The socket's name is first a file of its own in the
 * root, since the container's folder must not be there before the low-level runtime makes it; then it
 * is moved into that folder.  The container's mount of it does not mind.
 */
#ifndef RUNE_CHANNEL_H
#define RUNE_CHANNEL_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "rune/rune.h"

#define STATUS_MAX 1100

struct channel {
	int root; /* locked for as long as path is there */
	int listener;
	int status_out; /* runelet's end */
	int status_in;
	char path[PATH_MAX];   /* the socket's first name; empty when it is there no more */
	char line[STATUS_MAX]; /* of the status, without the newline */
	size_t line_size;
	bool has_line; /* whole; line is not to be looked at before */
};

/*
 * Also removes the names that a rune which was killed has left there.
 * All descriptors are high and close-on-exec.  The socket becomes uid's and gid's, mode 0600; it stays
 * the caller's where the caller may not give it away, and is then for rune's own connections alone.
 */
int channel_open(const char *root, uid_t uid, gid_t gid, struct channel *ret, struct err *e);
/* Close what only runelet needs, once it has it: else the status pipe would never end. */
void channel_handed_over(struct channel *c);
/* Move the socket into the container's folder; that is nothing when the container has ended. */
int channel_adopt(struct channel *c, const struct rune *r, const char *id, struct err *e);
/* One read of the status: 1 when the line is whole or will not be any more, 0 when not yet. */
int channel_read_status(struct channel *c);
bool channel_is_ready(const struct channel *c);
/* For _cleanup_, after CHANNEL_INIT. */
void channel_close(struct channel *c);

#define CHANNEL_INIT                                                          \
	{                                                                     \
		.root = -1, .listener = -1, .status_out = -1, .status_in = -1 \
	}

#endif
