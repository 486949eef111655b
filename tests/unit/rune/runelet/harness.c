// SPDX-License-Identifier: Apache-2.0
/* Starts and stops runelet for the tests; see harness.h. */
#include "tests/unit/rune/runelet/harness.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#define OPTIONS_MAX 64

char **harness_env;

const char *built(const char *path)
{
	static char text[4][PATH_MAX];
	static int turn;
	char *to = text[turn++ % 4];
	ssize_t n = readlink("/proc/self/exe", to, PATH_MAX / 2);
	char *tests;

	assert_true(n > 0);
	to[n] = '\0';
	tests = strstr(to, "/tests/unit/rune/");
	assert_non_null(tests);
	snprintf(tests, PATH_MAX / 2, "/%s", path);
	return to;
}

static void address_of(const struct container *c, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(ret->sun_path, sizeof(ret->sun_path), "%s/agent.sock", c->folder);
}

static int listen_in(struct container *c)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un address;

	strcpy(c->folder, "/tmp/runelet-test.XXXXXX");
	assert_non_null(mkdtemp(c->folder));
	address_of(c, &address);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 128), 0);
	return fd;
}

static void write_map(pid_t pid, const char *name, const char *text)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* As fork; the child is PID 1 and root of its own namespaces, a user above 65535 to us. */
static pid_t fork_in_namespaces(void)
{
	int go[2];
	pid_t pid;
	char byte;

	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
	assert_true(pid >= 0);
	if (pid == 0) {
		if (read(go[0], &byte, 1) != 1 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
			_exit(125);
		return 0;
	}
	write_map(pid, "uid_map", "0 100000 1");
	write_map(pid, "gid_map", "0 100000 1");
	assert_int_equal(write(go[1], "", 1), 1);
	close(go[0]);
	close(go[1]);
	return pid;
}

static void child(int program, char **argv, int *keep, int in, int out, int err)
{
	char **env = harness_env ? harness_env : environ;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (in >= 0) {
		dup2(in, 0);
		dup2(out, 1);
		dup2(err, 2);
	} else {
		close(0);
		close(1);
		close(2);
	}
	for (int i = 0; i < 2; i++) {
		if (keep[i] >= 0)
			fcntl(keep[i], F_SETFD, 0);
	}
	execveat(program, "", argv, env, AT_EMPTY_PATH);
	_exit(126);
}

static void spawn(struct container *c, char **argv, int *keep, int flags)
{
	int program = open(argv[0], O_PATH | O_CLOEXEC);
	int in[2], out[2], err[2];

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	c->pid = flags & WITH_NAMESPACES ? fork_in_namespaces() : fork();
	if (c->pid == 0)
		child(program, argv, keep, flags & WITH_CLOSED_STDIO ? -1 : in[0], out[1], err[1]);
	close(program);
	close(in[0]);
	close(out[1]);
	close(err[1]);
	c->in = in[1];
	c->out = out[0];
	c->err = err[0];
}

static int append(char **argv, int argc, char **more)
{
	while (*more) {
		assert_true(argc < OPTIONS_MAX - 1);
		argv[argc++] = *more++;
	}
	return argc;
}

void container_begin(struct container *c, const char *pal, int flags, char **options,
                     char **program)
{
	char path[64], agent[16], status[16];
	char *argv[OPTIONS_MAX] = { (char *)(uintptr_t)built("libexec/rune/runelet"), "init" };
	int keep[2] = { -1, -1 }, ends[2];
	int argc = 2;

	*c = (struct container){ .status = -1 };
	snprintf(path, sizeof(path), "tests/integration/runelet-pal-%s.so", pal);
	argc = append(argv, argc,
	              ARGS("--pal", pal[0] == '/' ? (char *)(uintptr_t)pal
	                                          : (char *)(uintptr_t)built(path)));
	if (flags & (WITH_AGENT | WITH_WAIT)) {
		keep[0] = listen_in(c);
		snprintf(agent, sizeof(agent), "%d", keep[0]);
		argc = append(argv, argc, ARGS("--agent-fd", agent));
	}
	if (flags & WITH_STATUS) {
		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		c->status = ends[0];
		keep[1] = ends[1];
		snprintf(status, sizeof(status), "%d", keep[1]);
		argc = append(argv, argc, ARGS("--status-fd", status));
	}
	if (flags & WITH_WAIT)
		argc = append(argv, argc, ARGS("--wait"));
	argc = append(argv, argc, options);
	argc = append(argv, argc, ARGS("--"));
	append(argv, argc, program);
	spawn(c, argv, keep, flags);
	for (int i = 0; i < 2; i++) {
		if (keep[i] >= 0)
			close(keep[i]);
	}
}

void exec_begin(struct container *e, const struct container *c, char **options, char **program)
{
	char *argv[OPTIONS_MAX] = { (char *)(uintptr_t)built("libexec/rune/runelet"), "exec" };
	int keep[2] = { -1, -1 };
	struct sockaddr_un address;
	int argc = 2;

	*e = (struct container){ .status = -1 };
	if (c) {
		address_of(c, &address);
		argc = append(argv, argc, ARGS("--socket", address.sun_path));
	}
	argc = append(argv, argc, options);
	argc = append(argv, argc, ARGS("--"));
	append(argv, argc, program);
	spawn(e, argv, keep, 0);
}

static void wait_readable(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	assert_int_equal(poll(&p, 1, HARNESS_WAIT), 1);
}

static char *read_until(struct container *c, int fd, bool is_line)
{
	size_t used = 0;
	ssize_t n;

	do {
		assert_true(used < sizeof(c->text) - 1);
		wait_readable(fd);
		n = read(fd, c->text + used, is_line ? 1 : sizeof(c->text) - 1 - used);
		assert_true(n >= 0);
		used += (size_t)n;
	} while (n > 0 && !(is_line && c->text[used - 1] == '\n'));
	if (is_line && used > 0 && c->text[used - 1] == '\n')
		used--;
	c->text[used] = '\0';
	return c->text;
}

char *text_from(struct container *c, int fd)
{
	return read_until(c, fd, false);
}

char *line_from(struct container *c, int fd)
{
	return read_until(c, fd, true);
}

/* Its streams stay open until it has ended: it must not end because of them. */
int container_end(struct container *c)
{
	struct sockaddr_un address;
	int status = 0;
	pid_t pid = 0;

	for (int i = 0; i < HARNESS_WAIT / 5 && pid == 0; i++) {
		pid = waitpid(c->pid, &status, WNOHANG);
		if (pid == 0)
			usleep(5000);
	}
	if (pid == 0) {
		kill(c->pid, SIGKILL);
		waitpid(c->pid, &status, 0);
	}
	close(c->in);
	close(c->out);
	close(c->err);
	if (c->status >= 0)
		close(c->status);
	if (c->folder[0] != '\0') {
		address_of(c, &address);
		unlink(address.sun_path);
		rmdir(c->folder);
	}
	assert_int_equal(pid, c->pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int container_connect(const struct container *c)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int size = 2 * AGENT_PAYLOAD_MAX;
	struct sockaddr_un address;

	address_of(c, &address);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return fd;
}

void request(int fd, int type, int value, const void *payload, size_t size, const int *fds)
{
	assert_int_equal(message_send(fd, (enum agent_type)type, value, payload, size, fds), 0);
}

int reply(int fd, struct packet *p)
{
	int r;

	wait_readable(fd);
	r = message_receive(fd, p);
	if (r == 0 || r == -ECONNRESET)
		return 0;
	assert_int_equal(r, 1);
	return (int)p->head.type;
}

void assert_error(int fd, int code, const char *line)
{
	static struct packet p;

	assert_int_equal(reply(fd, &p), AGENT_ERROR);
	p.payload[p.head.payload_size] = '\0';
	assert_string_equal(p.payload, line);
	assert_int_equal(p.head.value, code);
	assert_int_equal(reply(fd, &p), 0);
	close(fd);
}

int ask(const struct container *c, int type)
{
	static struct packet p;
	int fd = container_connect(c);

	request(fd, type, 0, NULL, 0, NULL);
	assert_int_equal(reply(fd, &p), AGENT_OK);
	assert_int_equal(p.head.payload_size, 0);
	close(fd);
	return p.head.value;
}

void running_begin(struct container *c, const char *pal, const char *args)
{
	bool is_v1 = pal[0] == '1';

	container_begin(c, pal, WITH_WAIT, ARGS("--pal-args", (char *)(uintptr_t)args),
	                ARGS(is_v1 ? "cat" : "block"));
	ask(c, AGENT_START);
	if (!is_v1)
		assert_string_equal(line_from(c, c->out), "blocks");
}

void running_end(struct container *c)
{
	assert_int_equal(ask(c, AGENT_STATE), AGENT_STATE_RUNNING);
	kill(c->pid, SIGTERM);
	assert_int_equal(container_end(c), 128 + SIGTERM);
}

int exec_strings(const struct container *c, const char *strings, size_t size, int argc,
                 int *ret_out)
{
	int fd = container_connect(c), ends[2];

	assert_int_equal(pipe(ends), 0);
	request(fd, AGENT_EXEC, argc, strings, size, (int[]){ c->out, ends[1], ends[1] });
	close(ends[1]);
	*ret_out = ends[0];
	return fd;
}
