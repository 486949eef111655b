// SPDX-License-Identifier: Apache-2.0
/* What several tests need of the system: files in memory, programs and what they wrote, counting. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "palcheck/check.h"

int memory_file(const void *bytes, size_t size)
{
	int fd = memfd_create("stream", MFD_CLOEXEC);

	CLAIM(fd >= 0 && (size == 0 || pwrite(fd, bytes, size, 0) == (ssize_t)size),
	      "no file in memory: %s", strerror(errno));
	return fd;
}

int run_and_read(struct subject *s, char **argv, char *const *env, const void *input,
                 size_t input_size, char *ret, size_t size)
{
	static char *const nothing[] = { NULL };
	int in = memory_file(input, input_size), out = memory_file(NULL, 0);
	struct job job = {
		.s = s, .argv = argv, .env = env ? env : nothing, .in = in, .out = out, .err = 2
	};
	ssize_t n;

	job_run(&job);
	n = pread(out, ret, size - 1, 0);
	CLAIM(n >= 0, "its standard output cannot be read: %s", strerror(errno));
	ret[n] = '\0';
	close(in);
	close(out);
	return job.value;
}

/* Nobody can see from outside that a program computes; it is given time to get there. */
void spin_start(struct subject *s, struct job *job)
{
	static char *const nothing[] = { NULL };

	*job = (struct job){ .s = s,
		             .argv = command(s, "spin", NULL),
		             .env = nothing,
		             .in = 0,
		             .out = 1,
		             .err = 2 };
	job_create(job);
	job_start(job);
	pause_ms(100);
}

int count_entries(const char *folder)
{
	DIR *dir = opendir(folder);
	int count = 0;

	CLAIM(dir, "%s: %s", folder, strerror(errno));
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

void pause_ms(int ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}
