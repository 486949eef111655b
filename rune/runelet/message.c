// SPDX-License-Identifier: Apache-2.0
/* Packets of the agent protocol; see message.h and docs/protocol-runelet.md. */
#include "rune/runelet/message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int message_send(int socket, enum agent_type type, int value, const void *payload, size_t size,
                 const int *fds)
{
	struct agent_message head = { AGENT_MAGIC, type, value, (uint32_t)size };
	struct iovec parts[2] = { { &head, sizeof(head) }, { (void *)(uintptr_t)payload, size } };
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(PACKET_FDS * sizeof(int))];
	} control = { .room = { 0 } };
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t n;

	if (size > AGENT_PAYLOAD_MAX)
		return -EMSGSIZE;
	if (fds) {
		struct cmsghdr *c;

		msg.msg_control = control.room;
		msg.msg_controllen = sizeof(control.room);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(PACKET_FDS * sizeof(int));
		memcpy(CMSG_DATA(c), fds, PACKET_FDS * sizeof(int));
	}
	do {
		n = sendmsg(socket, &msg, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

void message_close_fds(struct packet *p)
{
	while (p->fd_count > 0)
		close(p->fds[--p->fd_count]);
}

/* The kernel gives no more descriptors than there is room for, and says so with MSG_CTRUNC. */
static void take_fds(struct packet *p, struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		size_t count;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(p->fds, CMSG_DATA(c), count * sizeof(int));
		p->fd_count = (int)count;
	}
}

int message_receive(int socket, struct packet *ret)
{
	struct iovec parts[2] = { { &ret->head, sizeof(ret->head) },
		                  { ret->payload, sizeof(ret->payload) } };
	union {
		struct cmsghdr align;
		char room[CMSG_LEN(PACKET_FDS * sizeof(int))];
	} control;
	struct msghdr msg = { .msg_iov = parts,
		              .msg_iovlen = 2,
		              .msg_control = control.room,
		              .msg_controllen = sizeof(control.room) };
	ssize_t n;
	int r = 1;

	ret->fd_count = 0;
	do {
		n = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	take_fds(ret, &msg);
	if (n == 0)
		r = 0;
	else if (msg.msg_flags & MSG_TRUNC)
		r = -EMSGSIZE;
	else if ((size_t)n < sizeof(ret->head) || ret->head.magic != AGENT_MAGIC ||
	         ret->head.payload_size != (size_t)n - sizeof(ret->head) ||
	         msg.msg_flags & MSG_CTRUNC)
		r = -EBADMSG;
	if (r != 1)
		message_close_fds(ret);
	return r;
}
