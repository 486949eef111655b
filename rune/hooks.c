// SPDX-License-Identifier: Apache-2.0
/*
 * Hooks of start; see hooks.h.  Those of poststart are the host's and are run here, those of
 * startContainer are the container's and are run in it by the low-level runtime's exec.
 */
#include "rune/hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/io.h"
#include "rune/container.h"
#include "rune/runtime.h"
#include "rune/spec/spec.h"

#define FILE_NAME "hooks.json"
#define FILE_MAX  (64 * 1024 * 1024)
#define HIGH_FD   100
#define FAILED    127

/* A program that stands for a hook. */
struct program {
	const char *path;
	char **argv;
	char **env;
	int in;
	int timeout; /* seconds; 0: for ever */
};

static void put_object(json_object **object)
{
	json_object_put(*object);
}

static void free_words(char ***words)
{
	free(*words);
}

/* The file's name by the folder's descriptor. */
static int file_path(const struct rune *r, const char *id, int *ret_folder, char ret[64])
{
	*ret_folder = container_open(r, id);
	snprintf(ret, 64, "/proc/self/fd/%d/" FILE_NAME, *ret_folder);
	return *ret_folder < 0 ? *ret_folder : 0;
}

int hooks_save(const struct rune *r, const char *id, json_object *taken, struct err *e)
{
	_cleanup_(closep) int folder = -1;
	_cleanup_(freep) char *text = NULL;
	char path[64];
	size_t size;
	int code = file_path(r, id, &folder, path);

	/* The container has ended already. */
	if (code == -ENOENT)
		return 0;
	if (code < 0)
		return err_set(e, code, "%s/%s: %s", r->root, id, strerror(-code));
	code = spec_dump(taken, &text, &size, e);
	return code < 0 ? code : io_write_file(path, text, size, 0600, e);
}

int hooks_load(const struct rune *r, const char *id, json_object **ret, struct err *e)
{
	_cleanup_(closep) int folder = -1;
	_cleanup_(freep) char *text = NULL;
	char path[64];
	size_t size;

	*ret = NULL;
	if (file_path(r, id, &folder, path) < 0 ||
	    faccessat(folder, FILE_NAME, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (io_read_file(path, FILE_MAX, &text, &size, e) < 0)
		return -1;
	return spec_load(FILE_NAME, text, size, ret, e);
}

static char **texts(json_object *array, const char *first)
{
	size_t count = array ? json_object_array_length(array) : 0, used = 0;
	char **words = calloc(count + 2, sizeof(*words));

	if (!words)
		return NULL;
	if (first && count == 0)
		words[used++] = (char *)(uintptr_t)first;
	for (size_t i = 0; i < count; i++) {
		const char *text = json_object_get_string(json_object_array_get_idx(array, i));

		if (text)
			words[used++] = (char *)(uintptr_t)text;
	}
	return words;
}

/* A file in memory, at its beginning; above all that a caller hands over, and open across exec. */
static int memory_file(const char *text, size_t size)
{
	_cleanup_(closep) int memory = memfd_create("rune", MFD_CLOEXEC);
	_cleanup_(closep) int fd = memory < 0 ? -1 : fcntl(memory, F_DUPFD, HIGH_FD);

	if (fd < 0 || io_write_all(fd, text, size) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return -1;
	return take_fd(&fd);
}

static _Noreturn void become(const struct program *p, int err_fd)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null < 0 || dup2(p->in, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(err_fd, STDERR_FILENO) < 0)
		_exit(FAILED);
	execve(p->path, p->argv, p->env);
	dprintf(STDERR_FILENO, "%s", strerror(errno));
	_exit(FAILED);
}

/* The last line that the hook wrote to stderr. */
static const char *last_line(int fd, char *text, size_t size)
{
	off_t end = lseek(fd, 0, SEEK_END);
	off_t start = end >= (off_t)size ? end - (off_t)size + 1 : 0;
	ssize_t n = pread(fd, text, size - 1, start);
	char *line;

	text[n < 0 ? 0 : n] = '\0';
	for (size_t used = strlen(text); used > 0 && strchr("\r\n ", text[used - 1]);)
		text[--used] = '\0';
	line = strrchr(text, '\n');
	return line ? line + 1 : text;
}

/* Wait for the hook, at most as long as it may take: its wait status, or -ETIME. */
static int wait_for(pid_t pid, int timeout, int *ret)
{
	_cleanup_(closep) int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd p = { fd, POLLIN, 0 };
	bool is_late = false;

	if (timeout > 0 && fd >= 0 && poll(&p, 1, timeout * 1000) == 0) {
		is_late = true;
		kill(pid, SIGKILL);
	}
	while (waitpid(pid, ret, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return is_late ? -ETIME : 0;
}

static int run(const struct program *p, const char *kind, const char *name, struct err *e)
{
	_cleanup_(closep) int err_fd = memory_file("", 0);
	char text[256];
	int status, r;
	pid_t pid;

	pid = err_fd < 0 ? -1 : fork();
	if (pid < 0)
		return err_errno(e, "%s hook %s", kind, name);
	if (pid == 0)
		become(p, err_fd);
	r = wait_for(pid, p->timeout, &status);
	if (r == -ETIME)
		return err_set(e, r, "%s hook %s: not done after %d s", kind, name, p->timeout);
	if (r < 0)
		return err_set(e, r, "%s hook %s: %s", kind, name, strerror(-r));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return err_set(e, -EIO, "%s hook %s: %s %d: %s", kind, name,
	               WIFSIGNALED(status) ? "signal" : "exit code",
	               WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
	               last_line(err_fd, text, sizeof(text)));
}

static int timeout_of(json_object *hook)
{
	int seconds = json_object_get_int(json_object_object_get(hook, "timeout"));

	return seconds > 0 && seconds < 1000000 ? seconds : 0;
}

static int run_on_host(json_object *hook, int state, const char *kind, struct err *e)
{
	const char *path = json_object_get_string(json_object_object_get(hook, "path"));
	_cleanup_(free_words) char **argv = texts(json_object_object_get(hook, "args"), path);
	_cleanup_(free_words) char **env = texts(json_object_object_get(hook, "env"), NULL);
	/* Without variables of its own a hook has rune's, as it would have the low-level runtime's. */
	const struct program p = { path, argv, env && env[0] ? env : environ, state,
		                   timeout_of(hook) };

	if (!argv || !env)
		return err_set(e, -ENOMEM, "out of memory");
	return run(&p, kind, path, e);
}

static int run_inside(const struct rune *r, const char *id, json_object *taken, json_object *hook,
                      int state, struct err *e)
{
	const char *path = json_object_get_string(json_object_object_get(hook, "path"));
	_cleanup_(put_object) json_object *process = NULL;
	_cleanup_(freep) char *text = NULL;
	_cleanup_(closep) int file = -1;
	struct program p = { r->runtime, NULL, environ, state, timeout_of(hook) };
	struct command c;
	char name[32];
	size_t size;
	int code;

	if (spec_hook_process(taken, hook, &process, e) < 0 ||
	    spec_dump(process, &text, &size, e) < 0)
		return -1;
	file = memory_file(text, size);
	if (file < 0)
		return err_errno(e, "%s hook %s", SPEC_START_HOOKS, path);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", file);
	c = command_begin(r, "exec");
	command_add(&c, "--process");
	command_add(&c, name);
	command_add(&c, "--");
	command_add(&c, id);
	p.argv = c.words;
	code = run(&p, SPEC_START_HOOKS, path, e);
	free(c.words);
	return code;
}

/* The state that hooks get: the low-level runtime's, with the status that the container has for them. */
static int state_file(const struct rune *r, const char *id, const char *status, struct err *e)
{
	_cleanup_(put_object) json_object *state = NULL;
	_cleanup_(freep) char *edited = NULL;
	size_t size;
	int code;

	if (container_state(r, id, &state, e) < 0 ||
	    json_object_object_add(state, "status", json_object_new_string(status)) < 0 ||
	    spec_dump(state, &edited, &size, e) < 0)
		return -1;
	code = memory_file(edited, size);
	return code < 0 ? err_errno(e, "hooks") : code;
}

int hooks_run(const struct rune *r, const char *id, json_object *taken, const char *kind,
              struct err *e)
{
	json_object *list = NULL;
	bool is_inside = strcmp(kind, SPEC_START_HOOKS) == 0;
	size_t count = taken && json_object_object_get_ex(taken, kind, &list)
	                       ? json_object_array_length(list)
	                       : 0;
	int code = 0;

	for (size_t i = 0; code == 0 && i < count; i++) {
		json_object *hook = json_object_array_get_idx(list, i);
		_cleanup_(closep) int state =
			state_file(r, id, is_inside ? "created" : "running", e);

		if (state < 0)
			return -1;
		code = is_inside ? run_inside(r, id, taken, hook, state, e)
		                 : run_on_host(hook, state, kind, e);
	}
	return code;
}
