/* SPDX-License-Identifier: Apache-2.0 */
/* Figures of several rounds, printed as median, least and most. */
#ifndef TESTS_BENCH_COLUMN_H
#define TESTS_BENCH_COLUMN_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define COLUMN_MAX 1000

struct column {
	const char *name;
	unsigned int count;
	double value[COLUMN_MAX];
};

static inline double column_clock(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Seconds of a clock on the wall. */
static inline double column_wall(void)
{
	return column_clock(CLOCK_MONOTONIC);
}

/* Seconds that a processor has spent on this thread: others on the machine count less. */
static inline double column_cpu(void)
{
	return column_clock(CLOCK_THREAD_CPUTIME_ID);
}

static inline void column_add(struct column *c, double value)
{
	c->value[c->count++] = value;
}

static inline int column_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static inline void column_print(struct column *c)
{
	qsort(c->value, c->count, sizeof(c->value[0]), column_compare);
	printf("%-57s%.2f (%.2f to %.2f)\n", c->name, c->value[c->count / 2], c->value[0],
	       c->value[c->count - 1]);
}

#endif
