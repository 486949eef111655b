// SPDX-License-Identifier: Apache-2.0
/* Programs and their table; see process.h. */
#include "pal/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "enclave/abi.h"
#include "lib/base/cleanup.h"

static int count_strings(char *const *list, uint64_t *count, size_t *size)
{
	for (; list && *list; list++) {
		*size += strlen(*list) + 1;
		if (++*count > ENCL_ARGC_MAX || *size > ENCL_ARGS_MAX)
			return -E2BIG;
	}
	return 0;
}

static char *copy_strings(char *to, char *const *list, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		to = stpcpy(to, list[i]) + 1;
	return to;
}

static int set_strings(struct process *p, char *const *argv, char *const *env)
{
	int r = count_strings(argv, &p->argc, &p->strings_size);

	if (r == 0)
		r = count_strings(env, &p->envc, &p->strings_size);
	if (r < 0)
		return r;
	if (p->argc == 0)
		return -EINVAL;
	if (p->argc + p->envc > ENCL_ARGC_MAX)
		return -E2BIG;
	p->strings = malloc(p->strings_size);
	if (!p->strings)
		return -ENOMEM;
	copy_strings(copy_strings(p->strings, argv, p->argc), env, p->envc);
	return 0;
}

static int set_stdio(struct process *p, const struct pal_stdio_fds *stdio)
{
	const int from[3] = { stdio->stdin, stdio->stdout, stdio->stderr };

	for (int i = 0; i < 3; i++) {
		/* Not below 3: the caller may close its own standard streams. */
		p->fd[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 3);
		if (p->fd[i] < 0)
			return -errno;
	}
	return 0;
}

int process_new(char *const *argv, char *const *env, const struct pal_stdio_fds *stdio,
                struct process **ret)
{
	_cleanup_(process_freep) struct process *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	for (int i = 0; i < 3; i++)
		p->fd[i] = -1;
	r = set_strings(p, argv, env);
	if (r == 0)
		r = set_stdio(p, stdio);
	if (r == 0)
		*ret = take_ptr(p);
	return r;
}

void process_free(struct process *p)
{
	if (!p)
		return;
	for (int i = 0; i < 3; i++) {
		if (p->fd[i] >= 0)
			close(p->fd[i]);
	}
	free(p->strings);
	free(p);
}

void process_freep(struct process **p)
{
	process_free(*p);
}

void process_add(struct process_table *table, struct process *p)
{
	struct process **at = &table->first;

	while (*at)
		at = &(*at)->next;
	p->pid = ++table->last_pid;
	p->next = NULL;
	*at = p;
}

void process_remove(struct process_table *table, struct process *p)
{
	struct process **at = &table->first;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	p->next = NULL;
}

struct process *process_find(const struct process_table *table, int pid)
{
	struct process *p = table->first;

	while (p && p->pid != pid)
		p = p->next;
	return p;
}

bool process_matches(const struct process_table *table, const struct process *p, int pid)
{
	if (pid == -1)
		return true;
	if (pid == 0)
		return p->pid == (table->main_pid ? table->main_pid : table->first->pid);
	return p->pid == pid;
}
