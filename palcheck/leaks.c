// SPDX-License-Identifier: Apache-2.0
/*
 * What piles up when an enclave is loaded, used and unloaded again and again.  The first rounds may
 * bring in what stays: libraries of libraries, stdio, the allocator's arenas.
 */
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "palcheck/check.h"

#define ROUNDS_BEFORE 3
#define ROUNDS        12
#define HEAP_SLACK    (16 * ROUNDS) /* bytes: less than one small block a round */

static void round_trip(struct subject *s)
{
	char text[16];
	int value;

	subject_start(s);
	value = run_and_read(s, command(s, "exit", "0", NULL), NULL, NULL, 0, text, sizeof(text));
	CLAIM(value == 0, "`exit 0` ends with %d", value);
	subject_destroy(s);
	dlclose(s->handle);
}

static int count_lines(const char *path)
{
	FILE *file = fopen(path, "re");
	int c, count = 0;

	CLAIM(file, "%s: %s", path, strerror(errno));
	while ((c = getc(file)) != EOF)
		count += c == '\n';
	fclose(file);
	return count;
}

static int descriptors(void)
{
	return count_entries("/proc/self/fd");
}

/* Threads, and children that nobody has waited for. */
static int threads(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	FILE *file = fopen(path, "re");
	int number, count = 0;

	while (file && fscanf(file, "%d", &number) == 1)
		count++;
	if (file)
		fclose(file);
	return count + count_entries("/proc/self/task");
}

static int mappings(void)
{
	return count_lines("/proc/self/maps");
}

static void claim_even(struct subject *s, int (*count)(void), const char *what)
{
	int before = 0, now;

	for (int i = 0; i < ROUNDS_BEFORE + ROUNDS; i++) {
		if (i == ROUNDS_BEFORE)
			before = count();
		round_trip(s);
	}
	now = count();
	/* One may come late, for good; one a round does not. */
	CLAIM(now <= before + 1, "%d rounds left %d %s", ROUNDS, now - before, what);
}

void check_leak_fds(struct subject *s)
{
	claim_even(s, descriptors, "descriptors open");
}

void check_leak_threads(struct subject *s)
{
	claim_even(s, threads, "threads or children");
}

#ifdef SANITIZE
size_t __sanitizer_get_current_allocated_bytes(void);

static size_t heap(void)
{
	return __sanitizer_get_current_allocated_bytes();
}
#else
static size_t heap(void)
{
	return mallinfo2().uordblks;
}
#endif

/* The rounds' own argv lists count too: they are subtracted by measuring them. */
static size_t heap_of_rounds(struct subject *s, int rounds)
{
	size_t before = heap(), own = 0;

	for (int i = 0; i < rounds; i++) {
		size_t at = heap();
		char **argv = command(s, "exit", "0", NULL);

		own += heap() - at;
		(void)argv;
		round_trip(s);
	}
	/* round_trip makes a list of the same size. */
	return heap() - before - 2 * own;
}

void check_leak_memory(struct subject *s)
{
	size_t heap;

	claim_even(s, mappings, "mappings");
	heap = heap_of_rounds(s, ROUNDS);
	CLAIM((ssize_t)heap <= HEAP_SLACK, "%d rounds left %zu bytes on the heap", ROUNDS, heap);
}
