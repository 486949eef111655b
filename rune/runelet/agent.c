// SPDX-License-Identifier: Apache-2.0
/*
 * Connections of the agent.  Each sends one request; the table says what may come with it and who
 * handles it.  What breaks the format is answered and closed.  See agent.h.
 */
#include "rune/runelet/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 256
#define OVERFLOW_UID    65534 /* how the kernel shows a user who has no number in this namespace */

static const struct {
	enum agent_type type;
	int fd_count;
	void (*handle)(struct agent_conn *c, struct packet *p);
} requests[] = {
	{ AGENT_START, 0, request_start },        { AGENT_STATE, 0, request_state },
	{ AGENT_EXEC, PACKET_FDS, request_exec }, { AGENT_SIGNAL, 0, request_signal },
	{ AGENT_REPORT, 0, request_report },      { AGENT_QUOTE, 0, request_quote },
};

static void conn_close(struct agent_conn *c)
{
	struct agent *a = c->agent;
	struct agent_conn **at = &a->first;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	a->count--;
	if (a->starter == c)
		a->starter = NULL;
	if (c->execution)
		execution_abandon(c->execution);
	if (c->report)
		report_abandon(c->report);
	/* A child that the PAL forked may hold a duplicate: closing ours ends neither the watch nor
	 * the connection. */
	loop_remove(a->enclave->loop, &c->source);
	shutdown(c->source.fd, SHUT_RDWR);
	close(c->source.fd);
	free(c);
}

/* The socket does not block: a client that does not read its few replies loses them. */
void agent_reply(struct agent_conn *c, enum agent_type type, int value, const void *payload,
                 size_t size)
{
	message_send(c->source.fd, type, value, payload, size, NULL);
	if (type != AGENT_STARTED)
		conn_close(c);
}

void agent_fail(struct agent_conn *c, int code, const char *line)
{
	agent_reply(c, AGENT_ERROR, code, line, strlen(line));
}

void agent_work(struct agent *a, int change)
{
	a->working += change;
	if (a->working == 0)
		a->idle(a);
}

static void dispatch(struct agent_conn *c, struct packet *p)
{
	c->is_asked = true;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (requests[i].type != p->head.type)
			continue;
		if (p->fd_count == requests[i].fd_count)
			requests[i].handle(c, p);
		else
			agent_fail(c, -EBADMSG, "wrong number of descriptors in the request");
		return;
	}
	agent_fail(c, -EBADMSG, "unknown request");
}

/* After its request a connection may only send signals, and only to the program it started. */
static void after_request(struct agent_conn *c, const struct packet *p)
{
	if (c->execution && p->head.type == AGENT_SIGNAL && p->head.payload_size == 0 &&
	    p->fd_count == 0 && p->head.value >= 1 && p->head.value < NSIG)
		execution_signal(c->execution, p->head.value);
	else
		agent_fail(c, -EBADMSG, "a second request");
}

static void conn_ready(struct source *s)
{
	struct agent_conn *c = (struct agent_conn *)s;
	struct packet *p = &c->agent->packet;
	int r = message_receive(s->fd, p);

	if (r == -EAGAIN)
		return;
	if (r == -EBADMSG)
		agent_fail(c, r, "malformed message");
	else if (r == -EMSGSIZE)
		agent_fail(c, r, "message too large");
	else if (r <= 0)
		conn_close(c);
	else if (c->is_asked)
		after_request(c, p);
	else
		dispatch(c, p);
	message_close_fds(p);
}

/*
 * Root, or who runelet runs as.  rune may sit outside the container's user namespace, where it has
 * no number: then it is outside the PID namespace as well, which the kernel shows as PID 0, and
 * reached the socket through the host's folder, which only root enters.
 */
static bool is_allowed(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return false;
	return peer.uid == 0 || peer.uid == geteuid() ||
	       (peer.uid == OVERFLOW_UID && peer.pid == 0);
}

/* Make room by closing the connection that has been silent longest. */
static bool evict(struct agent *a)
{
	struct agent_conn *oldest = NULL;

	for (struct agent_conn *c = a->first; c; c = c->next) {
		if (!c->is_asked)
			oldest = c;
	}
	if (!oldest)
		return false;
	conn_close(oldest);
	return true;
}

static void refuse(int fd, int code, const char *line)
{
	message_send(fd, AGENT_ERROR, code, line, strlen(line), NULL);
	close(fd);
}

/*
 * A client that cannot be accepted would wake the loop again and again: give up the descriptor in
 * reserve for as long as it takes to tell it.
 */
static void refuse_for_descriptors(struct agent *a)
{
	int fd;

	if (a->reserve >= 0)
		close(a->reserve);
	fd = accept4(a->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0)
		refuse(fd, -EMFILE, "too many open files in the container's runtime");
	else
		poll(NULL, 0, 10);
	a->reserve = fcntl(a->listener.fd, F_DUPFD_CLOEXEC, 3);
}

static void listener_ready(struct source *s)
{
	struct agent *a = (struct agent *)s;
	int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct agent_conn *c;

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
			refuse_for_descriptors(a);
		return;
	}
	if (!is_allowed(fd)) {
		refuse(fd, -EACCES,
		       "only root and the container's own user may speak to the agent");
		return;
	}
	if (a->count >= CONNECTIONS_MAX && !evict(a)) {
		refuse(fd, -EAGAIN, "too many clients");
		return;
	}
	c = calloc(1, sizeof(*c));
	if (!c) {
		refuse(fd, -ENOMEM, "out of memory");
		return;
	}
	c->source = (struct source){ .fd = fd, .ready = conn_ready };
	c->agent = a;
	c->next = a->first;
	a->first = c;
	a->count++;
	if (loop_add(a->enclave->loop, &c->source) < 0)
		agent_fail(c, -ENOMEM, "out of memory");
}

int agent_begin(struct agent *a, int fd)
{
	a->listener = (struct source){ .fd = fd, .ready = listener_ready };
	a->reserve = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
		return -errno;
	return loop_add(a->enclave->loop, &a->listener);
}

bool agent_started(struct agent *a, int r, const char *line)
{
	if (!a->starter)
		return false;
	/* r is the PAL's, and may be any number: to a client -EALREADY or -ESRCH are the agent's own. */
	if (r < 0)
		agent_fail(a->starter, -EIO, line);
	else
		agent_reply(a->starter, AGENT_OK, 0, NULL, 0);
	return true;
}

void agent_end(struct agent *a)
{
	for (struct agent_conn *c = a->first; c; c = c->next) {
		if (c->execution)
			message_send(c->source.fd, AGENT_EXITED, 128 + SIGKILL, NULL, 0, NULL);
	}
}
