// SPDX-License-Identifier: Apache-2.0
/*
 * The event loop: epoll, one event at a time, because a handler may release the source of the next.
 * Posts travel through a pipe: a write of their size is never divided.  See loop.h.
 */
#include "rune/runelet/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/io.h"

struct post {
	void (*f)(void *arg);
	void *arg;
};

_Static_assert(sizeof(struct post) <= PIPE_BUF, "a post is written whole");

static void read_post(struct source *s)
{
	struct post p;

	if (io_read_exact(s->fd, &p, sizeof(p)) == 0)
		p.f(p.arg);
}

int loop_init(struct loop *l, struct err *e)
{
	int ends[2];

	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll < 0)
		return err_errno(e, "epoll_create1");
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(e, "pipe2");
	l->posts = (struct source){ .fd = ends[0], .ready = read_post };
	l->post_to = ends[1];
	l->deadline = -1;
	if (loop_add(l, &l->posts) < 0)
		return err_errno(e, "epoll_ctl");
	return 0;
}

int loop_add(struct loop *l, struct source *s)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = s };

	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, s->fd, &ev) < 0 ? -errno : 0;
}

void loop_remove(struct loop *l, struct source *s)
{
	epoll_ctl(l->epoll, EPOLL_CTL_DEL, s->fd, NULL);
}

void loop_post(struct loop *l, void (*f)(void *arg), void *arg)
{
	struct post p = { f, arg };

	io_write_all(l->post_to, &p, sizeof(p));
}

int64_t loop_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int remaining(const struct loop *l)
{
	int64_t left;

	if (l->deadline < 0)
		return -1;
	left = l->deadline - loop_now();
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

void loop_run(struct loop *l)
{
	for (;;) {
		struct epoll_event ev;
		int n = epoll_wait(l->epoll, &ev, 1, remaining(l));

		if (n > 0) {
			struct source *s = ev.data.ptr;

			s->ready(s);
		}
		if (l->deadline >= 0 && loop_now() >= l->deadline) {
			l->deadline = -1;
			l->expired(l);
		}
	}
}
