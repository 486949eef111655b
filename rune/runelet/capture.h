/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is written to stderr while the PAL library loads and initialises: held back, so that its last
 * line can say why that failed, and passed on when it did not fail.
 */
#ifndef RUNE_RUNELET_CAPTURE_H
#define RUNE_RUNELET_CAPTURE_H

#include <semaphore.h>
#include <stdbool.h>
#include <stddef.h>

struct capture {
	bool active;
	bool relaying; /* the thread waits for capture_pass */
	int pipe;      /* read end of what is descriptor 2 meanwhile */
	int stop;      /* eventfd: the capture is over */
	int saved;     /* the real stderr */
	char *held;    /* the relay thread's until `drained`, then the caller's */
	size_t used, room;
	size_t passed; /* so many of the bytes held are on the real stderr already */
	sem_t drained, decided;
};

/* On failure nothing is captured and all else works as usual. */
void capture_begin(struct capture *c);
/* Descriptor 2 is the real stderr again, and all that was written before is held. */
void capture_stop(struct capture *c);
/* The last line held that is not blank, with no control characters: false when there is none. */
bool capture_last_line(const struct capture *c, char *ret, size_t size);
/* Write what is held to stderr, and from now on what a library that kept a duplicate writes. */
void capture_pass(struct capture *c);

#endif
