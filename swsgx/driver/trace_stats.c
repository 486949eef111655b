// SPDX-License-Identifier: Apache-2.0
/*
 * Counts and times, and the table of them that the library leaves behind when the process exits.  A
 * process that has made no call prints nothing.
 */
#include "swsgx/driver/trace_stats.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "swsgx/driver/trace.h"
#include "swsgx/driver/trace_text.h"

#define NAME_WIDTH   38
#define NUMBER_WIDTH 11

struct row {
	const char *name;
	uint64_t calls, failed, ns;
};
static struct row rows[STATS_ROWS];

static void forget(void)
{
	memset(rows, 0, sizeof(rows));
}

void stats_init(void)
{
	pthread_atfork(NULL, NULL, forget);
}

uint64_t stats_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void stats_count(unsigned int row, const char *name, unsigned int calls, uint64_t ns, bool failed)
{
	struct row *r = &rows[row];

	__atomic_store_n(&r->name, name, __ATOMIC_RELAXED);
	__atomic_fetch_add(&r->calls, calls, __ATOMIC_RELAXED);
	__atomic_fetch_add(&r->ns, ns, __ATOMIC_RELAXED);
	if (failed)
		__atomic_fetch_add(&r->failed, 1, __ATOMIC_RELAXED);
}

static void print_head(void)
{
	static const char *const titles[] = { "calls", "failed", "total us", "mean ns" };
	struct text t;

	text_begin(&t);
	text_name(&t, "call", NAME_WIDTH);
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
		for (size_t len = strlen(titles[i]); len < NUMBER_WIDTH; len++)
			text_put(&t, " ");
		text_put(&t, titles[i]);
	}
	text_end(&t);
}

static void print_row(const struct row *r)
{
	struct text t;

	text_begin(&t);
	text_name(&t, r->name, NAME_WIDTH);
	text_column(&t, r->calls, NUMBER_WIDTH);
	text_column(&t, r->failed, NUMBER_WIDTH);
	text_column(&t, r->ns / 1000, NUMBER_WIDTH);
	text_column(&t, r->ns / r->calls, NUMBER_WIDTH);
	text_end(&t);
}

__attribute__((destructor)) static void print(void)
{
	bool is_first = true;

	if (!(trace_mode & TRACE_STATS))
		return;
	for (unsigned int i = 0; i < STATS_ROWS; i++) {
		if (rows[i].calls == 0)
			continue;
		if (is_first)
			print_head();
		is_first = false;
		print_row(&rows[i]);
	}
}
