// SPDX-License-Identifier: Apache-2.0
/* The library's calls, each with the claim that holds for all of them: 0 or a negative errno. */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "palcheck/check.h"

#define ERRNO_MAX 4095

static void *symbol(struct subject *s, const char *name)
{
	return dlsym(s->handle, name);
}

void subject_load(struct subject *s)
{
	s->handle = dlopen(s->path, RTLD_NOW | RTLD_LOCAL);
	CLAIM(s->handle, "%s", dlerror());
	s->get_version = symbol(s, "pal_get_version");
	s->version = s->get_version ? s->get_version() : 1;
	s->init = symbol(s, "pal_init");
	s->exec = symbol(s, "pal_exec");
	s->exec_v1 = symbol(s, "pal_exec");
	s->destroy = symbol(s, "pal_destroy");
	s->create_process = symbol(s, "pal_create_process");
	s->kill = symbol(s, "pal_kill");
	s->get_local_report = symbol(s, "pal_get_local_report");
	CLAIM(s->init && s->exec && s->destroy, "there is no pal_init, pal_exec or pal_destroy");
	CLAIM(s->version < 2 || (s->create_process && s->kill),
	      "version %d has no pal_create_process or no pal_kill", s->version);
	CLAIM(s->version < 3 || s->get_local_report, "version %d has no pal_get_local_report",
	      s->version);
}

int returned(int r, const char *call)
{
	CLAIM(r <= 0 && r >= -ERRNO_MAX, "%s returned %d, neither 0 nor a negative errno", call, r);
	return r;
}

void refused(int r, const char *call)
{
	returned(r, call);
	CLAIM(r < 0, "%s returned 0", call);
}

int subject_init(struct subject *s, const char *args, const char *log_level)
{
	/* "None" is said for a version that asks, and read by no other. */
	struct pal_attr_v3 attr = { .args = args, .log_level = log_level, .fd = -1, .addr = 0 };

	return returned(s->init(&attr), "pal_init");
}

void subject_start(struct subject *s)
{
	int r;

	subject_load(s);
	r = subject_init(s, s->args, s->log_level);
	CLAIM(r == 0, "pal_init: %s", strerror(-r));
}

void subject_destroy(struct subject *s)
{
	int r = returned(s->destroy(), "pal_destroy");

	CLAIM(r == 0, "pal_destroy: %s", strerror(-r));
}

char **command(const struct subject *s, ...)
{
	size_t count = 0, room = 0;
	char **argv;
	char *word;
	va_list ap;

	while (s->program[room])
		room++;
	argv = calloc(room + 16, sizeof(*argv));
	CLAIM(argv, "no memory");
	for (; count < room; count++)
		argv[count] = s->program[count];
	va_start(ap, s);
	while ((word = va_arg(ap, char *)) && count < room + 15)
		argv[count++] = word;
	va_end(ap);
	return argv;
}

void job_create(struct job *job)
{
	struct pal_stdio_fds stdio = { job->in, job->out, job->err };
	struct pal_create_process_args args = { .path = job->argv[0],
		                                .argv = job->argv,
		                                .env = (char **)job->env,
		                                .stdio = &stdio,
		                                .pid = &job->pid };
	int r = returned(job->s->create_process(&args), "pal_create_process");

	CLAIM(r == 0, "pal_create_process: %s", strerror(-r));
	CLAIM(job->pid > 0, "pal_create_process gave a program the number %d", job->pid);
}

void job_execute(struct job *job)
{
	struct pal_exec_args args = { .pid = job->pid, .exit_value = &job->value };
	int r = returned(job->s->exec(&args), "pal_exec");

	CLAIM(r == 0, "pal_exec: %s", strerror(-r));
}

void job_run(struct job *job)
{
	struct pal_stdio_fds stdio = { job->in, job->out, job->err };
	int r;

	job->value = -1;
	if (job->s->version >= 2) {
		job_create(job);
		job_execute(job);
		return;
	}
	r = returned(job->s->exec_v1(job->argv[0], job->argv, &stdio, &job->value), "pal_exec");
	CLAIM(r == 0, "pal_exec: %s", strerror(-r));
}

static void *job_thread(void *arg)
{
	struct job *job = arg;

	if (job->pid > 0)
		job_execute(job);
	else
		job_run(job);
	return NULL;
}

void job_start(struct job *job)
{
	CLAIM(pthread_create(&job->thread, NULL, job_thread, job) == 0, "no thread");
}

void job_join(struct job *job)
{
	pthread_join(job->thread, NULL);
}
