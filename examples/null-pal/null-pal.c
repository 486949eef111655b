// SPDX-License-Identifier: Apache-2.0
/*
 * The smallest PAL: version 1 of the API and no enclave at all.  A program is an ordinary process of the
 * container.  It shows what a container runtime asks for before there is anything to protect:
 *
 *	palcheck --basic ./liberpal-null.so -- /usr/local/libexec/palcheck/program
 */
#define PAL_VERSION 1
#include <liberpal.h>

#include <errno.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/wait.h>

static atomic_bool is_ready;

int pal_get_version(void)
{
	return PAL_VERSION;
}

/* A real runtime reads its options from attr->args, and loads its enclave. */
int pal_init(const struct pal_attr_v1 *attr)
{
	if (!attr)
		return -EINVAL;
	return atomic_exchange(&is_ready, true) ? -EALREADY : 0;
}

/* The streams become 0, 1 and 2; first upwards, so that none is overwritten before it was copied. */
static int connect(posix_spawn_file_actions_t *actions, const struct pal_stdio_fds *stdio)
{
	const int fd[3] = { stdio->stdin, stdio->stdout, stdio->stderr };
	int r = 0;

	for (int i = 0; i < 3 && r == 0; i++)
		r = posix_spawn_file_actions_adddup2(actions, fd[i], 500 + i);
	for (int i = 0; i < 3 && r == 0; i++)
		r = posix_spawn_file_actions_adddup2(actions, 500 + i, i);
	return r ? r : posix_spawn_file_actions_addclosefrom_np(actions, 3);
}

int pal_exec(char *path, char *argv[], struct pal_stdio_fds *stdio, int *exit_code)
{
	char *no_environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	int r, status;
	pid_t pid;

	if (!path || !argv || !stdio || !exit_code)
		return -EINVAL;
	if (!is_ready)
		return -EBADFD;
	r = posix_spawn_file_actions_init(&actions);
	if (r != 0)
		return -r;
	r = connect(&actions, stdio);
	if (r == 0)
		r = posix_spawn(&pid, path, &actions, NULL, argv, no_environment);
	posix_spawn_file_actions_destroy(&actions);
	if (r != 0)
		return -r;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	*exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return 0;
}

int pal_destroy(void)
{
	return atomic_exchange(&is_ready, false) ? 0 : -EBADFD;
}
