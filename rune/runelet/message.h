/* SPDX-License-Identifier: Apache-2.0 */
/* One packet of the agent protocol, sent or received whole, with the descriptors that go with it. */
#ifndef RUNE_RUNELET_MESSAGE_H
#define RUNE_RUNELET_MESSAGE_H

#include <stddef.h>

#include "rune/runelet/protocol.h"

#define PACKET_FDS 3

struct packet {
	struct agent_message head;
	char payload[AGENT_PAYLOAD_MAX];
	int fds[PACKET_FDS]; /* the receiver's, to close */
	int fd_count;
};

/* Payload, and fds when not NULL (PACKET_FDS of them): 0 or -errno. */
int message_send(int socket, enum agent_type type, int value, const void *payload, size_t size,
                 const int *fds);
/*
 * 1 when there was a packet; 0 at the end; -EBADMSG when it breaks the format, -EMSGSIZE when it is
 * too large, else -errno.  Only after 1 are there descriptors to close.
 */
int message_receive(int socket, struct packet *ret);
void message_close_fds(struct packet *p);

#endif
