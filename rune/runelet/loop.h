/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The main thread's event loop.  All of runelet's state belongs to it; other threads only hand it
 * functions to call.
 */
#ifndef RUNE_RUNELET_LOOP_H
#define RUNE_RUNELET_LOOP_H

#include <stdint.h>

#include "lib/base/err.h"

/* A descriptor that can be read; `ready` may close it and release the struct it is in. */
struct source {
	int fd;
	void (*ready)(struct source *s);
};

struct loop {
	int epoll;
	struct source posts;
	int post_to;
	int64_t deadline; /* loop_now() when to call expired, or -1 */
	void (*expired)(struct loop *l);
};

int loop_init(struct loop *l, struct err *e);
int loop_add(struct loop *l, struct source *s);
/* Before its descriptor is closed, always. */
void loop_remove(struct loop *l, struct source *s);
/* From any thread: call f(arg) on the main thread, in the order of the posts. */
void loop_post(struct loop *l, void (*f)(void *arg), void *arg);
int64_t loop_now(void); /* milliseconds */
_Noreturn void loop_run(struct loop *l);

#endif
