// SPDX-License-Identifier: Apache-2.0
/*
 * Descriptor 2 becomes a pipe, and a thread reads it, so that a library that prints much never waits.
 * It is a pipe and not a file because the library may keep a duplicate, or start a process that
 * inherits it: the thread then goes on and copies to the real stderr.  See capture.h.
 */
#include "rune/runelet/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/io.h"

#define HELD_MAX  (4 * 1024 * 1024) /* above it text is passed on at once */
#define TAIL_SIZE 4096              /* of text passed on, kept for its last line */

static void pass_held(struct capture *c, int fd)
{
	if (!c->held)
		return;
	io_write_all(fd, c->held + c->passed, c->used - c->passed);
	c->passed = c->used;
}

static void hold(struct capture *c, const char *text, size_t size)
{
	if (c->used + size > c->room) {
		size_t room = c->room ? 2 * c->room : 4 * TAIL_SIZE;
		char *grown = room <= HELD_MAX ? realloc(c->held, room) : NULL;

		if (grown) {
			c->held = grown;
			c->room = room;
		} else {
			size_t tail = c->used < TAIL_SIZE ? c->used : TAIL_SIZE;

			pass_held(c, c->saved);
			if (tail > 0)
				memmove(c->held, c->held + c->used - tail, tail);
			c->used = c->passed = tail;
		}
	}
	if (c->used + size > c->room) {
		io_write_all(c->saved, text, size);
		return;
	}
	memcpy(c->held + c->used, text, size);
	c->used += size;
}

/* True when there was something to read. */
static bool relay_once(struct capture *c, bool is_held)
{
	char text[TAIL_SIZE];
	ssize_t n = read(c->pipe, text, sizeof(text));

	if (n <= 0)
		return n < 0 && errno == EINTR;
	if (is_held)
		hold(c, text, (size_t)n);
	else
		io_write_all(STDERR_FILENO, text, (size_t)n);
	return true;
}

static void *relay(void *arg)
{
	struct capture *c = arg;
	struct pollfd p[2] = { { c->pipe, POLLIN, 0 }, { c->stop, POLLIN, 0 } };

	for (;;) {
		if (poll(p, 2, -1) < 0)
			continue;
		if (p[0].revents & POLLIN)
			relay_once(c, true);
		else if (p[1].revents)
			break;
		else if (p[0].revents)
			p[0].fd = -1; /* every writer has gone; wait for the word */
	}
	sem_post(&c->drained);
	while (sem_wait(&c->decided) < 0)
		;
	while (relay_once(c, false))
		;
	close(c->pipe);
	close(c->stop);
	return NULL;
}

void capture_begin(struct capture *c)
{
	pthread_t thread;
	int ends[2];

	*c = (struct capture){ .active = false };
	_cleanup_(closep) int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	_cleanup_(closep) int stop = eventfd(0, EFD_CLOEXEC);
	if (saved < 0 || stop < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return;
	_cleanup_(closep) int out = ends[1];
	_cleanup_(closep) int in = ends[0];
	c->pipe = in;
	c->stop = stop;
	c->saved = saved;
	sem_init(&c->drained, 0, 0);
	sem_init(&c->decided, 0, 0);
	if (pthread_create(&thread, NULL, relay, c) != 0)
		return;
	pthread_detach(thread);
	take_fd(&in);
	take_fd(&stop);
	take_fd(&saved);
	c->active = true;
	while (dup2(out, STDERR_FILENO) < 0 && (errno == EINTR || errno == EBUSY))
		;
}

void capture_stop(struct capture *c)
{
	static const uint64_t one = 1;

	if (!c->active)
		return;
	while (dup2(c->saved, STDERR_FILENO) < 0 && (errno == EINTR || errno == EBUSY))
		;
	io_write_all(c->stop, &one, sizeof(one));
	while (sem_wait(&c->drained) < 0)
		;
	close(c->saved);
	c->active = false;
	c->relaying = true;
}

/* Copy a line without the escape sequences of terminals and other control characters, and trim it. */
static size_t clean(const char *text, size_t size, char *ret, size_t room)
{
	size_t used = 0;

	for (size_t i = 0; i < size && used + 1 < room; i++) {
		unsigned char ch = (unsigned char)text[i];

		if (ch == 0x1b && i + 1 < size && text[i + 1] == '[') {
			for (i += 2; i < size && (text[i] < 0x40 || text[i] > 0x7e);)
				i++;
			continue;
		}
		if (ch < 0x20 || ch == 0x7f)
			ch = ' ';
		if (ch != ' ' || used > 0)
			ret[used++] = (char)ch;
	}
	while (used > 0 && ret[used - 1] == ' ')
		used--;
	ret[used] = '\0';
	return used;
}

bool capture_last_line(const struct capture *c, char *ret, size_t size)
{
	size_t end = c->used;

	while (end > 0) {
		const char *newline = memrchr(c->held, '\n', end);
		size_t start = newline ? (size_t)(newline - c->held) + 1 : 0;

		if (clean(c->held + start, end - start, ret, size) > 0)
			return true;
		end = start > 0 ? start - 1 : 0;
	}
	return false;
}

void capture_pass(struct capture *c)
{
	if (!c->relaying)
		return;
	c->relaying = false;
	pass_held(c, STDERR_FILENO);
	free(take_ptr(c->held));
	c->used = c->room = c->passed = 0;
	sem_post(&c->decided);
}
