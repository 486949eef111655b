// SPDX-License-Identifier: Apache-2.0
/*
 * /proc/self/maps as the kernel's driver makes it: an enclave's mappings carry the node's name and
 * the protection that the program asked for, one line for each.  What libc's open and fopen return is a
 * copy of the list in which our own mappings are replaced.
 */
#include "swsgx/preload/maps.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "swsgx/driver/abi.h"
#include "swsgx/driver/file.h"
#include "swsgx/driver/space.h"
#include "swsgx/driver/sys.h"
#include "swsgx/preload/next.h"

#define REAL_PATH "/proc/self/maps"
#define LINE_SIZE (4096 + 256) /* a path may have PATH_MAX bytes */
#define LIST_MAX  (1 << 30)

typedef FILE *fopen_fn(const char *path, const char *mode);

EXPORT FILE *fopen64(const char *path, const char *mode);

struct list {
	int from, to;
	uint64_t at; /* in from */
	struct space_range *range;
	char line[LINE_SIZE];
};

static bool is_own_pid(const char *name, size_t len)
{
	long pid = sys_call4(SYS_getpid, 0, 0, 0, 0);
	char text[24];

	return (size_t)snprintf(text, sizeof(text), "%ld", pid) == len &&
	       memcmp(text, name, len) == 0;
}

bool maps_is(const char *path, int flags)
{
	const char *name, *end;

	if (path == NULL || space_is_empty() || (flags & O_ACCMODE) != O_RDONLY ||
	    (flags & O_PATH) || strncmp(path, "/proc/", strlen("/proc/")) != 0)
		return false;
	name = path + strlen("/proc/");
	end = strchr(name, '/');
	if (end == NULL || strcmp(end, "/maps") != 0)
		return false;
	return strncmp(name, "self/", 5) == 0 || strncmp(name, "thread-self/", 12) == 0 ||
	       is_own_pid(name, (size_t)(end - name));
}

static int put(struct list *l, const char *text, size_t size)
{
	while (size > 0) {
		long n = sys_write(l->to, text, size);

		if (n < 0)
			return (int)n;
		text += n;
		size -= (size_t)n;
	}
	return 0;
}

/* The lines of enclaves that begin below limit. */
static int put_enclaves(struct list *l, uint64_t limit)
{
	const struct space_range *r;

	for (; (r = l->range) != NULL && r < space_end() && r->start < limit; l->range++) {
		const char *node = driver_abi(r->enclave->state->abi)->enclave_node;
		char text[160];
		int n, error;

		/* Device and inode are what fstat says of a descriptor of it. */
		n = snprintf(text, sizeof(text), "%08lx-%08lx %c%c%cs 00000000 %02x:%02x %lu",
		             r->start, r->end, r->prot & PROT_READ ? 'r' : '-',
		             r->prot & PROT_WRITE ? 'w' : '-', r->prot & PROT_EXEC ? 'x' : '-',
		             major(r->enclave->dev), minor(r->enclave->dev), r->enclave->ino);
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%*s%s\n", n < 73 ? 73 - n : 1,
		              "", node);
		error = put(l, text, (size_t)n);
		if (error < 0)
			return error;
	}
	return 0;
}

/* The part [start, end) of the line, whose offset moves with it. */
static int put_part(struct list *l, uint64_t start, uint64_t end)
{
	unsigned long line_start, line_end, offset;
	char protection[5], head[80];
	int tail = 0, n, r;

	if (sscanf(l->line, "%lx-%lx %4s %lx%n", &line_start, &line_end, protection, &offset,
	           &tail) != 4)
		return put(l, l->line, strlen(l->line));
	if (strstr(l->line + tail, " 00:00 0") != l->line + tail)
		offset += start - line_start;
	n = snprintf(head, sizeof(head), "%08lx-%08lx %s %08lx", start, end, protection, offset);
	r = put(l, head, (size_t)n);
	return r < 0 ? r : put(l, l->line + tail, strlen(l->line + tail));
}

/* A line of the kernel's, without what is an enclave's. */
static int put_line(struct list *l)
{
	unsigned long start, end;
	int r = 0;

	if (sscanf(l->line, "%lx-%lx", &start, &end) != 2)
		return put(l, l->line, strlen(l->line));
	while (r == 0 && start < end) {
		struct space_range *next = space_first(start);
		uint64_t part_end = next == NULL || next->start > end ? end : next->start;

		r = put_enclaves(l, start + 1);
		if (r == 0 && part_end > start)
			r = put_part(l, start, part_end);
		start = part_end < end ? next->end : end;
	}
	return r;
}

/* The next line, with its newline: its length, 0 at the end, or -errno. */
static long next_line(struct list *l)
{
	long n = sys_pread(l->from, l->line, sizeof(l->line) - 1, l->at);
	char *end;

	if (n <= 0)
		return n;
	l->line[n] = '\0';
	end = memchr(l->line, '\n', (size_t)n);
	if (end == NULL)
		return -EIO;
	end[1] = '\0';
	n = end + 1 - l->line;
	l->at += (uint64_t)n;
	return n;
}

static int copy(struct list *l)
{
	long n;
	int r;

	l->range = space_first(0);
	while ((n = next_line(l)) > 0) {
		r = put_line(l);
		if (r < 0)
			return r;
	}
	return n < 0 ? (int)n : put_enclaves(l, UINT64_MAX);
}

int maps_open(int flags)
{
	struct list l = { .at = 0 };
	struct rlimit limit;
	uint64_t mask;
	int r;

	/* In this order: the number of the copy is that of open. */
	l.to = (int)sys_call4(SYS_memfd_create, (uintptr_t) "maps",
	                      flags & O_CLOEXEC ? MFD_CLOEXEC : 0, 0, 0);
	if (l.to < 0)
		return l.to;
	l.from = (int)sys_openat(AT_FDCWD, REAL_PATH, O_RDONLY | O_CLOEXEC, 0);
	r = l.from;
	if (r >= 0) {
		space_lock(&mask);
		r = file_limit_lift(LIST_MAX, &limit);
		if (r == 0) {
			r = copy(&l);
			file_limit_put_back(LIST_MAX, &limit);
		}
		space_unlock(&mask);
		sys_call4(SYS_lseek, (uint64_t)l.to, 0, SEEK_SET, 0);
		sys_close(l.from);
	}
	if (r >= 0)
		return l.to;
	sys_close(l.to);
	return r;
}

static FILE *open_maps(const char *mode)
{
	int fd = maps_open(strchr(mode, 'e') != NULL ? O_CLOEXEC : 0);
	FILE *file;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	file = fdopen(fd, "r");
	if (file == NULL)
		sys_close(fd);
	return file;
}

static bool only_reads(const char *mode)
{
	return mode[0] == 'r' && strchr(mode, '+') == NULL;
}

EXPORT FILE *fopen(const char *path, const char *mode)
{
	if (only_reads(mode) && maps_is(path, O_RDONLY))
		return open_maps(mode);
	return NEXT(fopen_fn, fopen)(path, mode);
}

EXPORT FILE *fopen64(const char *path, const char *mode)
{
	if (only_reads(mode) && maps_is(path, O_RDONLY))
		return open_maps(mode);
	return NEXT(fopen_fn, fopen64)(path, mode);
}
