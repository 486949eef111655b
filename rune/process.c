// SPDX-License-Identifier: Apache-2.0
/*
 * The low-level runtime as a child.  Nothing of rune's leaks into it: every descriptor that rune opens
 * is close-on-exec, and the handed over ones get their numbers between fork and exec.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/hex.h"
#include "lib/base/io.h"
#include "rune/runtime.h"

#define CHILD_FAILED 127

static bool is_for_us(const char *listen_pid)
{
	uint64_t pid;

	return listen_pid && parse_u64(listen_pid, INT_MAX, &pid) == 0 && (pid_t)pid == getpid();
}

int runtime_listen_fds(void)
{
	const char *text = getenv("LISTEN_FDS");
	uint64_t count;

	if (!is_for_us(getenv("LISTEN_PID")) || !text || parse_u64(text, 1024, &count) < 0)
		return 0;
	return (int)count;
}

/*
 * In the child.  Away from where they go first: one could sit on another's place, and dup2 to its own
 * number would leave it to be closed by exec.
 */
static void hand_over(const struct handover *h)
{
	int moved[HANDOVER_MAX];

	for (int i = 0; i < h->count; i++) {
		moved[i] = fcntl(h->fds[i], F_DUPFD_CLOEXEC, h->first + h->count);
		if (moved[i] < 0)
			_exit(CHILD_FAILED);
	}
	for (int i = 0; i < h->count; i++) {
		if (dup2(moved[i], h->first + i) < 0)
			_exit(CHILD_FAILED);
	}
}

static void silence(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null < 0 || dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
		_exit(CHILD_FAILED);
}

static _Noreturn void become(const struct rune *r, const struct command *c,
                             const struct handover *h, int stdout_fd, int listen_fds, pid_t parent)
{
	char pid[16];
	sigset_t none;
	struct err e;

	/* Who kills rune with SIGKILL means the runtime. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(CHILD_FAILED);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (listen_fds > 0) {
		snprintf(pid, sizeof(pid), "%d", getpid());
		setenv("LISTEN_PID", pid, 1);
	}
	if (h)
		hand_over(h);
	if (c->is_silent)
		silence();
	if (stdout_fd >= 0)
		dup2(stdout_fd, STDOUT_FILENO);
	runtime_exec(r, c->words, &e);
	dprintf(STDERR_FILENO, "rune: %s\n", e.text);
	_exit(CHILD_FAILED);
}

int runtime_spawn(const struct rune *r, const struct command *c, const struct handover *h,
                  int stdout_fd, pid_t *ret, struct err *e)
{
	int listen_fds = runtime_listen_fds();
	pid_t parent = getpid();
	/* vfork spares a copy of our memory; a setenv in the child would then be ours as well. */
	pid_t pid = listen_fds > 0 ? fork() : vfork();

	if (pid < 0)
		return err_errno(e, "fork");
	if (pid == 0)
		become(r, c, h, stdout_fd, listen_fds, parent);
	*ret = pid;
	return 0;
}

int runtime_exit_code(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int runtime_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return CHILD_FAILED;
	}
	return runtime_exit_code(status);
}

int runtime_run(const struct rune *r, const struct command *c, const struct handover *h,
                struct err *e)
{
	pid_t pid = -1;

	if (runtime_spawn(r, c, h, -1, &pid, e) < 0)
		return -1;
	return runtime_wait(pid);
}

static int read_all(int fd, char **ret, size_t *ret_size)
{
	_cleanup_(freep) char *text = NULL;
	size_t used = 0, room = 0;
	ssize_t n;

	do {
		if (used + 1 >= room) {
			char *grown = realloc(text, room + 65536);

			if (!grown)
				return -ENOMEM;
			text = grown;
			room += 65536;
		}
		n = read(fd, text + used, room - used - 1);
		if (n < 0 && errno != EINTR)
			return -errno;
		used += n > 0 ? (size_t)n : 0;
	} while (n != 0);
	text[used] = '\0';
	*ret = take_ptr(text);
	*ret_size = used;
	return 0;
}

int runtime_capture(const struct rune *r, const struct command *c, char **ret, size_t *ret_size,
                    struct err *e)
{
	int ends[2], code, exit_code;
	pid_t pid = -1;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(e, "pipe");
	code = runtime_spawn(r, c, NULL, ends[1], &pid, e);
	close(ends[1]);
	if (code < 0) {
		close(ends[0]);
		return -1;
	}
	code = read_all(ends[0], ret, ret_size);
	close(ends[0]); /* a child that would still write must not wait for ever */
	exit_code = runtime_wait(pid);
	if (code < 0) {
		err_set(e, code, "output of %s: %s", r->runtime, strerror(-code));
		return -1;
	}
	return exit_code;
}

int runtime_print(const struct rune *r, const char *text, size_t size, struct err *e)
{
	int code = io_write_all(STDOUT_FILENO, text, size);

	return code < 0 ? err_set(e, code, "%s: stdout: %s", r->command, strerror(-code)) : 0;
}
