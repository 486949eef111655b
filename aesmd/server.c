// SPDX-License-Identifier: Apache-2.0
/*
 * The loop over all clients.  They stand in a list by the time that is left to them: each step of a
 * client's gives it the same time again, so who gets new time goes to the end, and the first is always
 * the next to run out.
 */
#include "aesmd/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>

#include "lib/base/cleanup.h"

#define EVENTS 64

struct client {
	struct client *prev, *next; /* in the order of deadline */
	int64_t deadline;
	int fd;
	bool is_reply; /* buf is the reply: being sent */
	uint8_t head[AESM_FRAME_HEAD];
	size_t done, size; /* of head and buf together when it is a request */
	uint8_t *buf;
};

struct server {
	int epoll, listener, signals;
	struct service *service;
	struct client list; /* its head */
	unsigned int count;
	bool is_listening; /* the listener is in epoll */
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int watch(struct server *s, int op, int fd, uint32_t events, void *whose)
{
	struct epoll_event event = { .events = events, .data.ptr = whose };

	return epoll_ctl(s->epoll, op, fd, &event) < 0 ? -errno : 0;
}

static void unlink_client(struct client *c)
{
	c->prev->next = c->next;
	c->next->prev = c->prev;
}

static void give_time(struct server *s, struct client *c)
{
	c->deadline = now_ms() + SERVER_TIMEOUT;
	c->prev = s->list.prev;
	c->next = &s->list;
	c->prev->next = c;
	s->list.prev = c;
}

/* Without room nobody is accepted until there is: they wait in the backlog. */
static void set_listening(struct server *s, bool is_listening)
{
	if (is_listening != s->is_listening &&
	    watch(s, EPOLL_CTL_MOD, s->listener, is_listening ? EPOLLIN : 0, &s->listener) == 0)
		s->is_listening = is_listening;
}

static void drop(struct server *s, struct client *c)
{
	unlink_client(c);
	close(c->fd);
	free(c->buf);
	free(c);
	s->count--;
	set_listening(s, true);
}

static void add(struct server *s, int fd)
{
	struct client *c = calloc(1, sizeof(*c));

	if (c == NULL || watch(s, EPOLL_CTL_ADD, fd, EPOLLIN, c) < 0) {
		free(c);
		close(fd);
		return;
	}
	c->fd = fd;
	c->size = AESM_FRAME_HEAD;
	give_time(s, c);
	s->count++;
}

static void accept_all(struct server *s)
{
	for (;;) {
		int fd = s->count < SERVER_CLIENTS_MAX
		                 ? accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)
		                 : -1;

		if (fd >= 0) {
			add(s, fd);
			continue;
		}
		if (s->count >= SERVER_CLIENTS_MAX || errno == EMFILE || errno == ENFILE)
			set_listening(s, s->count == 0);
		else if (errno == EINTR || errno == ECONNABORTED)
			continue;
		return;
	}
}

/* The reply takes the request's place.  False: hang up. */
static bool answer(struct server *s, struct client *c)
{
	uint8_t *reply = NULL;
	size_t size = 0;

	if (service_reply(s->service, c->buf, c->size - AESM_FRAME_HEAD, &reply, &size) < 0)
		return false;
	free(c->buf);
	c->buf = reply;
	c->size = size;
	c->done = 0;
	c->is_reply = true;
	unlink_client(c);
	give_time(s, c);
	return true;
}

/* The head is there: make room for the body. */
static bool start_body(struct client *c)
{
	size_t size = aesm_frame_size(c->head);

	if (size == 0 || size > SERVER_REQUEST_MAX)
		return false;
	c->buf = malloc(size);
	c->size = AESM_FRAME_HEAD + size;
	return c->buf != NULL;
}

/* False: hang up. */
static bool take(struct server *s, struct client *c)
{
	while (c->done < c->size) {
		bool in_head = c->done < AESM_FRAME_HEAD;
		uint8_t *at = in_head ? c->head + c->done : c->buf + c->done - AESM_FRAME_HEAD;
		ssize_t n = recv(c->fd, at, c->size - c->done, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n <= 0)
			return false;
		c->done += (size_t)n;
		if (in_head && c->done == AESM_FRAME_HEAD && !start_body(c))
			return false;
	}
	return answer(s, c);
}

/* False: hang up, which is also what follows the reply. */
static bool give(struct server *s, struct client *c)
{
	while (c->done < c->size) {
		ssize_t n = send(c->fd, c->buf + c->done, c->size - c->done, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return watch(s, EPOLL_CTL_MOD, c->fd, EPOLLOUT, c) == 0;
		if (n < 0)
			return false;
		c->done += (size_t)n;
	}
	return false;
}

static void step(struct server *s, struct client *c)
{
	bool goes_on = c->is_reply || take(s, c);

	if (goes_on && c->is_reply)
		goes_on = give(s, c);
	if (!goes_on)
		drop(s, c);
}

/* How much of their time clients lose when others wait for their place. */
static int64_t shortened(const struct server *s)
{
	return s->is_listening ? 0 : SERVER_TIMEOUT - SERVER_PATIENCE;
}

static void drop_late(struct server *s)
{
	int64_t now = now_ms() + shortened(s);

	while (s->list.next != &s->list && s->list.next->deadline <= now)
		drop(s, s->list.next);
}

static int time_left(const struct server *s)
{
	int64_t left;

	if (s->list.next == &s->list)
		return -1;
	left = s->list.next->deadline - shortened(s) - now_ms();
	return left > 0 ? (int)left : 0;
}

/* 1: a signal says that it is enough. */
static int serve_once(struct server *s)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(s->epoll, events, EVENTS, time_left(s));
	bool is_new = false;

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < n; i++) {
		if (events[i].data.ptr == &s->signals)
			return 1;
		if (events[i].data.ptr == &s->listener)
			is_new = true;
		else
			step(s, events[i].data.ptr);
	}
	drop_late(s);
	if (is_new)
		accept_all(s);
	return 0;
}

int server_run(int listener, int signals, struct service *service, struct err *e)
{
	_cleanup_(closep) int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct server s = { .epoll = epoll,
		            .listener = listener,
		            .signals = signals,
		            .service = service,
		            .is_listening = true };
	int r;

	s.list.prev = s.list.next = &s.list;
	if (epoll < 0)
		return err_errno(e, "epoll");
	r = watch(&s, EPOLL_CTL_ADD, listener, EPOLLIN, &s.listener);
	if (r == 0)
		r = watch(&s, EPOLL_CTL_ADD, signals, EPOLLIN, &s.signals);
	while (r == 0)
		r = serve_once(&s);
	while (s.list.next != &s.list)
		drop(&s, s.list.next);
	return r < 0 ? err_set(e, r, "epoll: %s", strerror(-r)) : 0;
}
